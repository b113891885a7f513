"""Choosing how many panes there are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from noctis_tui.interface.dialogs.choice import Choice, ChoiceDialog
from noctis_tui.interface.viewer.layout_actions import CHOOSER_CONTEXT
from noctis_tui.reading.grid import GRIDS, grid_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from noctis_tui.interface.viewer.grid_actions import GridActions
    from noctis_tui.reading.grid import Grid

_WORDS = ("one", "two", "three")


class LayoutChooser:
    """The part of the viewer that offers layouts."""

    def __init__(self, screen: GridActions, hangings: Callable[[], Awaitable[Sequence[Choice]]]) -> None:
        self._screen = screen
        self._hangings = hangings

    def action_layouts(self) -> None:
        """Offer every grid, and below them the hanging layouts that fit, as soon as they are known."""
        screen = self._screen
        grids = [self._choice(grid) for grid in GRIDS]
        dialog = LayoutDialog(grids, GRIDS.index(screen.grid), screen.lay_out)
        screen.app.push_screen(dialog)
        find: Callable[[], Awaitable[None]] = partial(self._offer_hangings, dialog)
        screen.run_worker(find, group="hangings", exclusive=True)

    async def _offer_hangings(self, dialog: LayoutDialog) -> None:
        dialog.add(await self._hangings())

    def _choice(self, grid: Grid) -> Choice:
        room = self._screen.room_cells
        across, down = grid.pane_cells(*room)
        rows = f"{_WORDS[grid.rows - 1]} row{'s' if grid.rows > 1 else ''}"
        columns = f"{_WORDS[grid.columns - 1]} column{'s' if grid.columns > 1 else ''}"
        small = "" if grid.is_useful_in(*room) else "too small here"
        detail = f"{f'{rows}, {columns}':<28}{f'{across}x{down} cells':<14}"
        return Choice(str(grid), detail, partial(self._screen.lay_out, grid), small)


class LayoutDialog(ChoiceDialog):
    """Offers layouts; two digits, rows and columns, choose at once."""

    hint = "2 3 two rows, three columns"

    def __init__(self, choices: Sequence[Choice], chosen: int, lay_out: Callable[[Grid], None]) -> None:
        super().__init__("Layout", choices, chosen=chosen)
        self._lay_out = lay_out

    @property
    def contexts(self) -> tuple[str, ...]:
        """The digits first."""
        return (CHOOSER_CONTEXT, *super().contexts)

    def action_grid(self, grid: str) -> None:
        """Take the grid whose rows and columns were typed."""
        self.leave_with(partial(self._lay_out, grid_of(grid)))
