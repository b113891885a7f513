"""Real terminal emulators under a virtual X server: run a command in one, type, point, look at its pixels.

Used by the tests and by `screenshots/take.py`. Everything started here has a process group of its own and is
ended by its id. Needs Xvfb, xdotool and ImageMagick's `import`, and the terminal.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from emulators import kitty, mlterm, xterm
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

Kind = Literal["xterm", "kitty", "mlterm"]
PROGRAMS = ("Xvfb", "xdotool", "import")
FORGOTTEN = (
    "TMUX",
    "TMUX_PANE",
    "STY",
    "TERM_PROGRAM",
    "KITTY_WINDOW_ID",
    "WAYLAND_DISPLAY",
    "NO_COLOR",
    "CI",
    "COLUMNS",
    "LINES",
)
"""Variables of the terminal that runs the tests, which must not reach the one that is tested."""


class TerminalFailed(Exception):
    """A terminal or its display did not start, or never came to rest."""


@dataclass
class Terminal:
    """One emulator that runs one command.

    Attributes
    ----------
    kind
        Which emulator.
    command
        Program and arguments; it runs with the terminal as stdin, stdout and stderr.
    columns, rows
        Size in cells.
    font_size
        In points; 10 gives cells of about 8 x 17 pixels.
    environment
        Added to the command's environment.
    options
        Added to the emulator's command line.
    """

    kind: Kind
    command: Sequence[str]
    columns: int = 80
    rows: int = 24
    font_size: float = 10
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()

    def __enter__(self) -> Self:
        self._started: list[subprocess.Popen[bytes]] = []
        self._folder = tempfile.TemporaryDirectory(prefix="noctis-terminal-")
        try:
            self._start_display()
            self._start_emulator()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._started):
            _end(process)
        with contextlib.suppress(OSError, ValueError):
            # The command leads a session of its own on the emulator's pseudo-terminal.
            os.killpg(int(self._file("pid").read_text()), signal.SIGKILL)
        self._folder.cleanup()

    # ---- starting

    def _start_display(self) -> None:
        reading, writing = os.pipe()
        # Room to grow: without a window manager nothing is moved into view.
        screen = f"{self.columns * 14 + 400}x{self.rows * 30 + 300}x24"
        arguments = [
            "Xvfb",
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            screen,
            "-dpi",
            "96",
            "-nolisten",
            "tcp",
        ]
        self._environment = {name: value for name, value in os.environ.items() if name not in FORGOTTEN}
        self._spawn([*arguments, "-noreset"], pass_fds=(writing,))
        os.close(writing)
        with os.fdopen(reading) as number:
            display = number.readline().strip()
        if not display:
            raise TerminalFailed("Xvfb did not start")
        self._environment.update(DISPLAY=f":{display}", LC_ALL="C.UTF-8", COLORTERM="truecolor")

    def _start_emulator(self) -> None:
        script = self._write_script()
        log = self._file("log").open("wb")
        if self.kind == "xterm":
            printer = self._printer()
            sized = xterm(self.columns, self.rows, self.font_size)
            arguments = [*sized, *printer, *self.options, "-e", "sh", script]
        elif self.kind == "mlterm":
            self._environment.update(XDG_CONFIG_HOME=self._folder.name, HOME=self._folder.name)
            sized = mlterm(self.columns, self.rows, self.font_size)
            arguments = [*sized, *self.options, "-e", "sh", script]
        else:
            self._environment.update(LIBGL_ALWAYS_SOFTWARE="1", KITTY_DISABLE_WAYLAND="1")
            self._environment.update(XDG_CACHE_HOME=self._folder.name, XDG_CONFIG_HOME=self._folder.name)
            arguments = [*kitty(self.columns, self.rows, self.font_size), *self.options, "sh", script]
        emulator = self._spawn(arguments, stdout=log, stderr=log)
        self.emulator_pid = emulator.pid
        self._window = self._find_window(emulator)
        self._xdotool("windowmove", self._window, "0", "0")
        self._xdotool("windowfocus", "--sync", self._window)

    def _write_script(self) -> str:
        # xterm takes COLORTERM away from its child.
        variables = {"COLORTERM": "truecolor", **self.environment}
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
        path = self._file("command.sh")
        path.write_text(
            f"echo $$ > {self._file('pid')}\n{exports}{shlex.join(self.command)}\n"
            f"echo $? > {self._file('status.part')}; mv {self._file('status.part')} {self._file('status')}\n"
            "exec sleep 1000000\n"
        )
        return str(path)

    def _printer(self) -> list[str]:
        """Have xterm write what it shows, without its pictures, to a file when F12 is pressed."""
        part, page = (shlex.quote(str(self._file(name))) for name in ("page.part", "page"))
        resources = {
            "printerCommand": f"cat > {part}; mv {part} {page}",
            "printAttributes": 0,
            "VT100.translations": "#override <Key>F12: print()",
        }
        return [word for name, value in resources.items() for word in ("-xrm", f"*{name}: {value}")]

    def _find_window(self, emulator: subprocess.Popen[bytes]) -> str:
        end = time.monotonic() + 20
        while time.monotonic() < end and emulator.poll() is None:
            # mlterm takes no other name.
            name = ("--class", "mlterm") if self.kind == "mlterm" else ("--classname", "noctis-test")
            found = self._xdotool("search", "--onlyvisible", *name, check=False).split()
            if found:
                return found[-1]
            time.sleep(0.05)
        raise TerminalFailed(
            f"{self.kind} did not start: {self._file('log').read_text(errors='replace')[-800:]}"
        )

    def _spawn(self, arguments: list[str], **options) -> subprocess.Popen[bytes]:
        defaults = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(
            arguments, start_new_session=True, env=self._environment, **{**defaults, **options}
        )
        self._started.append(process)
        return process

    def _file(self, name: str) -> Path:
        return Path(self._folder.name) / name

    def _xdotool(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        if check and done.returncode:
            raise TerminalFailed(f"xdotool {shlex.join(words)}: {done.stderr.strip()}")
        return done.stdout

    # ---- looking

    def screenshot(self) -> NDArray[np.uint8]:
        """Pixels of the window, uint8 [rows, columns, 3]."""
        width, height = self.size_px
        grabbed = subprocess.run(
            ["import", "-silent", "-window", self._window, "-depth", "8", "rgb:-"],
            env=self._environment,
            capture_output=True,
            timeout=20,
            check=True,
        ).stdout
        return np.frombuffer(grabbed, np.uint8).reshape(height, width, 3)

    def save(self, path: Path) -> None:
        """Write the window as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(self.screenshot()).save(path, optimize=True)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the window."""
        lines = self._xdotool("getwindowgeometry", "--shell", self._window).split()
        geometry = dict(line.split("=", 1) for line in lines)
        return int(geometry["WIDTH"]), int(geometry["HEIGHT"])

    @property
    def cell_px(self) -> tuple[int, int]:
        """Width and height of a character cell."""
        width, height = self.size_px
        return width // self.columns, height // self.rows

    @property
    def spare_px(self) -> tuple[int, int]:
        """What the window is larger than its cells, in both directions."""
        (width, height), (cell_width, cell_height) = self.size_px, self.cell_px
        return width - self.columns * cell_width, height - self.rows * cell_height

    @property
    def resident_mib(self) -> int:
        """Memory of the emulator itself."""
        lines = Path(f"/proc/{self._started[-1].pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmRSS"))

    @property
    def exit_status(self) -> int | None:
        """The command's exit status, None while it runs."""
        status = self._file("status")
        return int(status.read_text()) if status.exists() else None

    def text(self) -> str:
        """Return the characters on the screen of an xterm, line by line; its pictures are blanks."""
        page = self._file("page")
        page.unlink(missing_ok=True)
        self._xdotool("key", "F12")
        end = time.monotonic() + 5
        while not page.exists():
            if time.monotonic() > end:
                raise TerminalFailed(f"{self.kind} does not print its screen")
            time.sleep(0.02)
        return page.read_text("utf-8", "replace")

    def settle(self, still_seconds: float = 0.4, within_seconds: float = 20.0) -> NDArray[np.uint8]:
        """Wait until something is drawn and has not changed for a while; the pixels then."""
        end = time.monotonic() + within_seconds
        before, since = self.screenshot(), time.monotonic()
        while time.monotonic() < end:
            time.sleep(0.05)
            now = self.screenshot()
            blank = (now == now[0, 0]).all()
            if blank or now.shape != before.shape or (now != before).any():
                before, since = now, time.monotonic()
            elif time.monotonic() - since >= still_seconds:
                return now
        raise TerminalFailed(f"the picture did not come to rest within {within_seconds} s")

    def wait_until(self, holds, within_seconds: float = 20.0) -> NDArray[np.uint8]:
        """Wait until `holds(pixels)`; the pixels then."""
        end = time.monotonic() + within_seconds
        while time.monotonic() < end:
            pixels = self.screenshot()
            if holds(pixels):
                return pixels
            time.sleep(0.05)
        raise TerminalFailed(f"what was waited for did not appear within {within_seconds} s")

    # ---- acting

    def press(self, *keys: str) -> None:
        """Press keys by their X names: `j`, `Return`, `ctrl+p`, `bracketleft`."""
        for key in keys:
            self._xdotool("key", "--clearmodifiers", key)

    def strike(self, *keys: str, delay_ms: int = 15) -> None:
        """Press keys as fast as one that is held repeats."""
        if keys:
            self._xdotool("key", "--clearmodifiers", "--delay", str(delay_ms), *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "8", "--", text)

    def move(self, x: int, y: int) -> None:
        """Move the mouse to a pixel of the window."""
        self._xdotool("mousemove", "--window", self._window, str(x), str(y))

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click at a pixel of the window; buttons 4 and 5 are the wheel."""
        self.move(x, y)
        self._xdotool("click", str(button))

    def drag(self, start: tuple[int, int], end: tuple[int, int], button: int = 1, steps: int = 10) -> None:
        """Drag with a button held."""
        self.move(*start)
        self._xdotool("mousedown", str(button))
        for step in range(1, steps + 1):
            self.move(*(round(a + (b - a) * step / steps) for a, b in zip(start, end, strict=True)))
            time.sleep(0.02)
        self._xdotool("mouseup", str(button))

    def hide_and_show(self) -> None:
        """Take the window away and bring it back, with the keyboard."""
        self._xdotool("windowunmap", "--sync", self._window)
        self._xdotool("windowmap", "--sync", self._window)
        self._xdotool("windowfocus", "--sync", self._window)

    def change_font(self, *, larger: bool) -> None:
        """Take an xterm's next font; its window keeps its cells and takes another size."""
        before = self.cell_px
        self.press("shift+KP_Add" if larger else "shift+KP_Subtract")
        end = time.monotonic() + 5
        while self.cell_px == before:
            if time.monotonic() > end:
                raise TerminalFailed(f"{self.kind} keeps its font")
            time.sleep(0.05)

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size in cells."""
        width, height = self.cell_px
        self.columns, self.rows = columns, rows
        # kitty's window is a pixel larger than its cells; a spare pixel costs no terminal a cell.
        self._xdotool("windowsize", "--sync", self._window, str(width * columns + 1), str(height * rows + 1))


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            return
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            continue
        return
