"""The presets of a person: listed, added, changed, removed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.widgets import Static

from archive.dicom.text import visible
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.preferences.actions import PRESETS_CONTEXT
from noctis_tui.interface.preferences.keeping import Keeper
from noctis_tui.interface.preferences.preset_dialog import PresetDialog
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.row_moves import RowMoves
from noctis_tui.interface.worklist.cells import fit
from noctis_tui.preferences.editing import put_preset, remove_preset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.preferences import PresetPreference

_HINTS = (
    ("add_preset", "another"),
    ("edit_preset", "change"),
    ("remove_preset", "remove"),
    ("bring_back", "bring back"),
)
_NAME, _MODALITY, _BODY_PART, _NUMBER = 22, 5, 14, 9
NONE_YET = "You have no presets of your own yet."


class PresetsScreen(KeyedScreen):
    """Shows the `[[preset]]` tables of the person's file."""

    CONTEXT = PRESETS_CONTEXT
    DEFAULT_CSS = """
    PresetsScreen #presets { height: 1fr; overflow-x: hidden; }
    PresetsScreen #presets-titles { height: 1; margin: 1 0 0 0; color: $muted; }
    PresetsScreen #no-presets { height: 1fr; padding: 1 2; color: $muted; display: none; }
    PresetsScreen.-empty #no-presets { display: block; }
    PresetsScreen.-empty #presets, PresetsScreen.-empty #presets-titles { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._list: RowList[PresetPreference] = RowList(
            self._cells, lambda preset: preset.identity, id="presets"
        )
        self.parts = (RowMoves(self._list),)
        self._removed: PresetPreference | None = None
        self._said = ""

    @property
    def _noctis(self) -> NoctisApp:
        return cast("NoctisApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the title, the presets and the keys."""
        yield Static(id="presets-title", classes="line", markup=False)
        yield Static(_titles(), id="presets-titles", markup=False)
        yield self._list
        yield Static(id="no-presets", markup=False)
        yield Static(id="presets-hints", classes="line", markup=False)

    def on_mount(self) -> None:
        """Show the presets."""
        self._keeper = Keeper(self._noctis)
        self._list.focus()
        self.call_after_refresh(self._draw)

    def preferences_changed(self) -> None:
        """Show what is there now."""
        super().preferences_changed()
        self._draw()

    def on_row_list_chosen(self) -> None:
        """Change what was double-clicked."""
        self.action_edit_preset()

    # ---- what can be asked for

    def action_add_preset(self) -> None:
        """Ask for another preset."""
        self.app.push_screen(PresetDialog())

    def action_edit_preset(self) -> None:
        """Change the preset under the cursor."""
        if self._list.row is not None:
            self.app.push_screen(PresetDialog(self._list.row, replaces=self._list.row))

    def action_remove_preset(self) -> None:
        """Remove the preset under the cursor."""
        preset, config = self._list.row, self._noctis.config
        if preset is not None and config is not None:
            self.run_worker(self._remove(preset))

    async def _remove(self, preset: PresetPreference) -> None:
        assert self._noctis.config is not None
        self._said = await self._keeper.keep(partial(remove_preset, self._noctis.config, preset))
        if not self._said:
            self._removed = preset
            key = self.keymap.label(PRESETS_CONTEXT, "bring_back")
            self._said = f"{preset.name} is removed; {key} brings it back."
        self._draw()

    def action_bring_back(self) -> None:
        """Write again what was removed last."""
        if self._removed is not None:
            self.run_worker(self._bring_back(self._removed))

    async def _bring_back(self, preset: PresetPreference) -> None:
        assert self._noctis.config is not None
        self._said = await self._keeper.keep(partial(put_preset, self._noctis.config, preset))
        self._removed = None
        self._draw()

    def action_cancel(self) -> None:
        """Go back."""
        self.action_back()

    # ---- drawing

    def _cells(self, preset: PresetPreference, width: int) -> Iterator[tuple[str, str]]:
        yield f" {fit(visible(preset.name), _NAME)} ", "bright"
        yield f"{fit(visible(preset.modality) or 'any', _MODALITY)} ", "text"
        yield f"{fit(visible(preset.body_part) or 'any', _BODY_PART)} ", "text"
        yield f"{fit(f'{preset.center:g}', _NUMBER, right=True)} ", "text"
        yield f"{fit(f'{preset.width:g}', _NUMBER, right=True)}  ", "text"
        rest = width - _NAME - _MODALITY - _BODY_PART - 2 * _NUMBER - 7
        yield fit(preset.function.lower().replace("_", " "), max(rest, 0)), "muted"

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        colors, presets = self.app.theme_variables, self._noctis.preferences.preset
        self.set_class(not presets, "-empty")
        self._list.show(presets)
        title = Text(" noctis", style=f"bold {colors['accent']}").append("  presets", colors["muted"])
        title.append(f"   {visible(self._said, 300)}", colors["foreground"])
        self.query_one("#presets-title", Static).update(title)
        add, keep = (
            self.keymap.label(PRESETS_CONTEXT, "add_preset"),
            self.keymap.label("reading", "keep_window"),
        )
        hint = f"{NONE_YET} {add} adds one; while you read, {keep} keeps the window that you look through."
        self.query_one("#no-presets", Static).update(hint)
        hints = Text(" ", no_wrap=True)
        for name, word in _HINTS if presets else _HINTS[:1]:
            hints.append(self.keymap.label(PRESETS_CONTEXT, name), colors["accent"])
            hints.append(f" {word}   ", colors["muted"])
        hints.append(self.keymap.label("everywhere", "back"), colors["accent"]).append(
            " back", colors["muted"]
        )
        self.query_one("#presets-hints", Static).update(hints)


def _titles() -> str:
    return (
        f" {fit('Name', _NAME)} {fit('Kind', _MODALITY)} {fit('Body part', _BODY_PART)} "
        f"{fit('Centre', _NUMBER, right=True)} {fit('Width', _NUMBER, right=True)}  Function"
    )
