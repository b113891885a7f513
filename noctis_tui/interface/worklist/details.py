"""The chosen study below the table: its facts and its series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Horizontal
from textual.widgets import Static

from noctis_tui.interface.series_strip import SeriesStrip
from noctis_tui.interface.worklist import cells

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from textual.app import ComposeResult

    from archive.index.worklist import SeriesRow, StudyRow
    from noctis_tui.graphics.terminal.detection import TerminalGraphics


class Details(Horizontal):
    """Facts on the left, series on the right."""

    def __init__(self, graphics: TerminalGraphics, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.facts = Static(id="facts", markup=False)
        self.strip = SeriesStrip(graphics, id="series")
        self._study: StudyRow | None = None

    def compose(self) -> ComposeResult:
        """Lay out both halves."""
        yield self.facts
        yield self.strip

    def show_study(self, study: StudyRow | None) -> None:
        """Show the facts at once; the series follow when they have been read."""
        if study is None or self._study is None or study.id != self._study.id:
            self.strip.show((), keep=False)
        self._study = study
        text = facts_text(study, self.app.theme_variables) if study is not None else Text()
        self.facts.update(text)

    def draw_again(self) -> None:
        """Write the same facts and captions in other colours."""
        self.show_study(self._study)
        self.strip.draw_captions()

    def show_series(self, study: StudyRow, series: Sequence[SeriesRow]) -> None:
        """Show the series of the study, when it is still the chosen one."""
        if self._study is not None and study.id == self._study.id:
            self.strip.show(series, keep=True)


def facts_text(study: StudyRow, colors: Mapping[str, str]) -> Text:
    """Return what is known of a study, a fact a line, the empty ones left out."""
    text = Text().append(cells.patient_name(study), style=f"bold {colors['bright']}")
    for name, value in _facts(study):
        if value:
            text.append(f"\n{name:<10}", style=colors["muted"]).append(value, style=colors["foreground"])
    return text


def _facts(study: StudyRow) -> Iterator[tuple[str, str]]:
    born = cells.day(study.patient_birth_date)
    yield (
        "Patient",
        "  ".join(part for part in (cells.plain(study.patient_id), cells.sex_and_age(study)) if part),
    )
    yield "Born", born
    yield "Study", f"{cells.day(study.study_date)} {cells.clock(study.study_time)}".strip()
    yield "", cells.plain(study.study_description)
    yield "Accession", cells.plain(study.accession_number)
    yield "From", cells.person(study.referring_physician_name)
    series = f"{study.series_count} series" if study.series_count != 1 else "1 series"
    images = f"{cells.number(study.instance_count)} image{'s' if study.instance_count != 1 else ''}"
    yield "Holds", f"{series}, {images}, {cells.size(study.size_bytes)}"
