"""The loops of `archive.dicom.plain`: compiled where the optional extension was built, else as they are."""

from __future__ import annotations

from archive.dicom import plain

try:
    from archive.dicom import _plain as loops
except ImportError:
    loops = plain  # type: ignore[misc]  # a module as good as the other

plain_explicit = loops.plain_explicit
plain_implicit = loops.plain_implicit
whole_sequence = loops.whole_sequence
