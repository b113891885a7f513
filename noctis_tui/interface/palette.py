"""The command palette: the actions of the present screen, found by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import Command, CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider

from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.left_once import LeftOnce

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noctis_tui.interface.actions import Action


class Palette(CommandPalette, LeftOnce[None]):
    """Textual's palette, which may be closed while it still looks for commands."""

    def _refresh_command_list(
        self, command_list: CommandList, commands: list[Command], clear_current: bool
    ) -> None:
        # Textual 8.2 looks for its list once more without asking whether it is still there, and ends the app.
        if command_list.is_attached:
            super()._refresh_command_list(command_list, commands, clear_current)


class ActionProvider(Provider):
    """Offers what the registry holds for the screen that the palette was opened from."""

    async def discover(self) -> Hits:
        """Offer every action, the screen's own first."""
        for screen, action in self._actions():
            yield DiscoveryHit(action.title, partial(screen.perform, action), help=self._help(screen, action))

    async def search(self, query: str) -> Hits:
        """Offer the actions whose title resembles the query."""
        matcher = self.matcher(query)
        for screen, action in self._actions():
            score = matcher.match(action.title)
            if score > 0:
                perform = partial(screen.perform, action)
                yield Hit(score, matcher.highlight(action.title), perform, help=self._help(screen, action))

    def _actions(self) -> Iterator[tuple[KeyedScreen, Action]]:
        screen = self.screen
        if isinstance(screen, KeyedScreen):
            for context in screen.contexts:
                for action in screen.keymap.registry.of(context):
                    if action.name not in {"palette", "cancel"}:
                        yield screen, action

    def _help(self, screen: KeyedScreen, action: Action) -> str:
        return "  ".join(screen.keymap.labels_of(action))
