"""The interface over a throw-away archive, in a terminal that is not there: for tests."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from arrivals import sent, spooled

from archive.index.changes import wake_followers
from archive.ingest import accept
from archive.local_archive import LocalArchive
from noctis_tui.graphics.terminal.detection import TerminalGraphics
from noctis_tui.interface.app import NoctisApp
from noctis_tui.interface.receiver.child import Attached
from noctis_tui.interface.receiver.status_line import Vitals
from noctis_tui.interface.worklist.screen import WorklistScreen
from noctis_tui.preferences import Preferences

if TYPE_CHECKING:
    from pathlib import Path

BLOCKS = TerminalGraphics("blocks", 1, 2, 0, "a test")


class NoReception:
    """Nobody receives; arrivals are put into the archive by the test itself."""

    address = ("127.0.0.1", 11112, "NOCTIS_SCP")
    vitals = Vitals(Attached("A test holds the archive."), None, None)

    async def watch(self, changed) -> None:
        changed()

    def start(self, changed) -> None:
        changed()

    async def close(self) -> None:
        return


@contextmanager
def open_archive(root: Path):
    with LocalArchive.open(root) as archive, archive.hold("a test") as lease:
        yield archive, lease


def arrive(archive, lease, *studies: int, instances: int = 1, series: str = "1", **attributes) -> None:
    """Put instances of studies into the archive, as the receiver would; the numbers become UIDs and names."""
    arrivals = [
        spooled(
            archive,
            sent(
                study=f"1.2.{number}",
                series=f"1.2.{number}.{series}",
                sop=f"1.2.{number}.{series}.{time.monotonic_ns()}",
                **{"PatientID": f"P{number}", "PatientName": f"Patient^{number:05}"} | attributes,
            ),
        )
        for number in studies
        for _ in range(instances)
    ]
    for outcome in accept(archive, lease, arrivals):
        assert not isinstance(outcome, Exception), outcome
    wake_followers(archive.layout.run)


def worklist_app(
    archive, reception=None, note: str = "", preferences: Preferences | None = None
) -> NoctisApp:
    reception = reception or NoReception()
    opening = lambda: WorklistScreen(archive, BLOCKS, reception, note)  # noqa: E731 - what the app is built with
    return NoctisApp(archive, BLOCKS, preferences or Preferences(), opening)


@asynccontextmanager
async def running(app: NoctisApp, size: tuple[int, int] = (120, 36), *, toasts: bool = False):
    async with app.run_test(size=size, notifications=toasts) as pilot:
        await settled(pilot)
        yield pilot


async def settled(pilot, until=lambda: True, seconds: float = 60) -> None:
    """Wait until the workers have nothing to do and the condition holds."""
    deadline = time.monotonic() + seconds
    while True:
        await pilot.pause(0.05)
        if until():
            await pilot.pause(0.05)
            return
        assert time.monotonic() < deadline, "it did not happen in time"


def screen_text(app) -> str:
    """Return what the screen shows, as plain lines."""
    return "\n".join(
        "".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()
    )
