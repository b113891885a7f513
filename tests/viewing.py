"""What tests of reading share: archives filled in place, and the application without a terminal."""

from contextlib import asynccontextmanager

from archive.dicom.header import read_header
from archive.dicom.part10 import locate_data_set
from archive.errors import NoctisError
from archive.ingest import Arrival, ExistingFile, Mode, accept
from noctis_tui.graphics.terminal.detection import TerminalGraphics
from noctis_tui.interface.app import NoctisApp
from noctis_tui.interface.viewer.screen import ViewerScreen
from noctis_tui.preferences import Preferences

BLOCKS = TerminalGraphics("blocks", 1, 2, 0, "a test")


def files_in(*places):
    """Every file below the places, in order."""
    return [
        file
        for place in places
        for file in (sorted(place.rglob("*")) if place.is_dir() else [place])
        if file.is_file()
    ]


def take_in(archive, files):
    """Record every instance among the files where it lies."""
    arrivals = []
    for file in files:
        try:
            header, (offset, _) = read_header(file), locate_data_set(file)
        except (NoctisError, OSError):
            continue
        arrivals.append(Arrival(ExistingFile(file, offset, Mode.IN_PLACE), header))
    with archive.hold("the tests") as lease:
        return accept(archive, lease, arrivals)


@asynccontextmanager
async def reading(archive, study=None, series=None, *, size=(80, 24), **options):
    """Run the viewer without a terminal until its first picture or card is there."""
    screen = ViewerScreen(archive, study, series, **options)
    app = NoctisApp(archive, BLOCKS, Preferences(), lambda: screen)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, screen)
        yield pilot, screen


async def settled(pilot, screen):
    """Wait until every visible pane shows the frame that it is at."""
    for _ in range(3000):
        await pilot.pause(0.01)
        if all(_shows(pane) for pane in screen.visible_panes):
            return
    raise AssertionError("the panes never showed their frames")


def _shows(pane):
    return pane.state.frame is not None and pane.shown_ref == pane.state.frame
