"""The worklist: every study of the archive, live, a key away from being read."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, cast

from textual.containers import Vertical
from textual.widgets import Input

from archive.audit.access import record_access
from archive.dicom.uids import is_uid
from archive.errors import NoctisError
from archive.index.sorting import Sort
from archive.index.worklist import instances_of, series_of
from noctis_tui.interface.arrivals import Arrivals, announce
from noctis_tui.interface.messages import ArchiveFailed
from noctis_tui.interface.worklist.cells import patient_name
from noctis_tui.interface.worklist.details import Details
from noctis_tui.interface.worklist.feed import Feed
from noctis_tui.interface.worklist.furniture import Furniture
from noctis_tui.interface.worklist.loading import Question, WorklistLoader
from noctis_tui.interface.worklist.marking import Marking
from noctis_tui.interface.worklist.movement import MovementScreen
from noctis_tui.interface.worklist.quick_filters import EVERYTHING
from noctis_tui.interface.worklist.study_table import StudyTable
from noctis_tui.interface.worklist.table_header import TableHeader
from noctis_tui.interface.worklist.thumbnails import SeriesPictures
from noctis_tui.interface.worklist.warming import warm

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual import events
    from textual.app import ComposeResult

    from archive.index.worklist import StudyRow
    from archive.local_archive import LocalArchive
    from noctis_tui.graphics.terminal.detection import TerminalGraphics
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.messages import StudiesChanged
    from noctis_tui.interface.receiver.reception import Reception
    from noctis_tui.interface.series_strip import SeriesStrip

Work: TypeAlias = "Callable[[], Awaitable[None]]"
_ROWS_FOR_DETAILS = 30
"""Screens with fewer rows show details only while their pane has the keys."""
_TICK_SECONDS = 1.0
_REST_SECONDS = 0.08
"""The cursor rests when it has not moved for so long; then the series are read."""


class WorklistScreen(MovementScreen):
    """Shows the studies of an archive.

    Parameters
    ----------
    archive
        Read here; written by the receiver.
    graphics
        How pictures reach the terminal.
    reception
        Who receives for the archive.
    note
        One line that explains what is going on, none by default.
    """

    CONTEXT = "worklist"

    def __init__(
        self, archive: LocalArchive, graphics: TerminalGraphics, reception: Reception, note: str = ""
    ) -> None:
        super().__init__()
        self._archive = archive
        self._reception = reception
        self.table = StudyTable(Question().empty_list(), id="studies")
        self.details = Details(graphics, id="details")
        self._header = TableHeader(id="titles")
        self._filter = Input(id="filter", placeholder="name, ID, accession number, description")
        self._loader = WorklistLoader(archive.index, self.table)
        self._pictures = SeriesPictures(archive, self.details)
        self._feed = Feed(archive, self.post_message)
        self._arrivals = Arrivals(archive.index, lambda rows: announce(cast("NoctisApp", self.app), rows))
        self._furniture = Furniture(self, archive, reception, note)
        self.parts = (Marking(self, archive, self._draw, self._record_access),)

    def compose(self) -> ComposeResult:
        """Lay out the lines, the table and the details."""
        furniture = self._furniture
        yield furniture.title
        yield furniture.note
        yield furniture.quick
        yield self._header
        with Vertical(id="body"):
            yield self.table
            yield furniture.empty
        yield self.details
        yield furniture.reception
        yield furniture.hints
        yield self._filter

    # ---- life

    def on_mount(self) -> None:
        """Begin to read, to follow and to receive."""
        self._filter.display = False
        self.table.focus()
        self._ask(Question())
        self.run_worker(self._feed.run(), group="feed")
        self.run_worker(self._reception.watch(self._furniture.draw_reception), group="reception")
        self.run_worker(warm(), group="warm")
        self.run_worker(self._tidy(), group="tidy")
        self.set_interval(_TICK_SECONDS, self._tick)

    async def _tidy(self) -> None:
        """Remove what jobs left that were killed before."""
        from archive.jobs import jobs_of  # noqa: PLC0415 - after the first rows
        from archive.jobs.leftovers import remove_leftovers  # noqa: PLC0415 - also

        with contextlib.suppress(NoctisError):
            jobs = await self._archive.index.call(jobs_of, self._archive.index)
            await asyncio.to_thread(remove_leftovers, jobs)

    def on_resize(self, event: events.Resize) -> None:
        """Make the most of the size."""
        self.set_class(event.size.height < _ROWS_FOR_DETAILS, "-low")
        self.set_class(event.size.height >= 50, "-tall")
        self.set_class(event.size.width < 100, "-narrow")
        self.call_after_refresh(self._draw)

    def on_screen_resume(self) -> None:
        """Say again what may have changed behind another screen."""
        self._draw()

    def preferences_changed(self) -> None:
        """Draw the lines with other keys and colours."""
        super().preferences_changed()
        self.details.draw_again()
        self._draw()

    def _draw(self) -> None:
        if not self.is_attached:
            return
        self._furniture.draw(self._loader.question)
        question = self._loader.question
        self._header.show(self.table.columns, question.sort, descending=question.descending)

    def _tick(self) -> None:
        """Ask again for studies that have had time to become quiet."""
        quiet = self._archive.settings.worklist.quiet_seconds
        ids = self.table.studies.receiving_before(time.time() - quiet)
        if ids:
            self._in_background(partial(self._loader.refresh, ids, ()), "quiet")

    def _in_background(self, work: Work, group: str, *, exclusive: bool = False) -> None:
        guarded: Work = partial(self._guarded, work)
        self.run_worker(guarded, group=group, exclusive=exclusive)

    async def _guarded(self, work: Work) -> None:
        try:
            await work()
        except NoctisError as error:
            self.post_message(ArchiveFailed(str(error)))
        else:
            self._furniture.failure = ""
        self._draw()

    async def on_unmount(self) -> None:
        """End the embedded receiver with the interface."""
        await self._reception.close()

    # ---- what is told

    def on_studies_changed(self, message: StudiesChanged) -> None:
        """Bring the table up to date, and say what has arrived."""
        self._in_background(partial(self._loader.refresh, message.study_ids, message.removed), "changes")
        if self._arrivals.hear(message.quiet):
            self._in_background(self._arrivals.tell, "arrivals")

    def on_archive_rebuilt(self) -> None:
        """Read everything again, under the same question."""
        self._ask(self._loader.question)

    def on_archive_failed(self, message: ArchiveFailed) -> None:
        """Say that the archive cannot be read; what was read stays."""
        self._furniture.failure = message.sentence
        self._draw()

    def on_study_table_rows_wanted(self, message: StudyTable.RowsWanted) -> None:
        """Read on before the eye gets there."""
        self._in_background(partial(self._loader.read_up_to, message.up_to), "pages")

    def on_study_table_cursor_moved(self, message: StudyTable.CursorMoved) -> None:
        """Show the study at once, its series when the cursor rests."""
        self.details.show_study(message.study)
        if message.study is not None:
            self._in_background(partial(self._show_series, message.study), "series", exclusive=True)

    async def _show_series(self, study: StudyRow) -> None:
        await asyncio.sleep(_REST_SECONDS)
        await self._pictures.show_series(study)

    async def on_series_strip_in_sight(self) -> None:
        """Draw the pictures that came in sight."""
        self._in_background(self._pictures.draw, "pictures", exclusive=True)

    def on_series_strip_clicked(self, message: SeriesStrip.Clicked) -> None:
        """Read the series that was double-clicked."""
        if message.twice:
            self.action_read()

    def on_study_table_chosen(self) -> None:
        """Read the study that was double-clicked."""
        self.action_read()

    def on_table_header_sort_chosen(self, message: TableHeader.SortChosen) -> None:
        """Sort by a title that was clicked."""
        self._sort_by(message.sort)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        narrowing = replace(self._loader.question.narrowing, text=event.value)
        self._ask(replace(self._loader.question, narrowing=narrowing))

    def on_input_submitted(self) -> None:
        """Go back to the table, narrowed."""
        self._close_filter()

    # ---- what can be asked for

    def action_filter(self) -> None:
        """Type what to look for."""
        self._furniture.hints.display = False
        self._filter.display = True
        self._filter.focus()

    def action_cancel(self) -> None:
        """Give the keys back to the table; there, show all studies again."""
        if self._filter.has_focus:
            self._filter.value = ""
            self._close_filter()
        elif self.focused is not self.table:
            self.action_next_pane()
        elif not self._loader.question.narrowing.is_everything:
            self._filter.value = ""
            self._ask(replace(self._loader.question, narrowing=EVERYTHING))

    def action_quick_filter(self, key: int) -> None:
        """Turn a quick filter on or off."""
        narrowing = self._loader.question.narrowing.toggled(key)
        self._ask(replace(self._loader.question, narrowing=narrowing))

    def action_sort_next(self) -> None:
        """Sort by the next column on screen that sorts, or by arrival."""
        shown = [placed.column.sort for placed in self.table.columns if placed.column.sort is not None]
        sorts = [*shown, Sort.RECEIVED] if Sort.RECEIVED not in shown else shown
        present = self._loader.question.sort
        index = sorts.index(present) + 1 if present in sorts else 0
        self._sort_by(sorts[index % len(sorts)])

    def action_sort_reverse(self) -> None:
        """Reverse the order."""
        self._sort_by(self._loader.question.sort)

    def action_follow(self) -> None:
        """Keep the cursor on what arrives, or no longer."""
        if self.table.following:
            self.table.following = False
        else:
            self.table.follow(self.table.studies.newest_id)
        self._draw()

    def action_start_receiver(self) -> None:
        """Start the embedded receiver again."""
        self._reception.start(self._furniture.draw_reception)

    def action_associations(self) -> None:
        """Show the receiver: who called, how much came, why somebody was refused."""
        from noctis_tui.interface.receiver.screen import ReceiverScreen  # noqa: PLC0415 - when it is needed

        self.app.push_screen(ReceiverScreen(self._archive, self._reception))

    def action_jobs(self) -> None:
        """Show what takes its time."""
        from noctis_tui.interface.jobs.screen import JobsScreen  # noqa: PLC0415 - when it is needed

        self.app.push_screen(JobsScreen(self._archive))

    def action_copy_uid(self) -> None:
        """Copy the Study Instance UID to the terminal's clipboard (OSC 52)."""
        study = self.table.study
        if study is not None and is_uid(study.study_instance_uid):
            self.app.copy_to_clipboard(study.study_instance_uid)
            self.notify("Copied the Study Instance UID.", markup=False, timeout=2)

    def action_read(self) -> None:
        """Read the study, or the series that was chosen."""
        study = self.table.study
        if study is None:
            return
        from noctis_tui.interface.viewer.screen import ViewerScreen  # noqa: PLC0415 - loaded when it is needed

        self._record_access(study)
        self.app.push_screen(ViewerScreen(self._archive, study, self.details.strip.picked))

    async def action_tags(self) -> None:
        """Show every element of the first instance."""
        study, picked = self.table.study, self.details.strip.picked
        if study is None:
            return
        index = self._archive.index
        series = picked or next(iter(await index.call(series_of, index, study.id)), None)
        instances = await index.call(instances_of, index, series.id) if series is not None else []
        if instances:
            from noctis_tui.interface.tags.instances import Instances  # noqa: PLC0415 - loaded when it is needed
            from noctis_tui.interface.tags.screen import TagsScreen  # noqa: PLC0415 - the same

            self._record_access(study)
            files = tuple(instance.path for instance in instances)
            self.app.push_screen(TagsScreen(Instances(files, 0, patient_name(study))))

    def _record_access(self, study: StudyRow) -> None:
        record = partial(asyncio.to_thread, record_access, self._archive, study.study_instance_uid)
        self._in_background(record, "audit")

    def _sort_by(self, sort: Sort) -> None:
        self._ask(self._loader.question.sorted_by(sort))

    def _ask(self, question: Question) -> None:
        self._in_background(partial(self._loader.ask, question), "question")

    def _close_filter(self) -> None:
        self._filter.display = False
        self._furniture.hints.display = True
        self.table.focus()
