"""`noctis view`: read files and folders that are in no archive."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from archive.errors import BadInput, NoctisError, NotFound
from archive.progress import Cancelled, CancelToken
from noctis_tui.commands.loading import loading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archive.local_archive import LocalArchive
    from archive.progress import Progress
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.viewer.screen import ViewerScreen

FIRST_PICTURE_SECONDS = 10.0
"""Indexing leaves the processor to the first picture for so long at most."""
WITHOUT_PICTURE_LIMIT = 200
"""So many readable instances without rows are passed over before one of them opens the view."""


class Site(Protocol):
    """What the global options say, as far as it matters here."""

    @property
    def config(self) -> Path:
        """The file of this user's preferences."""


@click.command("view")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--graphics", type=click.Choice(["sixel", "kitty", "blocks"]), help="Draw pictures this way.")
@click.pass_obj
def view_command(site: Site, paths: tuple[Path, ...], graphics: str | None) -> None:
    """Read files, folders, ZIP files or a DICOMDIR without an archive; nothing is copied.

    Example: noctis view /media/cdrom
    """
    from archive.dicom.text import visible

    for path in paths:
        if not path.exists():
            raise NotFound(f"There is no {visible(str(path), 200)}.")
    first = _FirstFile([path.absolute() for path in paths])
    _show(site, first, graphics)


class _FirstFile:
    """Looks for something to show while the interface is still being loaded."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        self._found: Path | None = None
        self._may_hold_more = False
        self._thread = threading.Thread(target=self._search, name="first-file", daemon=True)
        self._thread.start()

    def result(self) -> Path | None:
        """Return a file to show at once, None when only a container was found, such as a ZIP file.

        Raises
        ------
        BadInput
            Nothing can be read.
        """
        self._thread.join()
        if self._found is None and not self._may_hold_more:
            from archive.dicom.text import visible

            named = ", ".join(visible(str(path), 200) for path in self.paths)
            raise BadInput(f"There is no DICOM file to read in {named}.")
        return self._found

    def _search(self) -> None:
        from archive.dicom.header import read_header

        without_picture = 0
        for file in self._candidates():
            try:
                header = read_header(file)
            except (NoctisError, OSError):
                continue
            if header.rows:
                self._found = file
                return
            self._found = self._found or file
            without_picture += 1
            if without_picture > WITHOUT_PICTURE_LIMIT:
                return

    def _candidates(self) -> Iterator[Path]:
        for path in self.paths:
            for file in _files_below(path) if path.is_dir() else [path]:
                if _is_container(file):
                    self._may_hold_more = True
                elif file.is_file():
                    yield file


def _files_below(folder: Path) -> Iterator[Path]:
    # The order of `archive.importing`, which is not imported here: it brings the whole index along.
    for root, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(root, name) for name in sorted(files))


def _is_container(file: Path) -> bool:
    """Tell a ZIP file or a DICOMDIR, whose instances are found by importing."""
    if file.name.upper() == "DICOMDIR":
        return True
    return file.suffix.lower() == ".zip" and file.is_file()


def _show(site: Site, first: _FirstFile, graphics_wanted: str | None) -> None:
    with loading():
        from noctis_tui.graphics.terminal.detection import detect, require_terminal
        from noctis_tui.graphics.terminal.late_replies import pass_over_late_replies
        from noctis_tui.graphics.terminal.true_color import tell_libraries
        from noctis_tui.interface.app import NoctisApp
        from noctis_tui.interface.viewer.screen import ViewerScreen
        from noctis_tui.preferences import read_preferences

    preferences = read_preferences(site.config)
    preview = first.result()
    require_terminal()
    graphics = replace(detect(graphics_wanted, preferences.graphics), moving=preferences.moving_picture)
    tell_libraries(true_color=graphics.true_color)
    if graphics.answers_late:
        pass_over_late_replies()
    screen = ViewerScreen(None, preview=preview)
    app = NoctisApp(None, graphics, preferences, lambda: screen, config=site.config)
    indexing = _Indexing(first.paths, app, screen)
    indexing.start()
    try:
        app.run_until_left()
    finally:
        indexing.stop()
    if indexing.failure:
        raise BadInput(indexing.failure)


class _Indexing:
    """Indexes the files behind the pictures, in an archive that is gone afterwards."""

    def __init__(self, paths: Sequence[Path], app: NoctisApp, screen: ViewerScreen) -> None:
        self._paths = paths
        self._app = app
        self._screen = screen
        self._token = CancelToken()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="indexing", daemon=True)
        self.failure = ""
        """Why there is nothing to read after all."""

    def start(self) -> None:
        """Begin; the first picture goes first."""
        self._thread.start()

    def stop(self) -> None:
        """End, also early."""
        self._token.cancel()
        self._screen.seen.set()
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        self._screen.seen.wait(FIRST_PICTURE_SECONDS)
        if self._ended.is_set():
            return
        from archive.local_archive import LocalArchive

        with LocalArchive.temporary() as archive:
            self._app.call_later(self._screen.open_archive, archive)
            self._index(archive)
            self._ended.wait()

    def _index(self, archive: LocalArchive) -> None:
        from archive.importing import Mode, import_paths

        try:
            with archive.hold("noctis view") as lease:
                counts = import_paths(
                    archive,
                    lease,
                    self._paths,
                    mode=Mode.IN_PLACE,
                    listener=self._heard,
                    token=self._token,
                )
        except Cancelled:
            return
        except (NoctisError, OSError) as error:
            self._screen.note = str(error)
            return
        self._screen.note = ""
        if not counts.imported and not self._screen.has_preview:
            self.failure = f"There is no DICOM file to read: {counts.skipped} files were passed over."
            self._app.call_later(self._app.exit)

    def _heard(self, progress: Progress) -> None:
        if progress.done % 64 == 0:
            self._screen.note = f"indexing {progress.done}"
