"""Keeping a change of the preferences: in the person's file, and in the interface that runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from noctis_tui.interface.keymap_profiles import keymap_of
from noctis_tui.preferences.editing import change_setting, with_setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.preferences import Preferences


class Keeper:
    """Writes changes one after the other and has the application take them up.

    An application without a file takes a change up for as long as it runs.
    """

    def __init__(self, app: NoctisApp) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    async def set(self, path: tuple[str, ...], value: object) -> str:
        """Change one setting, None to its default; return why it could not be, else an empty text."""

        def change() -> Preferences:
            changed = with_setting(self._app.preferences, path, value)
            keymap_of(changed)  # what the interface would refuse is not written
            return changed if self._app.config is None else change_setting(self._app.config, path, value)

        return await self.keep(change)

    async def keep(self, change: Callable[[], Preferences]) -> str:
        """Make a change in a thread and take up what it returns; return why it could not be made."""
        async with self._turn:
            try:
                self._app.apply(await asyncio.to_thread(change))
            except NoctisError as error:
                return str(error)
        return ""
