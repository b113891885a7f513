"""Encapsulated documents (PS3.3 A.45): PDF as pictures of its pages, else what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import NoctisError
from noctis_tui.reading.derived.opening import Words
from noctis_tui.reading.documents.heading import about, title_of
from noctis_tui.reading.documents.page import TextLine, page_of
from noctis_tui.reading.documents.pdf import pdf_page_count, pdf_page_picture
from noctis_tui.reading.documents.picture import picture_frame

if TYPE_CHECKING:
    from archive.dicom.data_set import DataSet
    from noctis_tui.reading.documents.page import TextPage
    from noctis_tui.reading.loaded_frame import LoadedFrame

_TITLE, _DOCUMENT, _MIME_TYPE, _LENGTH = 0x00420010, 0x00420011, 0x00420012, 0x00420015
_CONCEPT_NAME = 0x0040A043


def document_pages(ds: DataSet) -> int:
    """Return how many pages a document has; 1 for what is no PDF, and where nothing is there to read it."""
    pdf = _pdf_in(ds)
    try:
        return pdf_page_count(pdf) if pdf else 1
    except NoctisError:
        return 1


def document_frame(ds: DataSet, page_index: int) -> LoadedFrame | TextPage:
    """Return a page as a picture, or a text that says what the document is and why there is no picture."""
    pdf = _pdf_in(ds)
    if not pdf:
        mime = Words(ds).text(ds, _MIME_TYPE) or "of a kind that it does not name"
        return _described(ds, f"The document is {mime}: it is kept, and not shown here.")
    try:
        return picture_frame(pdf_page_picture(pdf, page_index), ds)
    except NoctisError as error:
        return _described(ds, str(error))


def _pdf_in(ds: DataSet) -> bytes:
    """Return the document when it begins like a PDF, whatever its MIME type says."""
    length = ds.integer(_LENGTH, 0, b"UL")
    raw = ds.raw(_DOCUMENT)
    raw = raw[:length] if 0 < length <= len(raw) else raw
    return raw if b"%PDF-" in raw[:1024] else b""


def _described(ds: DataSet, reason: str) -> TextPage:
    words = Words(ds)
    element = ds.element(_DOCUMENT)
    lines = [
        TextLine("Title", words.text(ds, _TITLE) or words.meaning(ds, _CONCEPT_NAME) or "(none)"),
        TextLine("Kind", words.text(ds, _MIME_TYPE) or "(not said)"),
        TextLine("Size", f"{element.length if element else 0:,} bytes"),
    ]
    return page_of(title_of(ds), about(ds, words), lines, reason)
