"""One preset, filled in by a person, checked as the file would be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from archive.dicom.text import visible
from archive.errors import BadInput
from archive.strict_toml import read_values
from noctis_tui.interface.keyed_dialog import KeyedDialog
from noctis_tui.interface.preferences.actions import PRESET_CONTEXT
from noctis_tui.interface.preferences.keeping import Keeper
from noctis_tui.preferences import PresetPreference
from noctis_tui.preferences.editing import put_preset

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from noctis_tui.interface.app import NoctisApp

_FIELDS = (
    ("name", "Name", "as the corner of the picture says it"),
    ("modality", "Modality", "CT, MR, PT...; empty for any"),
    ("body_part", "Body part", "a word of it, such as CHEST; empty for any"),
    ("center", "Centre", "in modality values: HU for CT"),
    ("width", "Width", "greater than 0"),
    ("function", "Function", "LINEAR, LINEAR_EXACT or SIGMOID"),
)


class PresetDialog(KeyedDialog):
    """Asks for a preset and writes it.

    Parameters
    ----------
    preset
        What the fields begin with.
    replaces
        The preset whose place it takes; None adds it.
    """

    CONTEXT = PRESET_CONTEXT
    DEFAULT_CSS = """
    PresetDialog .preset-line { height: 1; }
    PresetDialog .preset-label { width: 12; color: $muted; }
    PresetDialog Input { height: 1; border: none; padding: 0 1; background: $surface; width: 1fr; }
    PresetDialog Input:focus { border: none; background: $cursor; }
    PresetDialog #preset-said { height: auto; margin: 1 0 0 0; color: $error; display: none; }
    """

    def __init__(
        self, preset: PresetPreference | None = None, *, replaces: PresetPreference | None = None
    ) -> None:
        super().__init__()
        self._preset = preset
        self._replaces = replaces

    @property
    def _noctis(self) -> NoctisApp:
        return cast("NoctisApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the fields and the keys."""
        with Vertical(classes="dialog"):
            title = "Change a preset" if self._replaces is not None else "Keep a preset"
            yield Static(title, markup=False, classes="dialog-title")
            for name, label, hint in _FIELDS:
                with Horizontal(classes="preset-line"):
                    yield Static(label, classes="preset-label", markup=False)
                    yield Input(self._filled(name), placeholder=hint, id=f"preset-{name}", max_length=64)
            yield Static(id="preset-said", markup=False)
            yield Static(id="preset-hints", markup=False, classes="dialog-foot")

    def on_mount(self) -> None:
        """Begin with the name."""
        colors = self.app.theme_variables
        self.query_one("#preset-name").focus()
        hints = Text(no_wrap=True)
        for context, name, word in (
            (PRESET_CONTEXT, "save", "keep it"),
            ("everywhere", "next_pane", "next field"),
            ("everywhere", "cancel", "leave it"),
        ):
            hints.append(self.keymap.label(context, name), colors["accent"])
            hints.append(f" {word}   ", colors["muted"])
        self.query_one("#preset-hints", Static).update(hints)

    def _filled(self, name: str) -> str:
        if self._preset is None:
            return "LINEAR" if name == "function" else ""
        value = getattr(self._preset, name)
        return f"{value:g}" if isinstance(value, float | int) else str(value)

    def on_input_submitted(self) -> None:
        """Keep it."""
        self.action_save()

    def action_save(self) -> None:
        """Check the fields and write the preset."""
        try:
            preset = read_values(self._values(), PresetPreference, "This preset")
        except BadInput as error:
            self._say(str(error))
            return
        self.run_worker(self._write(preset), exclusive=True)

    def _values(self) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, label, _ in _FIELDS:
            text = self.query_one(f"#preset-{name}", Input).value.strip()
            values[name] = _number(label, text) if name in {"center", "width"} else text
        values["function"] = str(values["function"]).upper() or "LINEAR"
        return values

    async def _write(self, preset: PresetPreference) -> None:
        config = self._noctis.config
        if config is None:
            self._say("There is no file to keep it in.")
            return
        change = partial(put_preset, config, preset, replaces=self._replaces)
        said = await Keeper(self._noctis).keep(change)
        if said:
            self._say(said)
        else:
            app = self._noctis
            self.dismiss()
            app.say(f"The preset {preset.name} is kept.")

    def _say(self, sentence: str) -> None:
        said = self.query_one("#preset-said", Static)
        said.update(visible(sentence, 400))
        said.display = True


def _number(label: str, text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise BadInput(f"{label}: {visible(text, 40) or 'nothing'} is not a number.") from None
