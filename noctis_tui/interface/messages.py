"""What screens are told; past tense, because it has happened."""

from __future__ import annotations

from textual.message import Message


class StudiesChanged(Message):
    """Studies were recorded, grew or went quiet; batched about every 200 ms.

    `quiet` are those of `study_ids` that the receiver has found to be quiet.
    """

    def __init__(
        self,
        study_ids: frozenset[int],
        removed: frozenset[str] = frozenset(),
        quiet: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__()
        self.study_ids = study_ids
        self.removed = removed
        self.quiet = quiet


class ArchiveRebuilt(Message):
    """The index was made again: what was read before must be read again."""


class ArchiveFailed(Message):
    """The archive could not be read; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
