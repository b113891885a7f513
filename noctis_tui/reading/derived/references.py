"""Which series an object refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom import keywords as kw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.dicom.data_set import DataSet

REFERENCED_FRAME_OF_REFERENCE = 0x30060010
_REFERENCED_SERIES_SEQUENCE = 0x00081115
_RT_REFERENCED_STUDY, _RT_REFERENCED_SERIES = 0x30060012, 0x30060014
_REFERENCES_LIMIT = 20_000
_DEPTH_LIMIT = 6


def referenced_series(ds: DataSet) -> Iterator[str]:
    """Yield the series that are named at the top, and below a Frame of Reference or a study."""
    for place in _below(ds, 0):
        for item in place.items(_REFERENCED_SERIES_SEQUENCE, _REFERENCES_LIMIT):
            yield item.text(kw.SERIES_INSTANCE_UID)
        for item in place.items(_RT_REFERENCED_SERIES, _REFERENCES_LIMIT):
            yield item.text(kw.SERIES_INSTANCE_UID)


def _below(ds: DataSet, depth: int) -> Iterator[DataSet]:
    yield ds
    if depth < _DEPTH_LIMIT:
        for tag in (REFERENCED_FRAME_OF_REFERENCE, _RT_REFERENCED_STUDY):
            for item in ds.items(tag, 64):
                yield from _below(item, depth + 1)
