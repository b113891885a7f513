"""Comparing with another study of the patient: this one on the left, the other on the right."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from archive.dicom.text import person_name, visible
from archive.errors import NoctisError
from noctis_tui.reading.caption import date_text, time_text
from noctis_tui.reading.elapsed import elapsed_text
from noctis_tui.reading.grid import Grid
from noctis_tui.reading.series_matching import best_match

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from archive.index.priors import OtherStudy
    from archive.index.worklist import StudyRow
    from noctis_tui.interface.dialogs.choice import Choice
    from noctis_tui.interface.viewer.screen import ViewerScreen
    from noctis_tui.interface.viewer.shelf import Entry

SIDE_BY_SIDE = Grid(1, 2)


class Comparing:
    """The part of the viewer that reads a second study beside the first."""

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._study: StudyRow | None = None
        self._other: OtherStudy | None = None
        self._matched: int | None = None
        """The series of the study that the other pane was last turned to the like of."""

    async def action_compare(self) -> None:
        """Offer the other studies of the patient."""
        screen = self._screen
        study = self._study or (screen.active.entry.study if screen.active.entry else None)
        if study is None or screen.archive is None:
            screen.say("There is no study to compare with another yet.")
            return
        from archive.index.priors import other_studies  # noqa: PLC0415 - only when asked for

        try:
            others = await screen.archive.index.call(other_studies, screen.archive.index, study.id)
        except (NoctisError, OSError) as error:
            screen.say(str(error))
            return
        if not others:
            identity = visible(study.patient_id, 40)
            screen.say(
                f"There is no other study of patient {identity} in this archive."
                if identity.strip()
                else "This study has no Patient ID: no other study can be told to be the same patient's."
            )
            return
        self._offer(study, others)

    def _offer(self, study: StudyRow, others: list[OtherStudy]) -> None:
        from noctis_tui.interface.dialogs.choice import Choice, ChoiceDialog  # noqa: PLC0415 - with the dialog

        choices = [self._choice(study, other) for other in others]
        if self._other is not None:
            choices.insert(0, Choice("No comparison", "this study alone", self._end))
        name = visible(person_name(study.patient_name), 40) or "No name"
        about = f"{name}  {visible(study.patient_id, 40)}   this study: {_when(study)}"
        self._screen.app.push_screen(ChoiceDialog("Compare with", choices, about=about))

    def _choice(self, study: StudyRow, other: OtherStudy) -> Choice:
        from noctis_tui.interface.dialogs.choice import Choice  # noqa: PLC0415 - with the dialog

        there = other.study
        about = (
            elapsed_text(there.study_date, study.study_date),
            " ".join(visible(modality, 8) for modality in there.modalities),
            visible(there.study_description, 40),
        )
        warning = f"other {', '.join(other.differs)}" if other.differs else ""
        detail = "  ".join(part for part in about if part)
        return Choice(_when(there), detail, partial(self._begin, study, other), warning)

    # ---- beginning and ending

    def _begin(self, study: StudyRow, other: OtherStudy) -> None:
        begin: Callable[[], Awaitable[None]] = partial(self._show, study, other)
        self._screen.run_worker(begin, group="compare", exclusive=True)

    async def _show(self, study: StudyRow, other: OtherStudy) -> None:
        screen = self._screen
        screen.touched()
        screen.stop_playing()
        self._record_access(other.study)
        await screen.read_beside(study, other.study)
        here = self._of_study(study)
        if not here or not self._of_study(other.study):
            screen.say("One of the two studies has no pictures.")
            return
        self._study, self._other = study, other
        current = screen.active.entry
        if current is None or current.study.id != study.id:
            current = here[0]
        screen.activate(screen.panes[0])
        screen.spread_over(SIDE_BY_SIDE)
        if screen.panes[0].begun != current:
            await screen.show_series(screen.panes[0], current)
        self._matched = None
        self.changed()
        if other.differs:
            screen.app.notify(
                f"The other study has another {' and another '.join(other.differs)}: "
                f"{visible(person_name(other.study.patient_name), 60)}, "
                f"born {date_text(visible(other.study.patient_birth_date, 10)) or 'unknown'}.",
                severity="warning",
                markup=False,
                timeout=8,
            )

    def _end(self) -> None:
        screen = self._screen
        other, self._study, self._other = self._other, None, None
        screen.activate(screen.panes[0])
        for pane in screen.panes:
            if other is not None and pane.entry is not None and pane.entry.study.id == other.study.id:
                screen.empty([pane], "No comparison.")
            pane.marks = ()
            pane.draw_title()
        screen.spread_over(Grid(1, 1))
        alone: Callable[[], Awaitable[None]] = screen.read_alone
        screen.run_worker(alone, group="compare", exclusive=True)

    def _record_access(self, study: StudyRow) -> None:
        from archive.audit.access import record_access  # noqa: PLC0415 - only when asked for

        archive = self._screen.archive
        assert archive is not None
        self._screen.run_worker(
            asyncio.to_thread(record_access, archive, study.study_instance_uid), group="audit"
        )

    def _of_study(self, study: StudyRow) -> list[Entry]:
        return [
            entry for entry in self._screen.shelf.entries if entry.study.id == study.id and entry.has_pictures
        ]

    # ---- what the screen tells

    def changed(self) -> None:
        """Take in that panes show other series: mark whose they are, and bring the like of this one."""
        if self._other is None or self._study is None:
            return
        screen = self._screen
        for pane in screen.panes:
            marks = self._marks(pane.entry) if pane.entry is not None else ()
            if marks != pane.marks:
                pane.marks = marks
                pane.draw_title()
        entry = screen.panes[0].begun
        if entry is None or entry.study.id != self._study.id or entry.series.id == self._matched:
            return
        self._matched = entry.series.id
        others = {other.series.id: other for other in self._of_study(self._other.study)}
        match = best_match(entry.series, [other.series for other in others.values()])
        shown = screen.panes[1].entry
        if match is not None and (shown is None or shown.series.id != match.id):
            screen.turn_to(screen.panes[1], others[match.id])

    def relocated(self) -> None:
        """Take up the two studies under their new ids; one that is gone ends the comparison."""
        if self._study is None or self._other is None:
            return
        rows = {entry.study.study_instance_uid: entry.study for entry in self._screen.shelf.entries}
        study = rows.get(self._study.study_instance_uid)
        other = rows.get(self._other.study.study_instance_uid)
        if study is None or other is None:
            self._end()
        else:
            self._study, self._other, self._matched = study, replace(self._other, study=other), None

    def _marks(self, entry: Entry) -> tuple[Text, ...]:
        colors = self._screen.app.theme_variables
        if self._other is not None and entry.study.id == self._other.study.id:
            return _other_marks(entry.study, self._study, colors)
        return (Text(f" CURRENT {_when(entry.study)} ", style=f"bold {colors['accent']}"),)


def _other_marks(study: StudyRow, current: StudyRow | None, colors: Mapping[str, str]) -> tuple[Text, ...]:
    elapsed = elapsed_text(study.study_date, current.study_date) if current is not None else ""
    word = "LATER" if elapsed.endswith("after") else "PRIOR" if elapsed.endswith("before") else "OTHER"
    style = f"bold {colors['background']} on {colors['warning']}"
    mark = Text().append(f" {word} {_when(study)} ", style=style)
    return mark.copy().append(f" {elapsed} ", style=f"not bold {colors['warning']}"), mark


def _when(study: StudyRow) -> str:
    day = date_text(visible(study.study_date, 12)) or "no date"
    return f"{day} {time_text(visible(study.study_time, 8))}".strip()
