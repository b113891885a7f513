"""Presentation states over the images in view: found, named, and applied one after the other by a key."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from noctis_tui.interface.viewer.actions import CONTEXT
from noctis_tui.reading.marks import Heading, Note
from noctis_tui.reading.viewport import OverlayLevel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from archive.index.database import Index
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.screen import ViewerScreen
    from noctis_tui.interface.viewer.shelf import Shelf
    from noctis_tui.reading.derived.presentation import PresentationState
    from noctis_tui.reading.loaded_frame import LoadedFrame
    from noctis_tui.reading.marks import Mark
    from noctis_tui.reading.stack import FrameRef
    from noctis_tui.reading.viewport import ViewState

log = logging.getLogger(__name__)
STATES_LIMIT = 200


@dataclass(frozen=True, slots=True)
class _Applied:
    state: PresentationState
    series_id: int
    before: ViewState


class PresentedPane:
    """What is applied to one pane: how its frames are presented, and what is drawn over them."""

    def __init__(self) -> None:
        self.applied: _Applied | None = None
        self._last: tuple[LoadedFrame, PresentationState, LoadedFrame] | None = None

    def present(self, frame: LoadedFrame) -> LoadedFrame:
        """Return a frame as the state in force wants it; a frame that is so already comes out the same."""
        if self.applied is None:
            return frame
        state, last = self.applied.state, self._last
        if last is None or last[1] is not state or (frame is not last[0] and frame is not last[2]):
            # The same frame every time: what is worked out for a frame, as its enhancement, is kept with it.
            last = self._last = frame, state, state.presented(frame)
        return last[2]

    def marks(self, frame: LoadedFrame, _ref: FrameRef, view: ViewState) -> tuple[Mark, ...]:
        """Return graphics and texts of the state in force, and its name."""
        applied = self.applied
        if applied is None or view.overlay is OverlayLevel.NONE:
            return ()
        marks = applied.state.marks_on(frame)
        if view.overlay is not OverlayLevel.ALL:
            return tuple(mark for mark in marks if not isinstance(mark, Note))
        concerns = applied.state.applies_to(frame.attributes)
        name = applied.state.name if concerns else f"{applied.state.name}: not about this image"
        return *marks, Heading(name)


class Presenting:
    """A part of the viewer."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._panes: dict[int, PresentedPane] = {}
        self._states: dict[Path, PresentationState] = {}
        self._looked_at: dict[int, Shelf] = {}
        """Studies, and what was on the shelf when they were looked through."""
        self._announced: set[int] = set()

    def attach(self, panes: Iterable[Pane]) -> None:
        """Present the frames of these panes, and draw over them."""
        for pane in panes:
            presented = PresentedPane()
            self._panes[pane.number] = presented
            pane.present = presented.present
            pane.mark_sources = (*pane.mark_sources, presented)

    def look(self, pane: Pane) -> None:
        """Find the states of the study in view, once, and again when it grew; forget those of another."""
        entry, screen = pane.entry, self._screen
        applied = self._panes[pane.number].applied
        if applied is not None and (entry is None or entry.series.id != applied.series_id):
            self._panes[pane.number].applied = None
        if entry is None or screen.archive is None:
            return
        if self._looked_at.get(entry.study.id) is screen.shelf:
            self._announce(pane)
            return
        self._looked_at[entry.study.id] = screen.shelf
        series = [
            other.series.id
            for other in screen.shelf.entries
            if other.study.id == entry.study.id and other.series.modality == "PR"
        ]
        if series:
            screen.run_worker(self._find(series), group="states")

    async def _find(self, series: list[int]) -> None:
        archive = self._screen.archive
        if archive is None:
            return
        try:
            files = await archive.index.call(_files_of, archive.index, series)
            unknown = [file for file in files if file not in self._states]
            states = await asyncio.to_thread(_read, unknown)
        except (NoctisError, OSError) as error:
            self._screen.say(str(error))
            return
        self._states.update((state.path, state) for state in states)
        self._announce(self._screen.active)

    def _announce(self, pane: Pane) -> None:
        entry = pane.entry
        if entry is None or entry.series.id in self._announced or pane.frame is None:
            return
        states = self.states_of(pane)
        if states:
            self._announced.add(entry.series.id)
            what = states[0].name if len(states) == 1 else f"{len(states)} presentation states"
            self._screen.say(f"{what}: {self._screen.keymap.label(CONTEXT, 'next_state')} applies.")

    def states_of(self, pane: Pane) -> tuple[PresentationState, ...]:
        """Return the states about any image of the stack in a pane."""
        uids = {frame.sop_instance_uid for frame in pane.state.stack.frames}
        return tuple(
            state for state in self._states.values() if any(uid in uids for uid, _ in state.references)
        )

    def action_next_state(self) -> None:
        """Apply the next presentation state of the images in view; after the last, none."""
        pane = self._screen.active
        presented, states = self._panes[pane.number], self.states_of(pane)
        if not states or pane.entry is None:
            self._screen.say("There is no presentation state about these images.")
            return
        current = presented.applied.state if presented.applied is not None else None
        place = states.index(current) + 1 if current in states else 0
        before = presented.applied.before if presented.applied is not None else pane.state.view
        if place == len(states):
            presented.applied = None
            self._show(pane, replace(before, overlay=pane.state.view.overlay))
            self._screen.say("Without a presentation state.")
            return
        presented.applied = _Applied(states[place], pane.entry.series.id, before)
        self._go_to_first(pane, states[place])
        frame = pane.frame
        if frame is not None:
            size = pane.picture.pixel_size
            self._show(pane, states[place].view_of(frame, pane.state.view, size))
        self._screen.say(f"{place + 1} of {len(states)}: {states[place].name}")

    def _go_to_first(self, pane: Pane, state: PresentationState) -> None:
        """Go to the first image that a state is about, unless it is about the one in view."""
        uids = {uid for uid, _ in state.references}
        frames = pane.state.stack.frames
        here = pane.state.frame
        if here is not None and here.sop_instance_uid not in uids:
            place = next(place for place, frame in enumerate(frames) if frame.sop_instance_uid in uids)
            self._screen.go_to(pane, place)

    def _show(self, pane: Pane, view: ViewState) -> None:
        pane.state = pane.state.with_view(view)
        self._screen.look(pane)


def _files_of(index: Index, series: list[int]) -> list[Path]:
    from archive.index.worklist import instances_of  # noqa: PLC0415 - the first picture goes first
    from noctis_tui.reading.derived.presentation import STATE_CLASSES  # noqa: PLC0415 - the same

    rows = (row for series_id in series for row in instances_of(index, series_id))
    return [row.path for row in rows if row.sop_class_uid in STATE_CLASSES][:STATES_LIMIT]


def _read(files: list[Path]) -> list[PresentationState]:
    from noctis_tui.reading.derived.presentation import PresentationState  # noqa: PLC0415 - few studies have any

    states = []
    for file in files:
        try:
            states.append(PresentationState.open(file))
        except (NoctisError, OSError):
            continue  # as a series it says itself what is wrong
        except Exception:
            log.exception("reading a presentation state failed")
    return states
