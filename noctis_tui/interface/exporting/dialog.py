"""The dialog that exports: what, as what, where to; then how far it is."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Input, Static

from archive.audit.access import record_export
from archive.dicom.text import visible
from archive.errors import NoctisError
from archive.progress import Cancelled, CancelToken, Progress
from noctis_tui.interface.exporting.actions import EXPORTING_CONTEXT
from noctis_tui.interface.exporting.offers import OFFERS, PICTURES, Offer, suggested_name
from noctis_tui.interface.keyed_dialog import KeyedDialog
from noctis_tui.interface.path_text import path_text
from noctis_tui.interface.row_list import RowList
from noctis_tui.interface.worklist.cells import fit
from noctis_tui.reading.export.request import Look

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult

    from archive.local_archive import LocalArchive
    from noctis_tui.interface.app import NoctisApp
    from noctis_tui.interface.exporting.scopes import Scope
    from noctis_tui.reading.export.instances import Rewrite
    from noctis_tui.reading.export.target import ExportTarget

log = logging.getLogger(__name__)
_NAME_CELLS = 22
_TOLD_SECONDS = 0.1


class ExportDialog(KeyedDialog):
    """Exports one of several scopes.

    Parameters
    ----------
    archive
        What the scopes read from, and whose audit tells of the export.
    scopes
        What can be exported here, the one to begin with first.
    """

    CONTEXT = EXPORTING_CONTEXT
    DEFAULT_CSS = """
    ExportDialog #export-about { height: auto; color: $muted; margin: 0 0 1 0; }
    ExportDialog RowList { overflow-x: hidden; height: 9; }
    ExportDialog Input { height: 1; border: none; padding: 0 1; background: $panel; }
    ExportDialog Input:focus { border: none; }
    """

    def __init__(self, archive: LocalArchive, scopes: Sequence[Scope]) -> None:
        super().__init__()
        self._archive = archive
        self._scopes = list(scopes)
        self._burn_in = self._deidentify = False
        self._token: CancelToken | None = None
        self._told_at = 0.0
        self._found: ExportTarget | None = None
        self.list: RowList[Offer] = RowList(self._cells, lambda offer: offer.name, id="formats")
        self.path = Input(id="export-path", select_on_focus=False)
        self.path.can_focus = False

    @property
    def scope(self) -> Scope:
        """What is exported."""
        return self._scopes[0]

    def compose(self) -> ComposeResult:
        """Lay out the title, the formats, the path and the keys."""
        with Vertical(classes="dialog"):
            yield Static("Export", markup=False, classes="dialog-title")
            yield Static(id="export-about", markup=False)
            yield self.list
            yield self.path
            yield Static(id="export-keys", markup=False, classes="dialog-foot")

    def on_mount(self) -> None:
        """Offer the formats."""
        self.path.display = False
        self.list.show(OFFERS)  # at once: keys may have been typed ahead
        self.list.focus()
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        """Stop what is written when the application goes."""
        if self._token is not None:
            self._token.cancel()

    def _begin(self) -> None:
        self._draw()
        self._count()

    def _cells(self, offer: Offer, width: int) -> Iterable[tuple[str, str]]:
        yield f" {fit(offer.name, _NAME_CELLS)}", "bright"
        yield fit(offer.detail, max(width - _NAME_CELLS - 2, 0)), "muted"

    # ---- what can be asked for

    def action_line_down(self) -> None:
        """Go to the next format."""
        self.list.move_by(1)

    def action_line_up(self) -> None:
        """Go to the format before."""
        self.list.move_by(-1)

    def action_next_scope(self) -> None:
        """Export more, or less."""
        if self._token is None and not self.path.display:
            self._scopes.append(self._scopes.pop(0))
            self._found = None
            self._draw()
            self._count()

    def action_burn_in(self) -> None:
        """Write text and drawings into pictures, or not."""
        if not self.path.display:
            self._burn_in = not self._burn_in
            self._deidentify = self._deidentify and not self._burn_in
            self._draw()

    def action_deidentify(self) -> None:
        """Tell who the patient is, or not."""
        if not self.path.display:
            self._deidentify = not self._deidentify
            self._burn_in = self._burn_in and not self._deidentify
            self._draw()

    def action_choose_format(self) -> None:
        """Ask where to."""
        if self.list.row is not None and self._found is not None and not self.path.display:
            self.path.value = self._suggested(self.list.row)
            self.path.display = self.path.can_focus = True
            self.path.cursor_position = len(self.path.value)
            self.list.can_focus = False
            self.set_focus(self.path)
            self._draw()

    def on_row_list_chosen(self) -> None:
        """Go on with what was double-clicked."""
        self.action_choose_format()

    def action_cancel(self) -> None:
        """Stop what is written; else go back a step, or away."""
        if self._token is not None:
            self._token.cancel()
        elif self.path.display:
            self.path.display = self.path.can_focus = False
            self.list.can_focus = True
            self.list.focus()
            self._draw()
        else:
            self.dismiss()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write."""
        event.stop()
        if self.list.row is not None and self._token is None and event.value.strip():
            self._token = CancelToken()
            self.run_worker(self._write(self.list.row, Path(event.value.strip()).expanduser(), self._token))

    # ---- the work

    def _count(self) -> None:
        self.run_worker(self._find(self.scope), group="count", exclusive=True)

    async def _find(self, scope: Scope) -> None:
        try:
            self._found = await self._archive.index.call(scope.find, self._archive.index)
        except (NoctisError, OSError) as error:
            self._say(str(error), "error")
        self._draw()

    def _suggested(self, offer: Offer) -> str:
        assert self._found is not None
        images, series = self._images, len(self._found.series)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        return f"~/{suggested_name(offer.format, images=images, series=series, stamp=stamp)}"

    @property
    def _images(self) -> int:
        return sum(len(series.stack) for series in self._found.series) if self._found is not None else 0

    async def _write(self, offer: Offer, out: Path, token: CancelToken) -> None:
        self._draw()
        try:
            written = await asyncio.to_thread(self._export, offer, out, token)
        except Cancelled:
            self._end("Nothing was exported.")
        except NoctisError as error:
            self._end(str(error), "error")
        except OSError as error:
            self._end(
                f"{visible(str(out), 120)} cannot be written: {error.strerror or 'the disk refused'}.",
                "error",
            )
        except Exception as error:  # of a codec or a library, over a file that nobody foresaw
            log.exception("an export failed")
            self._end(f"The export failed ({type(error).__name__}).", "error")
        else:
            self._end(f"Exported to {path_text(written)}.")
            self.dismiss()

    def _export(self, offer: Offer, out: Path, token: CancelToken) -> Path:
        from archive.jobs.lasting import LastingJob  # noqa: PLC0415 - when exporting
        from noctis_tui.reading.export.annotated import marks_kept, table_kept  # noqa: PLC0415 - when exporting
        from noctis_tui.reading.export.job import export_job  # noqa: PLC0415 - when exporting
        from noctis_tui.reading.export.run import export  # noqa: PLC0415 - when exporting

        assert self._found is not None
        uid, index = self.scope.study_instance_uid, self._archive.index
        found, rewrite = self._leaving(self._found, offer)
        look = Look(self.scope.view, burn_in=self._burn_in and offer.format in PICTURES)
        if look.burn_in:
            look = replace(look, marks=marks_kept(index, uid))
        how = ", de-identified" if self._deidentify else ""
        record_export(self._archive, uid, len(found.files), f"{offer.format.value}{how}")
        job = export_job(self.scope.name, uid, offer.format, out, deidentified=self._deidentify)
        with LastingJob(self._archive, job, token) as lasting:

            def hear(progress: Progress, /) -> None:
                lasting.heard(progress)
                self._hear(progress)

            written = export(
                found,
                out,
                offer.format,
                look,
                rewrite=rewrite,
                table=lambda: table_kept(index, found, self.scope.view),
                listener=hear,
                token=token,
                owner=job.uid,
            )
            lasting.wrote(written)
        return written

    def _leaving(self, found: ExportTarget, offer: Offer) -> tuple[ExportTarget, Rewrite | None]:
        """Return what may leave, and what is made of it; says what stays."""
        if not self._deidentify:
            return found, None
        from archive.deidentification import Profile, site_key  # noqa: PLC0415 - when exporting
        from noctis_tui.reading.export.deidentified import deidentified  # noqa: PLC0415 - when exporting

        free = deidentified(found, offer.format, site_key(self._archive.layout), Profile())
        for reason, count in free.left_out.items():
            what = "1 instance" if count == 1 else f"{count} instances"
            self.app.call_from_thread(self._say, f"{what} left out: {reason}", "warning")
        return free.target, free.rewrite

    def _hear(self, progress: Progress, /) -> None:
        now = time.monotonic()
        if now - self._told_at >= _TOLD_SECONDS:
            self._told_at = now
            self.app.call_from_thread(self._show_progress, progress)

    def _show_progress(self, progress: Progress) -> None:
        if self.is_mounted and self._token is not None:
            share = f"{progress.done} of {progress.total}" if progress.total else str(progress.done)
            self._foot(Text(f"{share}   ", style=self.app.theme_variables["foreground"]))

    def _end(self, sentence: str, severity: str = "information") -> None:
        self._token = None
        self._say(sentence, severity)
        self._draw()

    def _say(self, sentence: str, severity: str = "information") -> None:
        cast("NoctisApp", self.app).say(sentence, severity)

    # ---- what it says

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        self.query_one("#export-about", Static).update(self._about())
        self._foot(Text())

    def _about(self) -> Text:
        colors = self.app.theme_variables
        line = Text(f"{self.scope.name[:1].upper()}{self.scope.name[1:]}", style=colors["bright"])
        if self._found is not None:
            images = "1 image" if self._images == 1 else f"{self._images} images"
            files = "1 file" if len(self._found.files) == 1 else f"{len(self._found.files)} files"
            line.append(f"   {images}, {files}", style=colors["muted"])
        color = colors["warning" if self._burn_in else "muted"]
        return line.append(f"   {self._patient}", style=color)

    @property
    def _patient(self) -> str:
        if self._burn_in:
            return "patient and drawings burned in"
        return "de-identified" if self._deidentify else "patient and drawings left out of pictures"

    def _foot(self, line: Text) -> None:
        colors = self.app.theme_variables
        for key, word in self._hints():
            line.append(key, style=colors["accent"]).append(f" {word}   ", style=colors["muted"])
        self.query_one("#export-keys", Static).update(line)

    def _hints(self) -> Iterable[tuple[str, str]]:
        label = self.keymap.label
        cancel = label("everywhere", "cancel")
        if self._token is not None:
            return [(cancel, "stop")]
        if self.path.display:
            return [("Enter", "write"), (cancel, "another format")]
        hints = [(label(EXPORTING_CONTEXT, "choose_format"), "go on")]
        if len(self._scopes) > 1:
            following = self._scopes[1].name
            hints.append((label(EXPORTING_CONTEXT, "next_scope"), following))
        hints.append((label(EXPORTING_CONTEXT, "deidentify"), "de-identify"))
        return [*hints, (label(EXPORTING_CONTEXT, "burn_in"), "burn in"), (cancel, "leave it")]
