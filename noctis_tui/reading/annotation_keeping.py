"""Keeps what was drawn in the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.annotations.annotation import Annotation, KeyImage, Layer
from archive.errors import BadInput, NoctisError, NotFound
from noctis_tui.reading.edit_history import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from archive.annotating import Edit
    from archive.annotations.annotation import Annotations
    from archive.local_archive import LocalArchive
    from noctis_tui.reading.edit_history import ItemKey

_AT_ONCE = 20
"""So many shapes of the most points are what the archive takes together."""


def keep(
    archive: LocalArchive | Path, study_instance_uid: str, keys: Iterable[ItemKey], kept: Annotations
) -> tuple[frozenset[ItemKey], str]:
    """Make items of a study in the archive what they are on the screen; not for the event loop.

    Parameters
    ----------
    archive
        Its handle, or its folder.

    Returns
    -------
    frozenset of ItemKey, str
        What the archive did not take, and the sentence that says why; both empty when it took everything.
    """
    waiting, refused, sentence = list(keys), set["ItemKey"](), ""
    while waiting:
        some, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        for part in _kept_apart(archive, study_instance_uid, some, kept):
            refused.update(part[0])
            sentence = sentence or part[1]
    return frozenset(refused), sentence


def _kept_apart(
    archive: LocalArchive | Path, uid: str, keys: list[ItemKey], kept: Annotations
) -> Iterator[tuple[list[ItemKey], str]]:
    """Keep items together; where one of them is refused for what it is, each by itself."""
    from archive.annotating import edit  # noqa: PLC0415 - only when something was drawn

    try:
        edit(archive, [_edit(uid, key, kept) for key in keys])
    except (BadInput, NotFound) as error:
        if len(keys) == 1:
            yield keys, str(error)
            return
        for key in keys:
            yield from _kept_apart(archive, uid, [key], kept)
    except (NoctisError, OSError) as error:
        yield keys, str(error)


def _edit(uid: str, key: ItemKey, kept: Annotations) -> Edit:
    from archive.annotating import (  # noqa: PLC0415 - the same
        DeleteAnnotation,
        DeleteKeyImage,
        PutAnnotation,
        PutKeyImage,
        PutLayer,
    )

    item = find(kept, key)
    if isinstance(item, Annotation):
        return PutAnnotation(item)
    if isinstance(item, Layer):
        return PutLayer(uid, item)
    if isinstance(item, KeyImage):
        return PutKeyImage(item)
    return DeleteAnnotation(uid, key[1]) if isinstance(key[1], str) else DeleteKeyImage(key[1])
