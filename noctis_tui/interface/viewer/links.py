"""Panes that go together: scrolling, window, zoom, and the lines in which their planes meet."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from noctis_tui.imaging.slices import outermost
from noctis_tui.reading.linked_zoom import Shown, zoomed_like
from noctis_tui.reading.linking import Scrolled, Tie, by_offset, by_position, by_share
from noctis_tui.reading.plane_lines import PlaneLines, Planes
from noctis_tui.reading.stack_geometry import StackGeometry

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from textual.worker import Worker

    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.reading.viewport import ViewState


class Stage(Protocol):
    """What linking needs of the screen."""

    @property
    def panes(self) -> tuple[Pane, ...]:
        """All panes."""

    @property
    def active(self) -> Pane:
        """The pane that has the keys."""

    @property
    def visible_panes(self) -> tuple[Pane, ...]:
        """What is on the screen, the active pane first."""

    def look(self, pane: Pane, *, moving: bool = False) -> None:
        """Show the frame that a pane is at."""

    def say(self, sentence: str) -> None:
        """Show a sentence for a few seconds."""

    def draw_lines(self) -> None:
        """Fill the lines around the panes."""

    def run_worker(
        self, work: Callable[[], Coroutine[Any, Any, None]], *, group: str, exclusive: bool
    ) -> Worker[None]:
        """Go on with something beside the keys."""


@dataclass(frozen=True, slots=True)
class LinkSwitches:
    """What goes together."""

    scrolling: bool = True
    lines: bool = True
    windows: bool = False
    zoom: bool = False

    @property
    def text(self) -> str:
        """What is on, in words; empty when nothing is."""
        named = (
            ("scroll", self.scrolling),
            ("lines", self.lines),
            ("window", self.windows),
            ("zoom", self.zoom),
        )
        return " ".join(name for name, is_on in named if is_on)


class PaneLinks:
    """The part of the viewer that lets panes follow the one that has the keys."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.switches = LinkSwitches()
        self.geometry = StackGeometry()
        self._sources: dict[int, PlaneLines] = {}
        self._registered: dict[int, int] = {}
        """Number of a pane -> the frame of its stack that belongs to those of the others."""
        self._registered_series: dict[int, int | None] = {}
        self._brought: dict[int, int] = {}
        """Number of a pane -> the series in it that came into view where the others are."""

    # ---- what can be asked for

    def action_link_scrolling(self) -> None:
        """Scroll panes together, or each by itself."""
        self._switch(replace(self.switches, scrolling=not self.switches.scrolling))
        self._say("Panes scroll together", self.switches.scrolling)
        if self.switches.scrolling:
            self.follow(self._stage.active)

    def action_link_here(self) -> None:
        """Take the images in view as belonging together: from now on panes keep this distance."""
        shown = [pane for pane in self._stage.visible_panes if pane.entry is not None]
        if len(shown) < 2:
            self._stage.say("There is one pane: nothing to scroll together with.")
            return
        self._registered = {pane.number: pane.state.frame_index for pane in shown}
        self._registered_series = {pane.number: _series_id(pane) for pane in shown}
        self._switch(replace(self.switches, scrolling=True))
        self._stage.say("The images in view belong together now; panes scroll by this offset.")

    def action_unlink(self) -> None:
        """Forget the offset that was set by hand."""
        if self._registered:
            self._registered, self._registered_series = {}, {}
            self._stage.say("The offset set by hand is forgotten.")
            self.changed()

    def action_link_windows(self) -> None:
        """Look through one window in every pane of the modality, or each through its own."""
        self._switch(replace(self.switches, windows=not self.switches.windows))
        self._say("One window for all panes of a modality", self.switches.windows)
        self._hand_over()

    def action_link_zoom(self) -> None:
        """Zoom and pan panes of the modality together, or each by itself."""
        self._switch(replace(self.switches, zoom=not self.switches.zoom))
        self._say("Panes of a modality zoom and pan together, in mm where both have them", self.switches.zoom)
        self._hand_over()

    def action_plane_lines(self) -> None:
        """Draw where the active pane's plane meets the others, or no longer."""
        self._switch(replace(self.switches, lines=not self.switches.lines))
        self._say("Lines of the active pane's plane", self.switches.lines)

    def _say(self, what: str, is_on: bool) -> None:
        self._stage.say(f"{what}." if is_on else f"{what}: off.")

    def _switch(self, switches: LinkSwitches) -> None:
        self.switches = switches
        self.changed()

    # ---- what the screen tells

    @property
    def text(self) -> str:
        """What goes together, in words, while there is more than one pane."""
        on = self.switches.text if len(self._stage.visible_panes) > 1 else ""
        return f"⇄ {on}" if on else ""

    def changed(self) -> None:
        """Take in that other panes, or other series, are shown: learn where they lie, draw the lines anew."""
        shown = [pane for pane in self._stage.visible_panes if pane.entry is not None]
        if len(shown) > 1:
            self._stage.run_worker(self._learn, group="geometry", exclusive=True)
        self._draw_planes()
        self.draw_ties()

    async def _learn(self) -> None:
        for pane in self._stage.visible_panes:
            stack = pane.state.stack
            if self.geometry.known(stack) is None:
                await asyncio.to_thread(self.geometry.read, stack)
        self._bring()
        self._draw_planes()
        self.draw_ties()

    def _bring(self) -> None:
        """Show a series that came into view beside the active pane where that pane is, once."""
        tied = {pane.number: place for pane, _, place in self._followers(self._stage.active)}
        for pane in self._stage.visible_panes:
            series = pane.begun.series.id if pane.begun is not None else None
            if series is None or self._brought.get(pane.number) == series:
                continue
            self._brought[pane.number] = series
            if pane.number in tied:
                pane.state = pane.state.at(tied[pane.number])
                self._stage.look(pane)

    def follow(self, moved: Pane) -> None:
        """Bring the panes that scroll with one to where it went."""
        for pane, _, place in self._followers(moved):
            state = pane.state.at(place)
            if state.frame_index != pane.state.frame_index:
                pane.state = state
                self._stage.look(pane, moving=True)
        self._draw_planes()

    def _followers(self, moved: Pane) -> Iterator[tuple[Pane, Tie, int]]:
        if not self.switches.scrolling:
            return
        here = self.scrolled(moved)
        for pane in self._stage.visible_panes:
            if pane is not moved and pane.entry is not None:
                tied = self._tied(moved, here, pane)
                if tied is not None:
                    yield pane, *tied

    def _tied(self, moved: Pane, here: Scrolled, pane: Pane) -> tuple[Tie, int] | None:
        there = self.scrolled(pane)
        if self._is_registered(moved) and self._is_registered(pane):
            pair = self._registered[moved.number], self._registered[pane.number]
            return Tie.OFFSET, by_offset(here, there, pair)
        if _series_id(pane) == _series_id(moved):
            return None  # the same series twice is there to see two places of it
        place = by_position(here, there)
        if place is not None:
            return Tie.POSITION, place
        if _study_id(pane) != _study_id(moved) and _same_patient(pane, moved):
            return Tie.SHARE, by_share(here, there)
        return None

    def _is_registered(self, pane: Pane) -> bool:
        return pane.number in self._registered and self._registered_series.get(pane.number) == _series_id(
            pane
        )

    def scrolled(self, pane: Pane) -> Scrolled:
        """Return a pane's stack and where it is, with what is known of where it lies."""
        stack = pane.state.stack
        return Scrolled(len(stack), pane.state.frame_index, self.geometry.known(stack) or ())

    def views(self, pane: Pane, before: ViewState, now: ViewState) -> Iterator[tuple[Pane, ViewState]]:
        """Yield the other panes that look through a changed window, or zoom and pan, as this one does."""
        for other in self._stage.visible_panes:
            if other is not pane and _modality(other) == _modality(pane) and other.entry is not None:
                view = self._like(pane, other, before, now)
                if view != other.state.view:
                    yield other, view

    def _like(self, pane: Pane, other: Pane, before: ViewState, now: ViewState) -> ViewState:
        view = other.state.view
        looks = (now.window, now.window_name, now.voi_index, now.inverted)
        if self.switches.windows and looks != (
            before.window,
            before.window_name,
            before.voi_index,
            before.inverted,
        ):
            window, name, voi_index, inverted = looks
            view = replace(view, window=window, window_name=name, voi_index=voi_index, inverted=inverted)
        if self.switches.zoom and (now.zoom, now.center) != (before.zoom, before.center):
            one, two = _shown(pane, now), _shown(other, view)
            alike = replace(view, zoom=now.zoom, center=now.center)
            view = zoomed_like(one, two) if one is not None and two is not None else alike
        return view

    def _hand_over(self) -> None:
        """Make the panes alike at once when a switch is turned on."""
        active = self._stage.active
        now = active.state.view
        unlike = replace(now, window_name="\0", zoom=-1.0)
        for pane, view in self.views(active, unlike, now):
            pane.state = pane.state.with_view(view)
            pane.redraw()

    # ---- what is drawn

    def source_of(self, pane: Pane) -> PlaneLines:
        """Return who draws the lines over a pane."""
        source = self._sources.get(pane.number)
        if source is None:
            source = self._sources[pane.number] = PlaneLines()
            pane.mark_sources = (source, *pane.mark_sources)
        return source

    def _draw_planes(self) -> None:
        active = self._stage.active
        planes = self._planes(active) if self.switches.lines else None
        for pane in self._stage.visible_panes:
            source = self.source_of(pane)
            wanted = None if pane is active else planes
            if source.planes != wanted:
                source.planes = wanted
                pane.redraw()

    def _planes(self, active: Pane) -> Planes | None:
        if len(self._stage.visible_panes) < 2:
            return None
        stack = self.scrolled(active)
        return Planes(stack.here, outermost(stack.slices, stack.here)) if stack.here else None

    def draw_ties(self) -> None:
        """Say in the titles which panes scroll with the active one, and by what."""
        ties = {pane.number: tie for pane, tie, _ in self._followers(self._stage.active)}
        for pane in self._stage.panes:
            tie = ties.get(pane.number, "")
            if tie != pane.tie:
                pane.tie = tie
                pane.draw_title()
        self._stage.draw_lines()


def _shown(pane: Pane, view: ViewState) -> Shown | None:
    """Return a pane's image as it is looked at, None while there is none."""
    frame = pane.frame
    if frame is None or min(pane.picture.pixel_size) < 1:
        return None
    return Shown(frame.shape, frame.attributes.pixel_spacing, pane.picture.pixel_size, view)


def _series_id(pane: Pane) -> int | None:
    return pane.entry.series.id if pane.entry is not None else None


def _study_id(pane: Pane) -> int | None:
    return pane.entry.study.id if pane.entry is not None else None


def _modality(pane: Pane) -> str:
    return pane.entry.series.modality if pane.entry is not None else ""


def _same_patient(one: Pane, other: Pane) -> bool:
    if one.entry is None or other.entry is None:
        return False
    return bool(one.entry.study.patient_id) and one.entry.study.patient_id == other.entry.study.patient_id
