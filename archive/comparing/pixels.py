"""The pixels of two instances: the same bytes, the same values in another encoding, or how far apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from archive.comparing.difference import SAME_VALUES, Difference, Kind
from archive.comparing.elements import PIXELS
from archive.dicom.attributes import attribute_of
from archive.errors import NoctisError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from archive.dicom.element_node import Node
    from archive.dicom.element_tree import ElementTree
    from archive.pixels.frames import ImageFile
    from archive.progress import CancelToken

_CHUNK = 1 << 20


@dataclass(slots=True)
class _Apart:
    """How far the values of two images are apart, so far."""

    largest: float = 0.0
    unequal: int = 0
    compared: int = 0

    def add(self, left: NDArray[Any], right: NDArray[Any]) -> None:
        """Compare two frames of one shape."""
        ours, theirs = left.ravel(), right.ravel()
        for start in range(0, ours.size, _CHUNK):
            one, other = ours[start : start + _CHUNK], theirs[start : start + _CHUNK]
            self.compared += one.size
            unequal = (one != other) & ~((one != one) & (other != other))  # noqa: PLR0124 - NaN is the same as NaN
            if unequal.any():
                self.unequal += int(unequal.sum())
                apart = np.abs(one[unequal].astype(np.float64) - other[unequal].astype(np.float64))
                self.largest = max(self.largest, float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max()))


def pixel_differences(
    left: tuple[Path, ElementTree], right: tuple[Path, ElementTree], token: CancelToken
) -> list[Difference]:
    """Compare the pixels of two instances, by their bytes first and where these differ by their values.

    The same values in another encoding are a difference whose note says so (`SAME_VALUES`).

    Raises
    ------
    Cancelled
        Asked to stop.
    """
    ours, theirs = _pixels(left[1]), _pixels(right[1])
    if ours is None and theirs is None:
        return []
    if ours is None or theirs is None:
        kind = Kind.ADDED if ours is None else Kind.REMOVED
        return [_difference(left[1], ours, right[1], theirs, kind, "")]
    hashes = _hash(ours, token), _hash(theirs, token)
    same_words = left[1].transfer_syntax_uid == right[1].transfer_syntax_uid
    if hashes[0] == hashes[1] and same_words and ours.tag == theirs.tag:
        return []
    note = _compared(left[0], right[0], token)
    found = _difference(left[1], ours, right[1], theirs, Kind.PIXELS, note, hashes)
    return [found]


def _pixels(tree: ElementTree) -> Node | None:
    return next((node for node in tree.top() if node.tag in PIXELS), None)


def _hash(node: Node, token: CancelToken) -> str:
    """Return the SHA-256 of a value as it stands in the file, in hexadecimal."""
    digest = hashlib.sha256()
    for start in range(0, node.value.length, _CHUNK):
        token.check()
        digest.update(node.read(_CHUNK, start))
    return digest.hexdigest()


def _compared(left: Path, right: Path, token: CancelToken) -> str:
    from archive.pixels.frames import ImageFile  # noqa: PLC0415 - most pixels are the same bytes

    try:
        with ImageFile.open(left) as ours, ImageFile.open(right) as theirs:
            return _values(ours, theirs, token)
    except NoctisError as error:
        return f"the values cannot be compared: {error}"


def _values(left: ImageFile, right: ImageFile, token: CancelToken) -> str:
    if left.frame_count != right.frame_count:
        return f"{left.frame_count} and {right.frame_count} frames"
    apart = _Apart()
    for index in range(left.frame_count):
        token.check()
        ours, theirs = left.stored_values(index), right.stored_values(index)
        if ours.shape != theirs.shape:
            return f"{_shape(ours)} and {_shape(theirs)} pixels"
        apart.add(ours, theirs)
    if not apart.unequal:
        return SAME_VALUES
    return f"largest difference {apart.largest:g}, in {_share(apart.unequal, apart.compared)} of the values"


def _shape(frame: NDArray[Any]) -> str:
    return f"{frame.shape[1]}x{frame.shape[0]}{' colour' if frame.ndim == 3 else ''}"


def _share(part: int, whole: int) -> str:
    percent = 100 * part / whole
    return f"{percent:.1f} %" if percent >= 0.1 else f"{part:,}"


def _difference(
    left: ElementTree,
    ours: Node | None,
    right: ElementTree,
    theirs: Node | None,
    kind: Kind,
    note: str,
    hashes: tuple[str, str] = ("", ""),
) -> Difference:
    shown = [
        attribute_of(tree, node, 0) if node is not None else None
        for tree, node in ((left, ours), (right, theirs))
    ]
    attribute = shown[0] or shown[1]
    assert attribute is not None
    texts = [
        _text(node, sha256) if node is not None else ""
        for node, sha256 in zip((ours, theirs), hashes, strict=True)
    ]
    name = attribute.path, attribute.tag, attribute.vr, attribute.keyword, attribute.name
    return Difference(*name, kind, texts[0], texts[1], note)


def _text(node: Node, sha256: str) -> str:
    length = f"{node.value.length:,} bytes"
    return f"{length}, SHA-256 {sha256[:16]}…" if sha256 else length
