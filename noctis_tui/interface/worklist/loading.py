"""Keeps the table equal to the index: pages as they are wanted, changes as they happen, in turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from archive.index.sorting import Sort, key_values
from archive.index.worklist import count_studies, studies
from noctis_tui.interface.worklist.quick_filters import EVERYTHING, Narrowing
from noctis_tui.interface.worklist.study_list import StudyList

if TYPE_CHECKING:
    from collections.abc import Collection

    from archive.index.database import Index
    from archive.index.worklist import StudyFilter, StudyRow
    from noctis_tui.interface.worklist.study_table import StudyTable

FIRST_PAGE = 200
PAGE = 1000
_ASCENDING_AT_FIRST = frozenset(
    {Sort.NAME, Sort.PATIENT_ID, Sort.ACCESSION, Sort.DESCRIPTION, Sort.MODALITIES}
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the worklist shows: narrowed to what, sorted by what."""

    narrowing: Narrowing = EVERYTHING
    sort: Sort = Sort.RECEIVED
    descending: bool = True

    def study_filter(self) -> StudyFilter:
        """Return what the index is asked for, as of today."""
        return self.narrowing.study_filter(datetime.now().date())  # noqa: DTZ005 - the calendar on the wall

    def sorted_by(self, sort: Sort) -> Question:
        """Return the question sorted by a column; by the same column again, in reverse."""
        if sort == self.sort:
            return replace(self, descending=not self.descending)
        return replace(self, sort=sort, descending=sort not in _ASCENDING_AT_FIRST)

    def empty_list(self) -> StudyList:
        """Return a list for the answer."""
        sort = self.sort
        return StudyList(lambda row: key_values(row, sort), descending=self.descending)


class WorklistLoader:
    """Answers one question at a time into the table; a new question makes the old answers void.

    Reading and applying happen under one lock, so that no change falls between a page and the table.
    """

    def __init__(self, index: Index, table: StudyTable) -> None:
        self._index = index
        self._table = table
        self._turn = asyncio.Lock()
        self.question = Question()

    async def ask(self, question: Question) -> None:
        """Answer another question from its first page on."""
        self.question = question
        async with self._turn:
            if question is not self.question:
                return
            what = question.study_filter()
            page = await self._page(question, None, FIRST_PAGE)
            complete = len(page) < FIRST_PAGE
            total = len(page) if complete else await self._index.call(count_studies, self._index, what)
            if question is self.question:
                answer = question.empty_list()
                answer.extend(page, complete=complete)
                answer.total = total
                self._table.show(answer)

    async def read_up_to(self, rows: int) -> None:
        """Read pages until so many rows are there or nothing is left."""
        question = self.question
        while question is self.question and await self._read_page(question, rows):
            pass

    async def _read_page(self, question: Question, rows: int) -> bool:
        async with self._turn:
            shown = self._table.studies
            if shown.complete or len(shown) >= rows:
                return False
            page = await self._page(question, shown.last, PAGE)
            if question is self.question:
                self._table.grow(page, complete=len(page) < PAGE)
            return True

    async def refresh(self, study_ids: Collection[int], removed: Collection[str]) -> None:
        """Read changed studies again and put them where they belong."""
        async with self._turn:
            question, what = self.question, self.question.study_filter()
            rows = await self._index.call(studies, self._index, what, limit=None, ids=study_ids)
            total = await self._index.call(count_studies, self._index, what)
            if question is self.question:
                found = {row.id for row in rows}
                gone = {study_id for study_id in study_ids if study_id not in found}
                gone |= self._table.studies.ids_of(removed)
                self._table.update_studies(rows, gone, total)

    async def _page(self, question: Question, after: StudyRow | None, limit: int) -> list[StudyRow]:
        return await self._index.call(
            studies,
            self._index,
            question.study_filter(),
            sort=question.sort,
            descending=question.descending,
            after=after,
            limit=limit,
        )
