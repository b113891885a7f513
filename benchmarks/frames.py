"""Frames in the running app: `noctis view` in real xterm and kitty, against textual-image and img2sixel.

A CT of 512 x 512 fills about 1000 x 1000 pixels, without text over it. Real keys are pressed by xdotool:
single ones for the latency, then one that is held, on to the end (slices that the terminal never saw) and
back (slices that it has seen). Each program runs behind `link.py`, which counts bytes and the answers to
the fence that every program writes behind its frames: a frame counts when the terminal has read it, one
that comes in parts when it has read the one with the patient's back. textual-image gets the pictures
windowed and scaled; img2sixel runs in a loop of its own, two frames in flight, and once more as a shell
would call it, a frame after the other.

kitty keeps what was sent ahead while nothing moved, and shows it for a hundred bytes: frames that were sent
while moving are counted apart. The moving ratio is how many times more bytes textual-image's picture of the
same slice takes, without the cells that it writes with each. `ours_exact` is `noctis view` with
`moving_picture = "exact"`.

What the terminal shows is compared with the rendering: at rest, and while moving, where recorded streams
are replayed up to a frame that was sent. Greys are how many different ones the picture area has. Medians
over the rounds, and of the rounds' ratios ours : peer.

    python benchmarks/frames.py [--rounds 3] [--terminal xterm|kitty] [--slices 120] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import encode
import numpy as np
from ct_slices import write_ct
from encode import textual_image_to_kitty
from terminals import Terminal
from watched import HERE, Frame, Watched, nearest, psnr, replay

AREA_PX = 1000
KEYS_A_SECOND = 60
LONE_KEYS = 8
LOOKS = 3
"""Moving frames of a run that are looked at."""
LOOP_SECONDS = 5.0
IMG2SIXEL = "img2sixel", "img2sixel_loop"
LEAST_SENT_BYTES = 1000
"""A frame of fewer shows what the terminal has."""
MOVING_TARGET = 10
COUNTED_AT = 0.74
"""Share of the height where frames are counted: the back of the patient, the last that changes."""


@dataclass
class Measured:
    """One run of one program in one terminal; None where it does not apply."""

    new_fps: float
    seen_fps: float | None = None
    first_ms: float | None = None
    final_ms: float | None = None
    new_bytes: float = 0.0
    sent_bytes: float | None = None
    seen_bytes: float | None = None
    rest_bytes: float | None = None
    moving_ratio: float | None = None
    moving_db: float | None = None
    moving_greys: float | None = None
    rest_db: float = 0.0
    rest_greys: float = 0.0


class Held(NamedTuple):
    """What came of a held key; `sent`: the frames that were not there."""

    fps: float
    bytes_a_frame: float
    sent: list[Frame]

    @property
    def sent_bytes(self) -> float | None:
        """How many bytes each of them took."""
        return statistics.fmean(frame.end - frame.begin for frame in self.sent) if self.sent else None


ROWS = (
    ("new_fps", "new slices, frames a second", True),
    ("seen_fps", "seen slices, frames a second", True),
    ("first_ms", "key to its first picture, ms", False),
    ("final_ms", "key to its last picture, ms", False),
    ("new_bytes", "new slices, bytes a frame", False),
    ("sent_bytes", "new slices sent, bytes a frame", False),
    ("seen_bytes", "seen slices, bytes a frame", False),
    ("rest_bytes", "one step at rest, bytes", False),
    ("moving_ratio", "moving, textual-image's bytes", None),
    ("moving_db", "moving, dB", None),
    ("moving_greys", "moving, greys", None),
    ("rest_db", "at rest, dB", None),
    ("rest_greys", "at rest, greys", None),
)


class Bench:
    """The pictures for one terminal, and every program's run in it."""

    def __init__(self, kind: str, files: list[Path], folder: Path) -> None:
        self.kind, self.files, self.folder = kind, files, folder
        with Terminal(kind, ["sleep", "60"], 100, 30) as terminal:
            self.cell = terminal.cell_px
        columns, rows = round(AREA_PX / self.cell[0]), round(AREA_PX / self.cell[1])
        self.size = columns, rows + 2  # a line above and one below the picture
        self.width, self.height = columns * self.cell[0], rows * self.cell[1]
        self.stack = self._render()

    def _render(self) -> np.ndarray:
        from noctis_tui.reading.frame_reading import read_frame
        from noctis_tui.reading.rendering import render
        from noctis_tui.reading.viewport import OverlayLevel, ViewState

        view = ViewState().with_overlay(OverlayLevel.NONE)
        stack = np.stack(
            [render(read_frame(file), view, self.width, self.height).pixels for file in self.files]
        )
        np.save(self.folder / "stack.npy", stack)
        pictures = self.folder / "pgm"
        pictures.mkdir(exist_ok=True)
        for number, pixels in enumerate(stack):
            head = b"P5\n%d %d\n255\n" % (self.width, self.height)
            (pictures / f"{number:04}.pgm").write_bytes(head + pixels.tobytes())
        return stack

    def area(self, screenshot: np.ndarray) -> np.ndarray:
        """The picture's grey pixels in what a terminal shows."""
        return screenshot[self.cell[1] :, :, 1][: self.height, : self.width]

    def noctis_view(self, moving: str = "small") -> list[str]:
        """The command that shows the series without text over it."""
        config = self.folder / f"{moving}.toml"
        config.write_text(f'overlay = "none"\nmoving_picture = "{moving}"\n')
        return [
            sys.executable,
            "-m",
            "noctis_tui",
            "--config",
            str(config),
            "view",
            str(self.files[0].parent),
        ]

    def textual_image_app(self) -> list[str]:
        """The command that shows the same with textual-image."""
        protocol = {"xterm": "sixel", "kitty": "kitty"}[self.kind]
        script = [sys.executable, str(HERE / "frames_peers.py"), "textual-image", protocol]
        return [*script, str(self.folder / "stack.npy")]

    def ours(self, line: tuple[str, ...] = ()) -> Measured:
        """`noctis view`."""
        return self._driven(self.noctis_view(), line)

    def ours_exact(self, line: tuple[str, ...] = ()) -> Measured:
        """`noctis view` that moves in all of the images' own pixels where the line carries them."""
        return self._driven(self.noctis_view("exact"), line)

    def textual_image(self, line: tuple[str, ...] = ()) -> Measured:
        """A textual-image app."""
        return self._driven(self.textual_image_app(), line)

    def watched(self, command: list[str], line: tuple[str, ...] = ()) -> Watched:
        """Run a program in the terminal."""
        watched = Watched(self.kind, command, self.size, line)
        watched.cell_height_px = self.cell[1]
        watched.line_px = self.cell[1] + round(self.height * COUNTED_AT)
        return watched

    def _driven(self, command: list[str], line: tuple[str, ...]) -> Measured:
        with self.watched(command, line) as watched:
            watched.rest(2.5)
            watched.hold("k", 3, 10)
            watched.rest(1.0)
            lone = [self._lone_step(watched) for _ in range(LONE_KEYS)]
            new = self._held(watched, "j")
            at_end = self.area(watched.terminal.settle())
            seen = self._held(watched, "k")
            measured = Measured(
                new_fps=new.fps,
                seen_fps=seen.fps,
                first_ms=statistics.median(step[0] for step in lone),
                final_ms=statistics.median(step[1] for step in lone),
                new_bytes=new.bytes_a_frame,
                sent_bytes=new.sent_bytes,
                seen_bytes=seen.bytes_a_frame,
                rest_bytes=statistics.median(step[2] for step in lone),
            )
            measured.rest_db, measured.rest_greys, _ = self._judge(at_end)
            if self._looks_moving:
                self._look_moving(watched, new.sent, measured)
        return measured

    _looks_moving = True

    def _lone_step(self, watched: Watched) -> tuple[float, float, int]:
        before, written = len(watched.frames()), watched.written()
        watched.terminal.press("j")
        watched.rest(0.5, least_frames=before + 1)
        pressed = watched.keys()[-1]
        frames = watched.frames()[before:]
        taken = [frame.taken_at for frame in frames if frame.is_whole or frame is frames[-1]]
        return (taken[0] - pressed) * 1e3, (taken[-1] - pressed) * 1e3, watched.written() - written

    def _held(self, watched: Watched, key: str) -> Held:
        """Hold a key until all slices have passed."""
        began, keys = len(watched.frames()), len(watched.keys())
        watched.hold(key, len(self.files) - LONE_KEYS - 1, KEYS_A_SECOND)
        watched.rest(1.0, least_frames=began + 1)
        pressed = watched.keys()[keys:]
        frames = [frame for frame in watched.frames()[began:] if frame.is_whole]
        moving = [frame for frame in frames if frame.taken_at <= pressed[-1]]
        seconds = pressed[-1] - pressed[0]
        counted = moving or frames  # what is sent at rest, or ahead, is no part of what moves
        size = (counted[-1].end - counted[0].begin) / len(counted)
        sent = [frame for frame in moving if frame.end - frame.begin >= LEAST_SENT_BYTES]
        return Held(len(moving) / seconds, size, sent)

    def _judge(self, shown: np.ndarray) -> tuple[float, int, int]:
        number = nearest(shown, self.stack)
        return psnr(shown, self.stack[number]), len(np.unique(shown)), number

    def _look_moving(self, watched: Watched, frames: list[Frame], measured: Measured) -> None:
        places = np.linspace(len(frames) // 4, len(frames) - 2, LOOKS).astype(int)
        seen = [frames[place] for place in sorted(set(places)) if 0 <= place < len(frames)]
        shots = replay(self.kind, self.size, watched.record, [frame.end for frame in seen])
        looks = [self._judge(self.area(shot)) for shot in shots] if seen else []
        if looks:
            measured.moving_db = statistics.median(look[0] for look in looks)
            measured.moving_greys = statistics.median(look[1] for look in looks)
            if self.kind == "kitty":
                costs = [frame.end - frame.begin for frame in seen]
                peers = [self._by_textual_image(look[2]) for look in looks]
                measured.moving_ratio = statistics.median(p / c for p, c in zip(peers, costs, strict=True))

    def _by_textual_image(self, number: int) -> int:
        """Bytes of its picture of a slice."""
        encode.SCREEN_PX = self.width, self.height
        return len(textual_image_to_kitty(self.stack[number], "L")[1])

    def img2sixel(self, line: tuple[str, ...] = ()) -> Measured:
        """A loop around img2sixel that encodes a frame while the terminal reads the one before."""
        return self._img2sixel(2, line)

    def img2sixel_loop(self, line: tuple[str, ...] = ()) -> Measured:
        """A plain loop around img2sixel: a frame after the other."""
        return self._img2sixel(1, line)

    def _img2sixel(self, in_flight: int, line: tuple[str, ...]) -> Measured:
        script = [sys.executable, str(HERE / "frames_peers.py"), "img2sixel", "1x2"]
        command = [*script, str(self.folder / "pgm"), str(LOOP_SECONDS), str(in_flight)]
        with self.watched(command, line) as watched:
            watched.rest(1.5)
            frames = watched.frames()
            fps = (len(frames) - 1) / (frames[-1].taken_at - frames[0].taken_at)
            decibels, greys, _ = self._judge(self.area(watched.terminal.settle()))
            size = (frames[-1].end - frames[0].end) / (len(frames) - 1)
        return Measured(
            fps, new_bytes=size, rest_db=decibels, rest_greys=greys, moving_db=decibels, moving_greys=greys
        )


def report(kind: str, rounds: list[dict[str, Measured]]) -> None:
    """Print medians of all, and the median of the rounds' ratios to each peer."""
    names = list(rounds[0])
    print(
        f"\n{kind:34}" + "".join(f"{name:>15}" for name in names) + "".join(f"   ours:{n}" for n in names[1:])
    )
    for field, words, more_is_better in ROWS:
        values = [[getattr(run[name], field) for name in names] for run in rounds]
        cells = [_median([row[place] for row in values]) for place in range(len(names))]
        line = f"  {words:32}" + "".join(f"{_number(cell):>15}" for cell in cells)
        for place in range(1, len(names)):
            pairs = [(row[0], row[place]) for row in values if row[0] and row[place]]
            if pairs and more_is_better is not None:
                ratio = statistics.median(a / b if more_is_better else b / a for a, b in pairs)
                line += f"{ratio:>{8 + len(names[place])}.1f}x"
        print(line)


def report_moving(rounds: list[dict[str, Measured]]) -> None:
    """Say whether a moving picture is as small as it should be, and how near."""
    ratio, near = (
        _median([getattr(run["ours"], name) for run in rounds]) for name in ("moving_ratio", "moving_db")
    )
    if ratio is not None:
        met = "met" if ratio >= MOVING_TARGET else "NOT met"
        print(f"  {met}: moving {ratio:.1f} >= {MOVING_TARGET} times fewer bytes, at {_number(near)} dB")


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if value == float("inf"):
        return "exact"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--slices", type=int, default=120)
    parser.add_argument("--terminal", choices=["xterm", "kitty"], action="append")
    parser.add_argument(
        "--program", choices=["ours", "textual_image", "ours_exact", *IMG2SIXEL], action="append"
    )
    parser.add_argument("--json", type=Path, help="where the figures of every round go")
    wanted = parser.parse_args()
    kept = {}
    with tempfile.TemporaryDirectory(prefix="frames-") as name:
        files = write_ct(Path(name) / "ct", wanted.slices)
        for kind in wanted.terminal or ("xterm", "kitty"):
            bench = Bench(kind, files, Path(name))
            programs = ["ours", "textual_image", *(IMG2SIXEL if kind == "xterm" else ["ours_exact"])]
            programs = [program for program in programs if program in (wanted.program or programs)]
            rounds = []
            for number in range(wanted.rounds):
                rounds.append({program: getattr(bench, program)() for program in programs})
                print(f"{kind}: round {number + 1} of {wanted.rounds}", file=sys.stderr, flush=True)
            print(f"{bench.width} x {bench.height} pixels, {time.strftime('%F %R')}", end="")
            report(kind, rounds)
            if kind == "kitty" and "ours" in programs:
                report_moving(rounds)
            kept[kind] = [{name: asdict(run) for name, run in each.items()} for each in rounds]
    if wanted.json:
        wanted.json.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
