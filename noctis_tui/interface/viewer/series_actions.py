"""Which series the panes read: opened, turned to, and growing while they arrive."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from noctis_tui.interface.viewer.grid_actions import GridActions
from noctis_tui.interface.viewer.shelf import read_shelf, study_ids
from noctis_tui.interface.viewer.stack_reading import read_stack
from noctis_tui.reading.stack import FrameRef, Stack
from noctis_tui.reading.stack_view import StackView

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from archive.index.worklist import SeriesRow, StudyRow
    from archive.local_archive import LocalArchive
    from noctis_tui.interface.viewer.pane import Pane
    from noctis_tui.interface.viewer.shelf import Entry

_GATHER_SECONDS = 0.2


class SeriesActions(GridActions):
    """What the keys do to the series of the panes; parameters as in `ViewerScreen`."""

    def __init__(
        self,
        archive: LocalArchive | None,
        study: StudyRow | None,
        series: SeriesRow | None,
        preview: Path | None,
    ) -> None:
        super().__init__()
        self.archive = archive
        self.preview = FrameRef(preview, 0) if preview is not None else None
        """What is shown until the archive knows its series; None once the reader did something."""
        self._studies: tuple[int, ...] | None = (study.id,) if study is not None else None
        """Whose series are on the shelf, in this order; None for every study."""
        self._alone: tuple[int, ...] | None = self._studies
        self.keeps_to_studies = False
        """Whether the series keys stay within the study of a pane: while two are compared."""
        self._wanted_series = series.id if series is not None else None
        self._kept: dict[int, StackView] = {}
        self.is_touched = series is not None
        """Whether the reader took over: then nothing is hung by itself any more."""

    @property
    def shelf_in_reach(self) -> tuple[Entry, ...]:
        """What the series keys can turn the active pane to."""
        here = self.active.entry
        if not self.keeps_to_studies or here is None:
            return self.shelf.entries
        return tuple(entry for entry in self.shelf.entries if entry.study.id == here.study.id)

    def touched(self) -> None:
        """Note that the reader took over from the preview."""
        self.preview = None
        self.is_touched = True

    def open_archive(self, archive: LocalArchive) -> None:
        """Read from this archive, and follow what arrives in it."""
        self.archive = archive
        self.run_worker(self._open(archive), group="open")
        self.run_worker(self._follow(archive), group="follow")

    async def _open(self, archive: LocalArchive) -> None:
        """Find what there is to read and show the first of it."""
        if not await self._read_shelf(archive):
            return
        entry = self.shelf.first(self._wanted_series)
        if entry is not None and self.active.entry is None:
            await self.show_series(self.active, self._previewed() or entry)
        await self.hang()

    async def hang(self) -> None:
        """Hang what there is by the rules, unless the reader took over."""
        raise NotImplementedError

    async def _read_shelf(self, archive: LocalArchive) -> bool:
        try:
            self.shelf = await archive.index.call(read_shelf, archive.index, self._studies)
        except (NoctisError, OSError) as error:
            self.say(str(error))
            return False
        if not len(self.shelf) and self.preview is None:
            self.active.say("Nothing to read yet.")
        self.panes_changed()
        return True

    def _previewed(self) -> Entry | None:
        """Return the series of the file that is already shown."""
        frame = self.active.frame
        uid = frame.image.series_instance_uid if frame is not None else ""
        return next((entry for entry in self.shelf.entries if entry.series.series_instance_uid == uid), None)

    async def show_series(self, pane: Pane, entry: Entry) -> None:
        """Turn a pane to a series and wait until it is known what it holds."""
        stack = await self._read_stack(entry)
        if stack is None:
            return
        state = self._state_of(pane, entry).with_stack(stack)
        state = state.at(0) if self.preview is not None else state
        overlay = self.active.state.view.overlay
        pane.begin(entry, state.with_view(state.view.with_overlay(overlay).with_probe(None)))
        if not len(stack):
            pane.say("This series has no files any more.")
        self.look(pane)
        self.panes_changed()

    def _state_of(self, pane: Pane, entry: Entry) -> StackView:
        """Return how a series was last looked at: in this screen, or as the preview that it continues."""
        if pane.entry is None and self._previewed() is entry:
            return pane.state
        return self.remembered(entry)

    def remembered(self, entry: Entry) -> StackView:
        """Return how a series was looked at when it was left; from its first image on if it never was."""
        return self._kept.get(entry.series.id, StackView())

    async def _read_stack(self, entry: Entry) -> Stack | None:
        if self.archive is None:
            return None
        try:
            return await read_stack(self.archive.index, entry.series)
        except (NoctisError, OSError) as error:
            self.say(str(error))
            return None

    def turn_to(self, pane: Pane, entry: Entry) -> None:
        """Turn a pane to a series; what was last done with the series is remembered."""
        if pane.begun is not None:
            self._kept[pane.begun.series.id] = pane.state
        pane.entry = entry
        show: Callable[[], Awaitable[None]] = partial(self.show_series, pane, entry)
        self.run_worker(show, group=f"series-{pane.number}", exclusive=True)

    async def go_to_frame(self, pane: Pane, entry: Entry, frame_index: int) -> None:
        """Turn a pane to a frame of a series, which may be the one that it shows."""
        self.stop_playing()
        self.touched()
        if pane.entry is None or pane.entry.series.id != entry.series.id:
            if pane.begun is not None:
                self._kept[pane.begun.series.id] = pane.state
            pane.entry = entry
            await self.show_series(pane, entry)
        pane.state = pane.state.at(frame_index)
        self.look(pane)

    def action_go_to_series(self, steps: int) -> None:
        """Turn to a series further on, or back; the ends hold."""
        entry, reach = self.active.entry, self.shelf_in_reach
        places = (place for place, other in enumerate(reach) if entry and other.series.id == entry.series.id)
        place = next(places, None)
        if place is None or not 0 <= place + steps < len(reach):
            return
        self.stop_playing()
        self.turn_to(self.active, reach[place + steps])

    async def read_beside(self, study: StudyRow, other: StudyRow) -> None:
        """Put the series of another study on the shelf, behind those of a study."""
        self.keeps_to_studies = True
        self._studies = (study.id, other.id)
        if self.archive is not None:
            await self._read_shelf(self.archive)

    async def read_alone(self) -> None:
        """Have on the shelf again what was there at first."""
        self.keeps_to_studies = False
        self._studies = self._alone
        if self.archive is not None:
            await self._read_shelf(self.archive)

    async def _follow(self, archive: LocalArchive) -> None:
        """Read again what grows, as long as the screen lives."""
        from archive.index.changes import follow  # noqa: PLC0415 - the first picture does not wait for it

        is_known = True
        while True:
            try:
                if not is_known:
                    await self._relocate(archive)
                    is_known = True
                async for changes in follow(archive):
                    if changes.rebuilt:
                        await self._relocate(archive)
                    elif self._studies is None or any(study in changes.study_ids for study in self._studies):
                        await self._grow(archive)
                        await asyncio.sleep(_GATHER_SECONDS)
            except (NoctisError, OSError) as error:
                self.say(str(error))
                is_known = False  # it may be another index that comes back
                await asyncio.sleep(3)

    async def _relocate(self, archive: LocalArchive) -> None:
        """Find again by UID what is read: ids of an index that was made again may be another patient's."""
        panes = (entry for pane in self.panes for entry in (pane.entry, pane.begun) if entry is not None)
        uids = {entry.study.id: entry.study.study_instance_uid for entry in (*self.shelf.entries, *panes)}
        ids = await archive.index.call(study_ids, archive.index, uids.values())

        def renewed(studies: tuple[int, ...] | None) -> tuple[int, ...] | None:
            return studies and tuple(ids[uids[each]] for each in studies if uids.get(each) in ids)

        self._studies, self._alone = renewed(self._studies), renewed(self._alone)
        self._kept.clear()
        self.shelf = await archive.index.call(read_shelf, archive.index, self._studies)
        for pane in self.panes:
            if pane.entry is not None:
                pane.entry = self.shelf.same(pane.entry)
                pane.begun = self.shelf.same(pane.begun) if pane.begun is not None else None
                if pane.entry is None:
                    self.empty([pane], "This series is not in the archive any more.")
        self.relocated()
        await self._grow(archive)

    def relocated(self) -> None:
        """Take up that the studies on the shelf have other ids."""

    def changed(self) -> None:
        """Take up what else changed about the studies: another process may have drawn in them."""

    async def _grow(self, archive: LocalArchive) -> None:
        self.changed()
        if not await self._read_shelf(archive):
            return
        if self.active.entry is None:
            await self._open(archive)
            return
        for pane in self.panes:
            entry = pane.entry
            stack = await self._read_stack(entry) if entry is not None else None
            if stack is not None and pane.entry is entry and stack.frames != pane.state.stack.frames:
                untouched = self.preview is not None
                pane.state = pane.state.with_stack(stack)
                pane.state = pane.state.at(0) if untouched else pane.state
                self.look(pane)
                self.panes_changed()
        await self.hang()
