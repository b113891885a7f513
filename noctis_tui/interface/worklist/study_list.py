"""The studies of the worklist in memory: in order, complete from the top down to where it has been read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from archive.index.worklist import StudyRow

Key = tuple[Any, ...]


class StudyList:
    """Rows in the order of the index, with the place of each study found by its own sort key.

    Attributes
    ----------
    total
        Studies that match in the index, of which `rows` are the first.
    complete
        Whether `rows` are all of them.
    """

    def __init__(self, key: Callable[[StudyRow], Key], *, descending: bool) -> None:
        self._key = key
        self._descending = descending
        self._rows: list[StudyRow] = []
        self._by_id: dict[int, StudyRow] = {}
        self._receiving: dict[int, StudyRow] = {}
        self.total = 0
        self.complete = True

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> StudyRow:
        return self._rows[index]

    def get(self, study_id: int | None) -> StudyRow | None:
        """Return the study when it is among the rows."""
        return self._by_id.get(study_id) if study_id is not None else None

    def index_of(self, study_id: int | None) -> int | None:
        """Return the place of a study, None when it is not among the rows."""
        row = self.get(study_id)
        return self._place(self._key(row)) if row is not None else None

    def ids_of(self, study_instance_uids: Collection[str]) -> set[int]:
        """Return the ids of the rows that have one of these Study Instance UIDs."""
        if not study_instance_uids:
            return set()
        return {row.id for row in self._rows if row.study_instance_uid in study_instance_uids}

    def receiving_before(self, moment: float) -> set[int]:
        """Return the ids of the rows that count as receiving though nothing came since that moment."""
        return {row.id for row in self._receiving.values() if row.last_received_at < moment}

    @property
    def receiving(self) -> int:
        """How many of the rows are receiving."""
        return len(self._receiving)

    @property
    def newest_id(self) -> int | None:
        """The id of the study that arrived last, among the rows."""
        return max(self._by_id, default=None)

    @property
    def last(self) -> StudyRow | None:
        """The row that the next page comes after."""
        return self._rows[-1] if self._rows else None

    def extend(self, page: Iterable[StudyRow], *, complete: bool) -> None:
        """Append the next page of the index."""
        fresh = [row for row in page if row.id not in self._by_id]
        self._rows.extend(fresh)
        for row in fresh:
            self._know(row)
        self.complete = complete
        self.total = len(self._rows) if complete else max(self.total, len(self._rows))

    def merge(self, changed: Iterable[StudyRow], gone: Collection[int], total: int) -> None:
        """Put changed studies where they belong now; what lies beyond the rows comes with its page."""
        changed = list(changed)
        for study_id in {*gone, *(row.id for row in changed)} & self._by_id.keys():
            self._remove(study_id)
        for row in changed:
            place = self._place(self._key(row))
            if place < len(self._rows) or self.complete:
                self._rows.insert(place, row)
                self._know(row)
        self.total = len(self._rows) if self.complete else max(total, len(self._rows))

    def _remove(self, study_id: int) -> None:
        index = self.index_of(study_id)
        assert index is not None
        del self._rows[index]
        del self._by_id[study_id]
        self._receiving.pop(study_id, None)

    def _know(self, row: StudyRow) -> None:
        self._by_id[row.id] = row
        if row.state == "receiving":
            self._receiving[row.id] = row

    def _place(self, key: Key) -> int:
        low, high = 0, len(self._rows)
        while low < high:
            middle = (low + high) // 2
            other = self._key(self._rows[middle])
            if (other > key) if self._descending else (other < key):
                low = middle + 1
            else:
                high = middle
        return low
