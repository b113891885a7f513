"""The window that all planes of a volume are looked at through."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from archive.pixels.voi_lut import Window
from noctis_tui.interface.dialogs.choice import Choice, ChoiceDialog
from noctis_tui.interface.mpr.actions import CONTEXT
from noctis_tui.reading.reconstruction.volume_range import full_range
from noctis_tui.reading.tools import windowed
from noctis_tui.reading.window_presets import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.pixels.presets import Preset
    from noctis_tui.interface.mpr.screen import MprScreen
    from noctis_tui.reading.viewport import ViewState

_WINDOW_STEP, _CENTER_STEP = 0.05, 0.04


class Windowing:
    """Changes the window; parameters as for the viewer's keys of the same names."""

    def __init__(self, screen: MprScreen) -> None:
        self._screen = screen

    @property
    def view(self) -> ViewState:
        """What the active pane is looked at through: the projection has a window of its own."""
        screen = self._screen
        if screen.active is screen.turned and screen.sampling is not None:
            return screen.turned.view_beside(screen.view, screen.sampling.volume)
        return screen.view

    def _look(self, view: ViewState) -> None:
        screen = self._screen
        if screen.sampling is None:
            return
        if screen.active is screen.turned:
            voi = screen.source.voi(view)
            window = voi if isinstance(voi, Window) else None
            screen.turning_volume.look(screen.turned.state.with_window(window, view.window_name))
        else:
            self._share(view)

    def _share(self, view: ViewState) -> None:
        if self._screen.state is not None:
            self._screen.change(self._screen.state.with_view(view))

    def dragged(self, begun: ViewState, wider: float, higher: float) -> None:
        """Change the window with which a drag began."""
        self._look(windowed(begun, self._screen.source.frame, wider, higher))

    def action_widen(self, steps: int) -> None:
        """Widen the window, narrow it for negative steps."""
        self._look(windowed(self.view, self._screen.source.frame, wider=steps * _WINDOW_STEP))

    def action_raise_center(self, steps: int) -> None:
        """Raise the centre of the window, lower it for negative steps."""
        self._look(windowed(self.view, self._screen.source.frame, higher=steps * _CENTER_STEP))

    def presets(self) -> Sequence[Preset]:
        """Return the presets for the series, key 1 first."""
        preferences = getattr(self._screen.app, "preferences", None)
        return self._screen.source.presets(preferences.preset if preferences is not None else ())

    def action_preset(self, number: int) -> None:
        """Look through the preset with this number."""
        presets = self.presets()
        if number <= len(presets):
            preset = presets[number - 1]
            self._look(self.view.with_window(preset.window, preset.name))
            return
        names = f"presets 1 to {min(len(presets), MOST)}" if presets else "no presets for this series"
        self._screen.say(f"There are {names}.")

    def action_choose_preset(self) -> None:
        """List the presets; the one that is chosen is looked through."""
        presets = self.presets()
        if not presets:
            self._screen.say("There are no presets for this series.")
            return
        choices = [self._choice(number, preset) for number, preset in enumerate(presets, 1)]
        places = (place for place, preset in enumerate(presets) if preset.name == self.view.window_name)
        self._screen.app.push_screen(ChoiceDialog("Look through", choices, chosen=next(places, 0)))

    def _choice(self, number: int, preset: Preset) -> Choice:
        key = self._screen.keymap.label(CONTEXT, f"preset_{number}") if number <= MOST else ""
        window = preset.window
        text = f"{key:<3}W {window.width:<8.6g} L {window.center:.6g}"
        return Choice(visible(preset.name, 34), text, partial(self._look_through, preset))

    def _look_through(self, preset: Preset) -> None:
        self._look(self.view.with_window(preset.window, preset.name))

    def action_full_range(self) -> None:
        """Show every value between the lowest and the highest of the volume."""
        sampling = self._screen.sampling
        if sampling is None:
            return
        ends = full_range(sampling.volume)
        window = Window((ends[0] + ends[1]) / 2, max(ends[1] - ends[0], 1e-6), "LINEAR_EXACT", "Full range")
        self._look(self.view.with_window(window, "Full range"))

    def action_own_window(self) -> None:
        """Show the file's own window; asked again, its next one."""
        if self._screen.state is None:
            return
        shown, vois = self.view.window is None, self._screen.source.frame.own_vois
        following = (self.view.voi_index + 1) % len(vois)
        self._look(self.view.with_own_window(following if shown else self.view.voi_index))

    def action_invert(self) -> None:
        """Exchange black and white."""
        self._share(self._screen.view.with_inversion_toggled())

    def action_overlays(self) -> None:
        """Write all, little or nothing over the pictures."""
        self._share(self._screen.view.with_next_overlay())
