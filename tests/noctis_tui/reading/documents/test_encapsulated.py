import io

import pytest
from derived_objects import items, saved

from noctis_tui.reading.documents import pdf
from noctis_tui.reading.documents.page import TextPage
from noctis_tui.reading.documents.reading import page_count, read_document
from noctis_tui.reading.loaded_frame import LoadedFrame

ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"


@pytest.fixture(scope="module")
def two_pages():
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 100)
    document.new_page(100, 300)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def written(tmp_path, document, mime="application/pdf", **more):
    ds = items(PatientName="Doe^Jane", PatientID="7", StudyInstanceUID="1.2.3", Modality="DOC", **more)
    ds.DocumentTitle, ds.MIMETypeOfEncapsulatedDocument = "A letter\x1b[2J", mime
    ds.EncapsulatedDocument = document + b"\0" * (len(document) % 2)
    return saved(ds, tmp_path / "doc.dcm", ENCAPSULATED_PDF)


def test_every_page_is_a_picture(tmp_path, two_pages):
    path = written(tmp_path, two_pages)
    assert page_count(path) == 2
    first, second = read_document(path, 0), read_document(path, 1)
    assert isinstance(first, LoadedFrame)
    assert first.stored_values.shape == (209, 417, 3)
    assert second.stored_values.shape[0] > second.stored_values.shape[1]
    assert first.stored_values.min() == 255


@pytest.mark.parametrize("cut", [20, 200])
def test_a_broken_pdf_is_described(tmp_path, two_pages, cut):
    page = read_document(written(tmp_path, two_pages[:cut] + b"\x1b[31m" * 40))
    if isinstance(page, TextPage):  # pdfium mends a lot
        assert page.reason.startswith("The PDF cannot be read: ")
        assert "\x1b" not in "".join(page.plain())
    assert page is not None


def test_a_reader_that_hangs_is_ended(tmp_path, two_pages, monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", 0.001)
    page = read_document(written(tmp_path, two_pages))
    assert isinstance(page, TextPage)
    assert "could not be drawn within" in page.reason


def test_without_pdfium_it_says_what_would_help(tmp_path, two_pages, monkeypatch):
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)
    page = read_document(written(tmp_path, two_pages))
    assert "noctis-tui[documents]" in page.reason
    assert "Title: A letter␛[2J" in list(page.plain())


def test_what_is_no_pdf_is_named(tmp_path):
    page = read_document(written(tmp_path, b"<html><script>alert(1)</script></html>", "text/html"))
    assert page.reason == "The document is text/html: it is kept, and not shown here."
    assert page_count(written(tmp_path, b"<html>", "text/html")) == 1


@pytest.mark.shared
def test_a_real_one(shared_data):
    path = shared_data / "single" / "encapsulated_pdf.dcm"
    frame = read_document(path)
    assert frame.is_color
    assert frame.stored_values.shape[0] > 1000
    assert (frame.stored_values < 128).any()
