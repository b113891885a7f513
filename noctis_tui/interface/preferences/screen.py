"""The preferences: every setting with its value, changed in place and kept at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static

from archive.dicom.text import visible
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.path_text import path_text
from noctis_tui.interface.preferences.actions import CONTEXT
from noctis_tui.interface.preferences.keeping import Keeper
from noctis_tui.interface.preferences.presets_screen import PresetsScreen
from noctis_tui.interface.preferences.settings import SETTINGS, Setting
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.row_moves import RowMoves
from noctis_tui.interface.worklist.cells import fit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.preferences import Preferences

_GROUP_CELLS, _TITLE_CELLS, _VALUE_CELLS = 10, 22, 24
_HINTS = (
    (("previous_value", "next_value"), "change"),
    (("default_value",), "default"),
    (("line_up", "line_down"), "move"),
)


class PresetsLine:
    """The line that leads to the presets."""

    group, title, key = "Reading", "Presets of your own", "preset"
    about = (
        "Windows under a name, by modality and body part. They come before the built-in ones under 1 to 9."
    )
    takes_effect = "at once"


PRESETS_LINE = PresetsLine()
_LINES: tuple[Setting | PresetsLine, ...] = (
    *(setting for setting in SETTINGS if setting.group != "Arrivals"),
    PRESETS_LINE,
    *(setting for setting in SETTINGS if setting.group == "Arrivals"),
)


class PreferencesScreen(KeyedScreen):
    """Shows the settings; each change is written to the person's file before the next."""

    CONTEXT = CONTEXT
    DEFAULT_CSS = """
    PreferencesScreen #preferences { height: 1fr; margin: 1 0 0 0; overflow-x: hidden; }
    PreferencesScreen #preference-about { height: 5; padding: 0 2; border-top: solid $rule; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._list: RowList[Setting | PresetsLine] = RowList(
            self._cells, lambda line: line.key, id="preferences"
        )
        self.parts = (RowMoves(self._list),)
        self._said = ""
        self._keeper: Keeper | None = None

    @property
    def _noctis(self) -> NoctisApp:
        return cast("NoctisApp", self.app)

    @property
    def _preferences(self) -> Preferences:
        return self._noctis.preferences

    def compose(self) -> ComposeResult:
        """Lay out the title, the settings, what the one under the cursor means, and the keys."""
        yield Static(id="preferences-title", classes="line", markup=False)
        yield self._list
        yield Static(id="preference-about", markup=False)
        yield Static(id="preferences-hints", classes="line", markup=False)

    def on_mount(self) -> None:
        """Show the settings."""
        self._keeper = Keeper(self._noctis)
        self._list.show(_LINES)  # at once: keys may have been typed ahead
        self._list.focus()
        self.call_after_refresh(self._draw)

    def on_screen_resume(self) -> None:
        """Count the presets again."""
        self._draw()

    def preferences_changed(self) -> None:
        """Show other values in other colours."""
        super().preferences_changed()
        self._draw()

    def on_row_list_moved(self) -> None:
        """Explain the setting under the cursor."""
        self._said = ""
        self._draw()

    def on_row_list_chosen(self) -> None:
        """Change what was double-clicked."""
        self.action_turn(1)

    # ---- what can be asked for

    def action_turn(self, steps: int) -> None:
        """Go to another value; to the presets on their line."""
        line = self._list.row
        if isinstance(line, Setting):
            self._set(line, line.turned(self._preferences, steps))
        elif line is not None and steps > 0:
            self.app.push_screen(PresetsScreen())

    def action_default_value(self) -> None:
        """Remove the person's own value."""
        line = self._list.row
        if isinstance(line, Setting):
            self._set(line, None)

    def action_cancel(self) -> None:
        """Go back."""
        self.action_back()

    def _set(self, setting: Setting, value: object) -> None:
        self.run_worker(self._keep(setting, value))

    async def _keep(self, setting: Setting, value: object) -> None:
        assert self._keeper is not None
        self._said = await self._keeper.set(setting.path, value)
        self._draw()

    # ---- drawing

    def _cells(self, line: Setting | PresetsLine, width: int) -> Iterator[tuple[str, str]]:
        place = _LINES.index(line)
        first_of_group = place == 0 or _LINES[place - 1].group != line.group
        yield f" {fit(line.group if first_of_group else '', _GROUP_CELLS)}", "muted"
        yield f"{fit(line.title, _TITLE_CELLS)} ", "text"
        room = max(width - _GROUP_CELLS - _TITLE_CELLS - 3, 0)
        if not isinstance(line, Setting):
            count = len(self._preferences.preset)
            yield fit(f"{count or 'none'}", room), "bright" if count else "muted"
            return
        value = line.value(self._preferences)
        is_own = value != line.default
        shown = fit(visible(line.words(value)), min(_VALUE_CELLS, room))
        yield shown, "bright" if is_own else "muted"
        yield fit("" if is_own else "default", room - cell_len(shown)), "muted"

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        colors = self.app.theme_variables
        title = Text(" noctis", style=f"bold {colors['accent']}").append("  preferences", colors["muted"])
        where = self._noctis.config
        kept = path_text(where) if where is not None else "kept until you leave: there is no file"
        self.query_one("#preferences-title", Static).update(title.append(f"   {kept}", colors["muted"]))
        self.query_one("#preference-about", Static).update(self._about())
        self.query_one("#preferences-hints", Static).update(self._hints())
        self._list.refresh()

    def _about(self) -> Text:
        colors, line = self.app.theme_variables, self._list.row
        if line is None:
            return Text()
        text = Text(f"{line.about}\n", style=colors["foreground"])
        text.append(f"{line.key}", style=colors["accent"])
        text.append(f"   holds {line.takes_effect}", style=colors["muted"])
        if self._said:
            text.append(f"\n{visible(self._said, 400)}", style=colors["error"])
        return text

    def _hints(self) -> Text:
        colors = self.app.theme_variables
        hints = Text(" ", no_wrap=True)
        last = (("everywhere", "help"), "help"), (("everywhere", "back"), "back")
        for names, word in _HINTS:
            keys = "".join(self.keymap.label(CONTEXT, name) for name in names)
            hints.append(keys, colors["accent"]).append(f" {word}   ", colors["muted"])
        for (context, name), word in last:
            hints.append(self.keymap.label(context, name), colors["accent"])
            hints.append(f" {word}   ", colors["muted"])
        return hints
