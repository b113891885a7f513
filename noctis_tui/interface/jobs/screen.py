"""The jobs screen, live: whoever begins, does or ends a job, in whichever process."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

from archive.errors import NoctisError
from archive.job import State
from archive.jobs import cancel_job
from archive.jobs.following import follow_jobs
from archive.jobs.leftovers import remove_leftovers
from noctis_tui.interface.guard import made_visible
from noctis_tui.interface.jobs import lines
from noctis_tui.interface.jobs.rows import job_cells, job_titles
from noctis_tui.interface.keyed_screen import KeyedScreen
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.row_moves import RowMoves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult

    from archive.job import Job
    from archive.local_archive import LocalArchive

_TICK_SECONDS = 1.0


class JobsScreen(KeyedScreen):
    """Shows the jobs of an archive."""

    CONTEXT = "jobs"

    def __init__(self, archive: LocalArchive) -> None:
        super().__init__()
        self._archive = archive
        self._jobs: list[Job] | None = None
        self._failure = ""
        self._tidied: set[str] = set()
        self.rows: RowList[Job] = RowList(self._cells, lambda job: job.uid, id="jobs")
        self.parts = (RowMoves(self.rows),)
        self._lines = {
            name: Static(id=name, markup=False, classes="titles" if name.endswith("titles") else "line")
            for name in ("title", "job-titles", "hints")
        }
        self._detail = Static(id="job-detail", markup=False)
        self._nothing = Static(id="no-jobs", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the title, the jobs, the one under the cursor in full, the hints."""
        yield from (self._lines["title"], self._lines["job-titles"])
        yield from (self.rows, self._nothing, self._detail, self._lines["hints"])

    def on_mount(self) -> None:
        """Begin to follow."""
        self.rows.focus()
        self.run_worker(self._follow(), group="follow")
        self.set_interval(_TICK_SECONDS, self.rows.refresh)
        self._draw()

    def on_resize(self) -> None:
        """Make the most of the size."""
        self.call_after_refresh(self._draw)

    def preferences_changed(self) -> None:
        """Draw the lines with other keys and colours."""
        super().preferences_changed()
        self._draw()

    async def _follow(self) -> None:
        while True:
            try:
                async for jobs in follow_jobs(self._archive):
                    self._jobs, self._failure = jobs, ""
                    self.rows.show(jobs)
                    self._draw()
                    self._tidy(jobs)
            except NoctisError as error:
                self._failure = str(error)
                self._draw()
                await asyncio.sleep(_TICK_SECONDS)

    def _tidy(self, jobs: list[Job]) -> None:
        """Remove what jobs left that were seen to be killed only now."""
        killed = [job for job in jobs if job.state is State.KILLED and job.uid not in self._tidied]
        if killed:
            self._tidied |= {job.uid for job in killed}
            self.run_worker(asyncio.to_thread(remove_leftovers, killed), group="tidy")

    def _cells(self, job: Job, width: int) -> Iterable[tuple[str, str]]:
        return job_cells(job, width, time.time())

    def _draw(self) -> None:
        if not self.is_attached:
            return
        colors, width, jobs = self.app.theme_variables, self.size.width, self._jobs
        self._lines["title"].update(lines.title_line(jobs or [], width, colors))
        self._lines["hints"].update(lines.hint_line(self.keymap, width, colors))
        titles = job_titles(self.rows.row_cells or width)
        self._lines["job-titles"].update(Text(titles, style=colors["muted"], no_wrap=True))
        self.set_class(not jobs, "-no-jobs")
        if jobs and self.focused is None:  # a list that was hidden has lost the keys
            self.call_after_refresh(self.rows.focus)
        self._nothing.update(self._empty_text())
        self._draw_detail()

    def _empty_text(self) -> Text:
        colors = self.app.theme_variables
        if self._failure:
            return Text(made_visible(self._failure), style=colors["error"])
        return lines.empty_text(colors) if self._jobs is not None else Text()

    def _draw_detail(self) -> None:
        job = self.rows.row
        self._detail.update(Text() if job is None else lines.detail_text(job, self.app.theme_variables))

    def on_row_list_moved(self) -> None:
        """Show the job under the cursor in full."""
        self._draw_detail()

    # ---- what can be asked for

    async def action_cancel_job(self) -> None:
        """Stop the job under the cursor."""
        job = self.rows.row
        if job is None:
            return
        try:
            await asyncio.to_thread(cancel_job, job)
        except NoctisError as error:
            self._say(str(error))
        else:
            self._say(f"Job {job.number} has been asked to stop.")

    def action_copy_output(self) -> None:
        """Copy the path of what a job wrote to the terminal's clipboard (OSC 52)."""
        job = self.rows.row
        if job is None or job.state is not State.DONE or not job.outputs:
            self._say("This job has written nothing.")
            return
        path = job.outputs[0]
        if made_visible(path) != path:
            self._say("That path holds characters which no terminal should be given.")
            return
        self.app.copy_to_clipboard(path)
        self._say("Copied the path.")

    def _say(self, sentence: str) -> None:
        self.notify(made_visible(sentence), markup=False, timeout=3)
