"""From a file without pixels to what a pane shows in the place of a picture."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from archive.errors import NoctisError
from noctis_tui.reading.derived.opening import opened_object

if TYPE_CHECKING:
    from pathlib import Path

    from noctis_tui.reading.documents.page import TextPage
    from noctis_tui.reading.loaded_frame import LoadedFrame

log = logging.getLogger(__name__)
_WAVEFORM_SEQUENCE, _ENCAPSULATED_DOCUMENT = 0x54000100, 0x00420011


def read_document(path: Path, page_index: int = 0) -> LoadedFrame | TextPage | None:
    """Return one page of a document, counted from 0; None for what nothing can be said about.

    Raises
    ------
    NoctisError
        The file cannot be read; the sentence says why.
    """
    with opened_object(path) as ds:
        if _WAVEFORM_SEQUENCE in ds:
            from noctis_tui.reading.documents.waveform_picture import waveform_frame  # noqa: PLC0415 - few need it

            return waveform_frame(ds, page_index)
        if _ENCAPSULATED_DOCUMENT in ds:
            from noctis_tui.reading.documents.encapsulated import document_frame  # noqa: PLC0415 - the same

            return document_frame(ds, page_index)
        from noctis_tui.reading.documents.report import CONTENT_SEQUENCE, report_page  # noqa: PLC0415 - the same

        if CONTENT_SEQUENCE in ds:
            return report_page(ds)
        from noctis_tui.reading.documents.outline import outline_page  # noqa: PLC0415 - the same

        return outline_page(ds)


def page_count(path: Path) -> int:
    """Return how many pages a document has: 1 where it cannot be said, as for text, which is one long page.

    Never raises: reading the page will say what is wrong.
    """
    try:
        with opened_object(path) as ds:
            if _WAVEFORM_SEQUENCE in ds:
                from noctis_tui.reading.documents.waveform import pages_of  # noqa: PLC0415 - few need it

                return len(pages_of(ds))
            if _ENCAPSULATED_DOCUMENT in ds:
                from noctis_tui.reading.documents.encapsulated import document_pages  # noqa: PLC0415 - the same

                return document_pages(ds)
    except (NoctisError, OSError):
        return 1
    except Exception:
        log.exception("counting the pages of a document failed")
        return 1
    return 1
