"""A person at the product in a real xterm: presses keys, sees the screen, and can ask the archive."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from conftest import REPOSITORY
from pydicom import dcmread
from terminals import Terminal, TerminalFailed

from archive.index.annotation_rows import annotations_of
from archive.index.worklist import instances_of, series_of, studies
from archive.local_archive import LocalArchive
from noctis_tui.reading.stored_measurements import stored_measurements

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from pydicom import Dataset

    from archive.annotations.annotation import Annotations
    from noctis_tui.reading.stored_measurements import StoredMeasurement


class Session:
    """`noctis` on an archive, in an xterm of 120 x 36.

    Parameters
    ----------
    root
        The archive.
    home
        The person's folder: exports and preferences end there.
    pictures
        Where `picture` saves what is on the screen; None for nowhere.
    """

    def __init__(self, root: Path, home: Path, pictures: Path | None = None) -> None:
        self.root, self.home, self._pictures, self._taken = root, home, pictures, 0
        environment = {
            "PYTHONPATH": str(REPOSITORY),
            "HOME": str(home),
            "LOGNAME": "reader",
            "USER": "reader",
        }
        environment |= {"XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data")}
        command = [sys.executable, "-m", "noctis_tui", "--archive", str(root)]
        self.terminal = Terminal("xterm", command, 120, 36, environment=environment)

    def __enter__(self) -> Self:
        self.terminal.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.terminal.__exit__()

    # ---- the hands

    def press(self, *keys: str) -> None:
        """Press keys by their X names; `10*j` is ten times j. What follows from them is to be waited for."""
        for key in keys:
            times, _, name = key.rpartition("*")
            self.terminal.strike(*[name] * int(times or 1))
            if name == "Escape":
                time.sleep(0.2)  # else the terminal says Alt and the next key

    def type(self, text: str) -> None:
        """Type words."""
        self.terminal.type(text)

    def move(self, columns: int, rows: int) -> None:
        """Move the tool's cross by image pixels: tens with Shift, ones without."""
        for count, name in ((columns, ("Left", "Right")), (rows, ("Up", "Down"))):
            key = name[count > 0]
            tens, ones = divmod(abs(count), 10)
            self.terminal.strike(*[f"shift+{key}"] * tens, *[key] * ones)

    # ---- the eyes

    def sees(self, *words: str) -> str:
        """Wait until all words stand on the screen; the screen then."""
        return self._wait(lambda text: all(word in text for word in words), f"no {words}")

    def says(self, *words: str) -> str:
        """Wait until all words stand in one line of the screen; the screen then."""
        return self._wait(
            lambda text: any(all(word in line for word in words) for line in text.splitlines()),
            f"no line with {words}",
        )

    def sees_no_more(self, word: str) -> str:
        """Wait until a word has gone from the screen; the screen then."""
        return self._wait(lambda text: word not in text, f"still {word}")

    def _wait(self, holds: Callable[[str], bool], what: str) -> str:
        end = time.monotonic() + 15
        while not holds(text := self.terminal.text()):
            if time.monotonic() > end:
                raise TerminalFailed(f"{what} on the screen:\n{text}")
            time.sleep(0.05)
        return text

    def shows(self, name: str, holds: Callable[[np.ndarray], object]) -> np.ndarray:
        """Wait until the screen's pixels are as they should be; the picture then."""
        self.terminal.wait_until(holds)
        pixels = self.picture(name)
        assert holds(pixels)
        return pixels

    def picture(self, name: str) -> np.ndarray:
        """Return the pixels at rest, uint8 [rows, columns, 3], and save them for people to look at."""
        pixels = self.terminal.settle(0.25)
        self._taken += 1
        if self._pictures is not None:
            self.terminal.save(self._pictures / f"{self._taken:02}-{name.replace(' ', '-')}.png")
        return pixels

    # ---- the archive

    def kept(self, study: str, holds: Callable[[Annotations], bool]) -> Annotations:
        """Wait until what is kept about a study is as it should be; all of it then."""
        end = time.monotonic() + 10
        while True:
            with LocalArchive.open(self.root) as archive:
                found = annotations_of(archive.index, study)
            if holds(found):
                return found
            if time.monotonic() > end:
                raise TerminalFailed(f"the index has {found}")
            time.sleep(0.05)

    def measured(self, study: str, count: int) -> list[StoredMeasurement]:
        """Wait until the index has so many annotations of a study; what they measure, the oldest first."""
        self.kept(study, lambda found: len(found.annotations) == count)
        with LocalArchive.open(self.root) as archive:
            found = list(stored_measurements(archive.index, study))
        return sorted(found, key=lambda each: each.annotation.created_at)

    def objects_beside(self, modality: str, study: str) -> dict[str, Dataset]:
        """Return a data set of each modality that a study has beside its images' own."""
        with LocalArchive.open(self.root) as archive:
            found = next(each for each in studies(archive.index) if each.study_instance_uid == study)
            rows = [row for row in series_of(archive.index, found.id) if row.modality != modality]
            return {row.modality: dcmread(instances_of(archive.index, row.id)[0].path) for row in rows}
