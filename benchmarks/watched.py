"""Programs in real terminals behind `link.py`: what they sent, when the terminal had it, what it shows."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from terminals import Terminal, TerminalFailed  # noqa: E402 - the tests' harness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PATH = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH", "")]))


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture that the terminal has taken in.

    Attributes
    ----------
    written_at, taken_at
        Seconds: when its fence was written, and when the terminal had answered it.
    begin, end
        Which of the program's bytes came since the fence before it, and with it.
    is_whole
        Whether it, or its part, crosses the line that tells frames apart (`Watched.line_px`).
    """

    written_at: float
    taken_at: float
    begin: int
    end: int
    is_whole: bool


class Watched:
    """A program in a terminal, behind a link.

    Parameters
    ----------
    kind
        The terminal.
    command
        The program.
    size
        Columns and rows.
    line
        Options of `link.py`, such as `--mbit 10`.

    Attributes
    ----------
    line_px, cell_height_px
        A picture may come in parts, from top to bottom. The part with this line of the screen, which every
        picture changes and few parts come after, counts for the picture.
    """

    line_px = 0
    cell_height_px = 1

    def __init__(self, kind: str, command: list[str], size: tuple[int, int], line: tuple[str, ...] = ()):
        self._folder = tempfile.TemporaryDirectory(prefix="watched-")
        self.log, self.record = (Path(self._folder.name) / name for name in ("log", "record"))
        link = [sys.executable, str(HERE / "link.py"), *line]
        link += ["--log", str(self.log), "--record", str(self.record), "--", *command]
        self.terminal = Terminal(kind, link, *size, environment={"PYTHONPATH": PATH})

    def __enter__(self) -> Self:
        self.terminal.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.terminal.__exit__()
        self._folder.cleanup()

    def events(self) -> list[dict]:
        """What passed so far."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}")]

    def frames(self) -> list[Frame]:
        """Pictures that the terminal has taken in so far."""
        frames, open_fences, before = [], [], 0
        for event in self.events():
            if event["what"] == "fence":
                open_fences.append((event, before))
                before = event["offset"]
            elif event["what"] == "taken" and open_fences:
                fence, begin = open_fences.pop(0)
                if fence["pictures"]:
                    is_whole = any(self._crosses(*picture) for picture in fence["pictures"])
                    frames.append(Frame(fence["at"], event["at"], begin, fence["offset"], is_whole))
        return frames

    def _crosses(self, row: int, height_px: int | None) -> bool:
        top = (row - 1) * self.cell_height_px
        return height_px is None or top <= self.line_px < top + height_px

    def keys(self) -> list[float]:
        """When keys were pressed."""
        return [event["at"] for event in self.events() if event["what"] == "key"]

    def written(self) -> int:
        """How many bytes the program has written."""
        return self.record.stat().st_size if self.record.exists() else 0

    def rest(self, still_seconds: float = 0.7, within_seconds: float = 60.0, least_frames: int = 1) -> None:
        """Wait until the program writes no picture for a while, and the terminal has all of them."""
        end = time.monotonic() + within_seconds
        before, since = (), time.monotonic()
        while time.monotonic() < end:
            now = (len(self.frames()), self.written() >> 12)  # the clock of a footer is no picture
            if now != before:
                before, since = now, time.monotonic()
            elif time.monotonic() - since >= still_seconds and now[0] >= least_frames:
                return
            if self.terminal.exit_status is not None:
                raise TerminalFailed(f"the program ended with {self.terminal.exit_status}")
            time.sleep(0.05)
        raise TerminalFailed(f"no rest within {within_seconds} s: {before}")

    def hold(self, key: str, count: int, a_second: float) -> None:
        """Press a key again and again; return when a busy terminal, too, has sent the first ones."""
        before, end = len(self.keys()), time.monotonic() + 60
        self.terminal.strike(*[key] * count, delay_ms=round(1000 / a_second))
        while len(self.keys()) == before:
            if time.monotonic() > end:
                raise TerminalFailed("the terminal sends no keys")
            time.sleep(0.05)


def replay(kind: str, size: tuple[int, int], record: Path, cuts: list[int]) -> Iterator[NDArray[np.uint8]]:
    """What a terminal shows that has read the record as far as each of the cuts."""
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        command = [sys.executable, str(HERE / "replay.py"), str(record), folder, *map(str, cuts)]
        with Terminal(kind, command, *size) as terminal:
            for cut in cuts:
                end = time.monotonic() + 60
                while not (Path(folder) / f"at-{cut}").exists():
                    if time.monotonic() > end:
                        raise TerminalFailed("the replay does not go on")
                    time.sleep(0.02)
                yield terminal.settle(0.25)
                (Path(folder) / f"seen-{cut}").touch()


def psnr(shown: NDArray[np.uint8], wanted: NDArray[np.uint8]) -> float:
    """Peak signal to noise ratio in dB; infinite where both are the same."""
    error = float(np.mean((shown.astype(np.float32) - wanted.astype(np.float32)) ** 2))
    return 10 * np.log10(255**2 / error) if error else float("inf")


def nearest(shown: NDArray[np.uint8], stack: NDArray[np.uint8]) -> int:
    """Which picture of the stack it is."""
    few = shown[::7, ::7].astype(np.float32)
    return int(np.argmin([np.mean((few - each[::7, ::7]) ** 2) for each in stack]))
