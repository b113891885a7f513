"""The viewer's part that lists the presets, and keeps a window as one of the reader's own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from archive.dicom.text import visible
from archive.pixels.voi_lut import Window
from noctis_tui.interface.dialogs.choice import Choice, ChoiceDialog
from noctis_tui.interface.viewer.actions import CONTEXT
from noctis_tui.preferences import PresetPreference
from noctis_tui.reading.window_presets import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from archive.pixels.presets import Preset
    from noctis_tui.interface.keymap import Keymap
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.reading.viewport import ViewState


class Viewer(Protocol):
    """What presets need of the screen."""

    @property
    def app(self) -> App[object]:
        """The application."""

    @property
    def keymap(self) -> Keymap:
        """The keymap of the application."""

    @property
    def active(self) -> Pane:
        """The pane that the keys act on."""

    def presets(self) -> Sequence[Preset]:
        """Return the presets for what is in view, key 1 first."""

    def change(self, view: ViewState, pane: Pane | None = None) -> None:
        """Look at a pane's frame, the active one's if none is named, through this view."""

    def say(self, sentence: str) -> None:
        """Show a sentence for a few seconds."""


class Presetting:
    """Presets by name, for the active pane."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    def action_choose_preset(self) -> None:
        """List the presets for what is in view; the one that is chosen is looked through."""
        presets = self._viewer.presets()
        if not presets:
            self._viewer.say("There are no presets for this image.")
            return
        choices = [self._choice(number, preset) for number, preset in enumerate(presets, 1)]
        present = self._viewer.active.state.view.window_name
        places = (place for place, preset in enumerate(presets) if preset.name == present)
        self._viewer.app.push_screen(ChoiceDialog("Look through", choices, chosen=next(places, 0)))

    def _choice(self, number: int, preset: Preset) -> Choice:
        key = self._viewer.keymap.label(CONTEXT, f"preset_{number}") if number <= MOST else ""
        window = preset.window
        return Choice(
            visible(preset.name, 34),
            f"{key:<3}W {window.width:<8.6g} L {window.center:.6g}",
            partial(self._look_through, preset),
        )

    def _look_through(self, preset: Preset) -> None:
        view = self._viewer.active.state.view
        self._viewer.change(view.with_window(preset.window, preset.name))

    def action_keep_window(self) -> None:
        """Ask for the name under which the window in view is kept."""
        from noctis_tui.interface.preferences.preset_dialog import PresetDialog  # noqa: PLC0415 - when asked for

        frame = self._viewer.active.frame
        window = frame.voi(self._viewer.active.state.view) if frame is not None else None
        if frame is None or not isinstance(window, Window):
            self._viewer.say("There is no window to keep: only grey images with a window have one.")
            return
        self._viewer.app.push_screen(
            PresetDialog(
                PresetPreference.model_construct(
                    name="",
                    modality=visible(frame.image.modality, 16),
                    body_part=visible(frame.image.body_part_examined, 64),
                    center=window.center,
                    width=window.width,
                    function=window.function,
                )
            )
        )
