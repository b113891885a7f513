"""A reader who never rests: random keys, mouse, sizes, fonts and stops, at `noctis view` in a real terminal.

What counts is the end: the screen must be what a complete redraw makes of it, then what rendering everything
anew makes of it, and nothing may stay behind after leaving. `restless_plans.Restless`
thinks of things to do, `carry_out` has a `Reader` do them, and can do what another one did.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from conftest import REPOSITORY
from phantoms import AXIAL, CORONAL, generate_uid, write_oriented
from PIL import Image
from terminals import Terminal, TerminalFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

TOAST_SECONDS = 1.0
"""Messages go sooner than for people."""
LAUNCH = f"""
import faulthandler, os, signal
os.makedirs(os.environ["HOME"], exist_ok=True)
faulthandler.register(signal.SIGUSR2, open(os.environ["HOME"] + "/stacks", "w"))
from textual.app import App
App.NOTIFICATION_TIMEOUT = {TOAST_SECONDS}
from noctis_tui.cli import main
main()
"""
COLUMNS, ROWS = 90, 28
MOST_OVERHANG_PX = 12


class Artefact(AssertionError):
    """The screen is not what it should be."""


def write_study(folder: Path) -> Path:
    """Write a study of two small series."""
    shared = {"StudyInstanceUID": generate_uid(), "FrameOfReferenceUID": generate_uid()}
    write_oriented(folder / "1", AXIAL, (-160, -160, 60), slices=8, step_mm=12, SeriesNumber=1, **shared)
    write_oriented(folder / "2", CORONAL, (-160, -40, 260), slices=6, step_mm=12, SeriesNumber=2, **shared)
    return folder


class Reader:
    """One terminal with `noctis view` in it.

    Parameters
    ----------
    kind
        The terminal.
    study
        The folder to read.
    home
        Where what the reader saves ends.
    evidence
        Where pictures of what went wrong go; None for nowhere.
    """

    def __init__(self, kind: str, study: Path, home: Path, evidence: Path | None = None) -> None:
        names = "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"
        environment = {"PYTHONPATH": str(REPOSITORY), **{name: str(home) for name in names}}
        command = [sys.executable, "-c", LAUNCH, "view", str(study)]
        self.terminal = Terminal(kind, command, COLUMNS, ROWS, environment=environment)
        self.done: list[list[Any]] = []
        self.evidence = evidence
        self._home = home

    def __enter__(self) -> Self:
        self.terminal.__enter__()
        # All is indexed when the number of series stands at the right of the first line.
        self.terminal.wait_until(lambda pixels: pixels[:12, pixels.shape[1] * 2 // 3 :].max() > 120, 30)
        self.terminal.settle(0.6, 30)
        return self

    def __exit__(self, *_: object) -> None:
        self.terminal.__exit__()

    def do(self, what: str, *how: Any) -> None:
        """Do something, unless the programme has been left."""
        if self.has_left:
            return
        self.done.append([what, *how])
        getattr(self, f"_do_{what}")(*how)
        if self.terminal.exit_status not in {None, 0}:
            raise Artefact(f"noctis ended with {self.terminal.exit_status}")

    @property
    def has_left(self) -> bool:
        """Whether noctis has ended in good order: some keys may do that."""
        return self.terminal.exit_status == 0

    # ---- things to do

    def _do_keys(self, *keys: str) -> None:
        self.terminal.strike(*keys)

    def _do_type(self, text: str) -> None:
        self.terminal.type(text)

    def _do_rest(self, seconds: float) -> None:
        time.sleep(seconds)

    def _do_resize(self, width_px: int, height_px: int) -> None:
        terminal = self.terminal
        terminal._xdotool("windowsize", "--sync", terminal._window, str(width_px), str(height_px))

    def _do_font(self, step: int) -> None:
        names = {
            "xterm": ("shift+KP_Subtract", "shift+KP_Add"),
            "kitty": ("ctrl+shift+minus", "ctrl+shift+equal"),
        }
        self.terminal.strike(names[self.terminal.kind][step > 0])

    def _do_stop(self, words: str) -> None:
        """Stop the programme as Ctrl+Z does, write something where it was, and let it go on."""
        pid, tty = self._noctis()
        os.kill(pid, signal.SIGTSTP)
        end = time.monotonic() + 10
        while "T (stopped)" not in Path(f"/proc/{pid}/status").read_text():
            if time.monotonic() > end:
                raise Artefact("noctis does not stop")
            time.sleep(0.02)
        time.sleep(0.2)
        tty.write_text(words)
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.3)

    def _noctis(self) -> tuple[int, Path]:
        shell = int(self.terminal._file("pid").read_text())
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
        return int(children[0]), Path(f"/proc/{shell}/fd/0").readlink()

    def _do_drag(self, button: int, start: list[float], end: list[float]) -> None:
        self.terminal.drag(self._point(start), self._point(end), button, steps=4)

    def _do_click(self, button: int, at: list[float], times: int) -> None:
        for _ in range(times):
            self.terminal.click(*self._point(at), button)

    def _point(self, share: list[float]) -> tuple[int, int]:
        width, height = self.terminal.size_px
        return int(share[0] * (width - 1)), int(share[1] * (height - 1))

    # ---- looking

    def look(self) -> None:
        """Compare what is on the screen with a complete redraw, then with everything rendered anew.

        Raises
        ------
        Artefact
            They differ, or something stayed behind after leaving.
        """
        if not self.has_left:
            self._compare("redrawn", self._redraw, TOAST_SECONDS + 1)
        if not self.has_left:
            self.do("keys", *["Escape"] * 4)
            time.sleep(0.3)
            self.do("keys", "g")  # also stops what plays
            self._compare("redrawn in the open", self._redraw)
            self._compare("rendered anew", self._render_anew)
        if not self.has_left:
            self.do("keys", "ctrl+q")
        self._check_gone()

    def _redraw(self) -> None:
        self.do("keys", "ctrl+l")

    def _render_anew(self) -> None:
        width, height = self.terminal.size_px
        self.do("resize", width + 60, height + 60)
        self.terminal.settle(0.3)
        self.do("resize", width, height)

    def _compare(self, how: str, change: Callable[[], None], still_seconds: float = 0.5) -> None:
        before = self._still(still_seconds)
        change()
        time.sleep(0.1)
        after = self._still(0.5)
        if self.has_left or any(self._are_alike(one, other) for one in before for other in after):
            return
        self._keep(before[0], f"{how}-before")
        self._keep(after[0], f"{how}-after")
        count = int((before[0] != after[0]).any(axis=2).sum()) if before[0].shape == after[0].shape else -1
        raise Artefact(f"{count} pixels differ when {how}")

    def _are_alike(self, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
        if one.shape != other.shape:
            return False
        (bottom, _), (right, width) = self._cells_px()
        # What xterm's letters leave in the margin beyond the cells is its own.
        differing = (one[:bottom, :right] != other[:bottom, :right]).any(axis=2)
        if self.terminal.kind == "xterm" and differing.sum() <= MOST_OVERHANG_PX:
            # So is where a smoothed letter reaches into the next cell, which depends on which came first.
            differing[:, 0::width] = differing[:, width - 1 :: width] = False
        return not differing.any()

    def _cells_px(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Height of all cells and of one, width of all and of one."""
        shell = int(self.terminal._file("pid").read_text())
        with Path(f"/proc/{shell}/fd/0").open("rb") as tty:
            size = fcntl.ioctl(tty, termios.TIOCGWINSZ, bytes(8))
        rows, columns, width, height = struct.unpack("HHHH", size)
        cell = max(height // rows, 1), max(width // columns, 1)
        return (cell[0] * rows, cell[0]), (cell[1] * columns, cell[1])

    def _wait_idle(self) -> None:
        """Wait until the programme has nothing to do: on a busy machine a still screen may not be at rest."""
        end, before = time.monotonic() + 30, self._busy_seconds()
        while time.monotonic() < end:
            is_waiting = True
            for _ in range(6):
                time.sleep(0.06)
                is_waiting = is_waiting and not self._wants_processor()
            now = self._busy_seconds()
            if is_waiting and now - before <= 0.04:
                return
            before = now

    def _wants_processor(self) -> bool:
        try:
            threads = Path(f"/proc/{self._noctis()[0]}/task").glob("*/stat")
            return any(thread.read_text().rpartition(")")[2].split()[0] == "R" for thread in threads)
        except (OSError, IndexError):
            return False  # it has left

    def _busy_seconds(self) -> float:
        try:
            fields = Path(f"/proc/{self._noctis()[0]}/stat").read_text().rpartition(")")[2].split()
        except (OSError, IndexError):
            return 0.0  # it has left
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _still(self, still_seconds: float) -> list[NDArray[np.uint8]]:
        """What the screen shows when nothing happens: some pictures, for a cursor may blink."""
        if not self._settles(still_seconds):
            self._stop_playing(still_seconds)
        shots = [self.terminal.screenshot()]
        for _ in range(3):
            time.sleep(0.2)
            shots.append(self.terminal.screenshot())
        return shots

    def _settles(self, still_seconds: float) -> bool:
        self._wait_idle()
        try:
            self.terminal.settle(still_seconds, 8)
        except TerminalFailed:
            return False
        return True

    def _stop_playing(self, still_seconds: float) -> None:
        for _ in range(4):
            self.do("keys", "Escape")
            time.sleep(0.3)
            self.do("keys", "j")
            if self._settles(still_seconds):
                return
        raise Artefact("the screen never comes to rest")

    def _check_gone(self) -> None:
        end = time.monotonic() + 15
        while self.terminal.exit_status is None and time.monotonic() < end:
            time.sleep(0.05)
        if self.terminal.exit_status is None:
            self._keep_stacks()
        if self.terminal.exit_status != 0:
            raise Artefact(f"noctis did not leave in good order: {self.terminal.exit_status}")
        pixels = self.terminal.settle(0.3) if not self._is_blank() else self.terminal.screenshot()
        if (pixels.max(axis=2) < 40).mean() < 0.9:
            self._keep(pixels, "left")
            raise Artefact("something stayed on the screen after leaving")

    def _keep_stacks(self) -> None:
        """Keep what its threads are doing, and what is to be seen, when it should have left."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            os.kill(self._noctis()[0], signal.SIGUSR2)
        time.sleep(0.5)
        self._keep(self.terminal.screenshot(), "still-there")
        if self.evidence is not None and (self._home / "stacks").exists():
            shutil.copy(self._home / "stacks", self.evidence / "stacks.txt")

    def _is_blank(self) -> bool:
        pixels = self.terminal.screenshot()
        return bool((pixels == pixels[0, 0]).all())

    def _keep(self, pixels: NDArray[np.uint8], name: str) -> None:
        if self.evidence is not None:
            self.evidence.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(self.evidence / f"{name}.png")

    def keep_sequence(self, plan: list[list[Any]]) -> None:
        """Write what was planned beside the pictures."""
        if self.evidence is not None:
            self.evidence.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(each) for each in plan]
            (self.evidence / "plan.jsonl").write_text(
                "\n".join([json.dumps(self.terminal.kind), *lines]) + "\n"
            )


def carry_out(reader: Reader, plan: list[list[Any]]) -> None:
    """Do all that is planned in a terminal, and look.

    Raises
    ------
    Artefact
        What was to be seen is wrong; its pictures and what was done are kept.
    """
    try:
        with reader:
            for what, *how in plan:
                reader.do(what, *how)
            reader.look()
    except (Artefact, TerminalFailed):
        reader.keep_sequence(plan)
        raise
