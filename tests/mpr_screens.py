"""The planes of a series on the screen, without a terminal: for tests."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from viewing import BLOCKS, reading

from noctis_tui.interface.app import NoctisApp
from noctis_tui.interface.mpr.screen import MprScreen
from noctis_tui.interface.mpr.source import MprSource
from noctis_tui.preferences import Preferences
from noctis_tui.reading.frame_reading import read_frame
from noctis_tui.reading.viewport import ViewState

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["mpr_of", "reading", "settled"]


async def until(pilot, holds, seconds: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        await pilot.pause(0.01)


async def settled(pilot, screen: MprScreen) -> None:
    """Wait until everything is loaded and every pane shows what was asked for."""
    await until(pilot, lambda: _is_settled(screen))
    await pilot.pause()


def _is_settled(screen: MprScreen) -> bool:
    if screen.has_class("-refused"):
        return True
    return screen.state is not None and screen.progress is None and screen.is_caught_up


@asynccontextmanager
async def mpr_of(
    paths: list[Path], *, size=(120, 40), view: ViewState | None = None, frame: int | None = None
):
    """Run the planes of a series without a terminal until they are shown."""
    middle = paths[len(paths) // 2 if frame is None else frame]
    source = MprSource(lambda: tuple(paths), read_frame(middle, 0), view or ViewState())
    screen = MprScreen(source)
    app = NoctisApp(None, BLOCKS, Preferences(), lambda: screen)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, screen)
        yield pilot, screen
