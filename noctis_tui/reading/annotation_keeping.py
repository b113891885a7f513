"""Keeps what was drawn in the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.annotations.annotation import Annotation, KeyImage, Layer
from archive.annotations.space_curve import SpaceCurve
from archive.errors import BadInput, NoctisError, NotFound
from noctis_tui.reading.edit_history import by_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from archive.annotating import Edit
    from archive.annotations.annotation import Annotations
    from archive.local_archive import LocalArchive
    from noctis_tui.reading.edit_history import Item, ItemKey

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
    items = by_key(kept)
    waiting, refused, sentence = list(keys), set["ItemKey"](), ""
    while waiting:
        some, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        for part in _kept_apart(archive, study_instance_uid, some, items):
            refused.update(part[0])
            sentence = sentence or part[1]
    return frozenset(refused), sentence


def _kept_apart(
    archive: LocalArchive | Path, uid: str, keys: list[ItemKey], items: Mapping[ItemKey, Item]
) -> Iterator[tuple[list[ItemKey], str]]:
    """Keep items together; where one of them is refused for what it is, each by itself."""
    from archive.annotating import edit  # noqa: PLC0415 - only when something was drawn

    try:
        edit(archive, [_edit(uid, key, items) for key in keys])
    except (BadInput, NotFound) as error:
        if len(keys) == 1:
            yield keys, str(error)
            return
        for key in keys:
            yield from _kept_apart(archive, uid, [key], items)
    except (NoctisError, OSError) as error:
        yield keys, str(error)


def _edit(uid: str, key: ItemKey, items: Mapping[ItemKey, Item]) -> Edit:
    from archive.annotating import (  # noqa: PLC0415 - the same
        DeleteAnnotation,
        DeleteCurve,
        DeleteKeyImage,
        DeleteLayer,
        PutAnnotation,
        PutCurve,
        PutKeyImage,
        PutLayer,
    )

    put: Edit | None
    match items.get(key):
        case Annotation() as annotation:
            put = PutAnnotation(annotation)
        case Layer() as layer:
            put = PutLayer(uid, layer)
        case KeyImage() as mark:
            put = PutKeyImage(mark)
        case SpaceCurve() as curve:
            put = PutCurve(curve)
        case None:
            put = None
    if put is not None:
        return put
    if not isinstance(key[1], str):
        return DeleteKeyImage(key[1])
    if key[0] == "layer":
        return DeleteLayer(uid, key[1])
    return DeleteCurve(uid, key[1]) if key[0] == "curve" else DeleteAnnotation(uid, key[1])
