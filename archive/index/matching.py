"""What a filter means, and how it is asked: the one place that knows SQLite's text functions.

Filter words are matched anywhere in a study's search text, whatever case and accents; ``*`` stands for any
text and every other character for itself. Values are always bound, never written into a statement.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from peewee import Expression, Value, fn

from archive.index.models import Study

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class StudyFilter:
    """Which studies; every part that is set must match.

    Attributes
    ----------
    text
        Words; each must occur in the patient's name or ID, the accession number or the description.
    modalities
        The study has a series of at least one of them.
    study_date_from, study_date_to
        ``YYYYMMDD``, inclusive; empty is open. A study without a date matches only when both are open.
    received_since
        Unix seconds; the study's first instance came then or later.
    """

    text: str = ""
    modalities: frozenset[str] = frozenset()
    study_date_from: str = ""
    study_date_to: str = ""
    received_since: float | None = None


def normalized(text: str) -> str:
    """Return the text without case, accents and the separators of person names (PS3.5 section 6.2.1)."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.replace("^", " ").replace("=", " ").replace(",", " ").split())


def conditions(study_filter: StudyFilter) -> list[Expression]:
    """Return what a study must fulfil, as peewee expressions on `Study`."""
    wanted = [_contains_word(word) for word in normalized(study_filter.text).split()]
    if study_filter.modalities:
        wanted.append(_has_modality(study_filter.modalities))
    if study_filter.study_date_from or study_filter.study_date_to:
        wanted.append(Study.study_date >= (study_filter.study_date_from or "0"))
    if study_filter.study_date_to:
        wanted.append(Study.study_date <= study_filter.study_date_to)
    if study_filter.received_since is not None:
        wanted.append(Study.received_at >= study_filter.received_since)
    return wanted


def _contains_word(word: str) -> Expression:
    if "*" not in word:
        return _expression(fn.instr(Study.search_text, word) > 0)
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return _expression(fn.LIKE(f"%{escaped}%", Study.search_text, "\\") == 1)


def _has_modality(modalities: Iterable[str]) -> Expression:
    joined = Value("\\").concat(Study.modalities).concat("\\")
    return reduce(
        or_, [_expression(fn.instr(joined, f"\\{modality}\\") > 0) for modality in sorted(modalities)]
    )


def _expression(comparison: object) -> Expression:
    # Operators of peewee's functions are typed as Python's own; what they build is an expression.
    assert isinstance(comparison, Expression)
    return comparison
