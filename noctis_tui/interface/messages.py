"""What screens are told; past tense, because it has happened."""

from __future__ import annotations

from textual.message import Message


class StudiesChanged(Message):
    """Studies were recorded, grew or went quiet; batched about every 200 ms."""

    def __init__(self, study_ids: frozenset[int], removed: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.study_ids = study_ids
        self.removed = removed


class ArchiveFailed(Message):
    """The archive could not be read; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
