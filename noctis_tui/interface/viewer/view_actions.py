"""The actions that look at the same frame in another way: window, zoom, pan, turn, probe, overlays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom.text import visible
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.viewer.actions import CONTEXT, PAN_TOOL, PROBE_TOOL, WINDOW_TOOL, ZOOM_TOOL
from noctis_tui.interface.viewer.enhancing_actions import ENHANCE_TOOL
from noctis_tui.interface.viewer.measuring_actions import CHOSEN, MEASURING_ACTIONS
from noctis_tui.reading.tools import DragTool, at_true_size, magnified, panned, probed, windowed
from noctis_tui.reading.window_presets import MOST, presets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.pixels.presets import Preset
    from noctis_tui.interface.actions import Action
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.preferences import PresetPreference
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.viewport import ViewState

_OF_PICTURES = frozenset({"Window", "Place", "Enhance"})
"""Groups of actions that look at a picture in another way."""
_DRAWING = (action.name for action in MEASURING_ACTIONS if action.method == "draw")
_ON_PICTURES = frozenset({"probe_tool", "key_image", *_DRAWING})
_WINDOW_STEP, _CENTER_STEP = 0.05, 0.04
_PAN_STEP = 0.04
_DRAG_TOOLS = {
    "": DragTool.WINDOW,
    WINDOW_TOOL: DragTool.WINDOW,
    ENHANCE_TOOL: DragTool.WINDOW,
    ZOOM_TOOL: DragTool.ZOOM,
    PAN_TOOL: DragTool.PAN,
    CHOSEN: DragTool.WINDOW,
}


class ViewActions(KeyedScreen):
    """What the keys do to the view of the active pane."""

    CONTEXT = CONTEXT
    panes: Sequence[Pane] = ()

    @property
    def active(self) -> Pane:
        """The pane that the keys act on."""
        raise NotImplementedError

    def change(self, view: ViewState, pane: Pane | None = None) -> None:
        """Look at a pane's frame, the active one's if none is named, through this view."""
        raise NotImplementedError

    def say(self, sentence: str) -> None:
        """Show a sentence for a few seconds."""
        self.app.notify(sentence, markup=False, timeout=3)

    async def perform(self, action: Action) -> None:
        """Do what an action asks for; say so where it needs a picture and there is none."""
        nothing = self._nothing_to_look_at()
        if (
            nothing
            and action.context == CONTEXT
            and (action.group in _OF_PICTURES or action.name in _ON_PICTURES)
        ):
            self.say(nothing)
            return
        await super().perform(action)

    def _nothing_to_look_at(self) -> str:
        if self.active.page.display:
            return "This is text: no picture to change, nothing to measure."
        if self.active.frame is None and self.active.shown is not None:
            return "This image cannot be shown: nothing to change, nothing to measure."
        return ""

    @property
    def _view(self) -> ViewState:
        return self.active.state.view

    @property
    def _frame(self) -> LoadedFrame | None:
        return self.active.frame

    # ---- window

    def action_widen(self, steps: int) -> None:
        """Widen the window, narrow it for negative steps."""
        self._window(wider=steps * _WINDOW_STEP)

    def action_raise_center(self, steps: int) -> None:
        """Raise the centre of the window, lower it for negative steps."""
        self._window(higher=steps * _CENTER_STEP)

    def _window(self, wider: float = 0.0, higher: float = 0.0) -> None:
        if self._frame is not None and self._has_window():
            self.change(windowed(self._view, self._frame, wider, higher))

    def _has_window(self) -> bool:
        if self._frame is not None and self._frame.is_color:
            self.say("Colour images have no window.")
            return False
        return True

    def action_preset(self, number: int) -> None:
        """Look through the preset with this number."""
        presets = self.presets()
        if self._frame is None or not self._has_window():
            return
        if number > len(presets):
            modality = visible(self._frame.image.modality, 16) or "this modality"
            names = f"presets 1 to {min(len(presets), MOST)}" if presets else f"no presets for {modality}"
            self.say(
                f"There are {names}; {self.keymap.label(CONTEXT, 'own_window')} is the file's own window."
            )
            return
        preset = presets[number - 1]
        self.change(self._view.with_window(preset.window, preset.name))

    def presets(self) -> tuple[Preset, ...]:
        """Return the presets for what is in view, key 1 first."""
        if self._frame is None:
            return ()
        return presets_of(self._frame, self.body_part(), self.own_presets, self._view.suv_type)

    def body_part(self) -> str:
        """Return what is said about the body part in view: the attribute, else the descriptions."""
        frame, entry = self._frame, self.active.entry
        where = frame.image.body_part_examined if frame is not None else ""
        if not where and entry is not None:
            where = f"{entry.series.series_description} {entry.study.study_description}"
        return where

    @property
    def own_presets(self) -> Sequence[PresetPreference]:
        """The presets of the person who reads."""
        preferences = getattr(self.app, "preferences", None)
        return preferences.preset if preferences is not None else ()

    def action_full_range(self) -> None:
        """Show every value between the lowest and the highest of this image."""
        if self._frame is not None and self._has_window():
            self.change(self._view.with_window(self._frame.full_range, "Full range"))

    def action_own_window(self) -> None:
        """Show the file's own window; asked again, its next one."""
        if self._frame is None or not self._has_window():
            return
        shown = self._view.window is None
        following = (self._view.voi_index + 1) % len(self._frame.own_vois)
        self.change(self._view.with_own_window(following if shown else self._view.voi_index))

    def action_invert(self) -> None:
        """Exchange black and white."""
        self.change(self._view.with_inversion_toggled())

    # ---- place

    def action_zoom_in(self) -> None:
        """Magnify."""
        self.action_magnify(1)

    def action_zoom_out(self) -> None:
        """Make smaller."""
        self.action_magnify(-1)

    def action_magnify(self, steps: int) -> None:
        """Magnify by steps of a quarter."""
        self.change(magnified(self._view, steps))

    def action_fit(self) -> None:
        """Show the whole image."""
        self.change(self._view.fitted())

    def action_true_size(self) -> None:
        """Show an image pixel as one screen pixel."""
        if self._frame is not None:
            self.change(at_true_size(self._view, self._frame, self.active.picture.pixel_size))

    def action_pan_across(self, steps: int) -> None:
        """Move the picture to the right, to the left for negative steps."""
        self._pan(steps, 0)

    def action_pan_down(self, steps: int) -> None:
        """Move the picture down, up for negative steps."""
        self._pan(0, steps)

    def _pan(self, right: int, down: int) -> None:
        if self._frame is not None:
            size = self.active.picture.pixel_size
            step = _PAN_STEP * min(size)
            self.change(panned(self._view, self._frame, size, right * step, down * step))

    def action_rotate(self, quarter_turns: int) -> None:
        """Turn what is on the screen clockwise."""
        self.change(self._view.rotated(quarter_turns))

    def action_flip_horizontally(self) -> None:
        """Exchange left and right of what is on the screen."""
        self.change(self._view.flipped_horizontally())

    def action_flip_vertically(self) -> None:
        """Exchange top and bottom of what is on the screen."""
        self.change(self._view.flipped_vertically())

    def action_reset(self) -> None:
        """Show the image as it first appeared."""
        self.change(self._view.reset())

    # ---- look

    def action_overlays(self) -> None:
        """Write all, little or nothing over every picture."""
        level = self._view.with_next_overlay().overlay
        for pane in self.panes:
            self.change(pane.state.view.with_overlay(level), pane)

    def action_probe_across(self, pixels: int) -> None:
        """Move the probe to the right, to the left for negative pixels."""
        self._probe(pixels, 0)

    def action_probe_down(self, pixels: int) -> None:
        """Move the probe down, up for negative pixels."""
        self._probe(0, pixels)

    def _probe(self, right: int, down: int) -> None:
        if self._frame is not None:
            self.change(probed(self._view, self._frame, right, down))

    def watch_mode(self, before: str, now: str) -> None:
        """Hand the tool to the mouse; bring the probe out and put it away."""
        for pane in self.panes:
            pane.tool = _DRAG_TOOLS.get(now)
        if before == PROBE_TOOL:
            for pane in self.panes:
                self.change(pane.state.view.with_probe(None), pane)
        if now == PROBE_TOOL:
            self._probe(0, 0)
