"""What instances say that are neither images nor reports: plans, structures, mappings, states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.dicom import keywords as kw
from archive.dicom.sop_classes import uid_name
from archive.dicom.text import visible
from noctis_tui.reading.caption import date_text
from noctis_tui.reading.derived.opening import Words
from noctis_tui.reading.documents.heading import about, title_of
from noctis_tui.reading.documents.page import TextLine, page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.dicom.data_set import DataSet
    from noctis_tui.reading.documents.page import TextPage

ITEMS_LIMIT = 2_000


def outline_page(ds: DataSet) -> TextPage | None:
    """Return what an instance says, None for a SOP class that nothing is known about."""
    found = _OUTLINES.get(ds.text(kw.SOP_CLASS_UID))
    if found is None:
        return None
    words = Words(ds)
    return page_of(title_of(ds), about(ds, words), found(ds, words))


def _said(ds: DataSet, words: Words, depth: int, shown: tuple[tuple[int, str], ...]) -> Iterator[TextLine]:
    for tag, label in shown:
        value = ", ".join(filter(None, (part.strip() for part in words.text(ds, tag).split("\\"))))
        if value:
            yield TextLine(label, value, depth)


def _number(ds: DataSet, tag: int, vr: bytes, unit: str = "") -> str:
    values = ds.numbers(tag, vr)[:8]
    if unit == "°":
        values = tuple(round(value, 3) + 0.0 for value in values)  # planning systems write 7e-10 for 0
    return f"{', '.join(f'{value:g}' for value in values)} {unit}".rstrip() if values else ""


def _some(*lines: tuple[str, str], depth: int = 0) -> Iterator[TextLine]:
    return (TextLine(label, text, depth) for label, text in lines if text)


# ---- RT Plan (PS3.3 A.20)


def _plan(ds: DataSet, words: Words) -> Iterator[TextLine]:
    yield from _said(ds, words, 0, ((0x300A0002, "Plan"), (0x300A0003, "Name"), (0x300A000A, "Intent")))
    yield from _some(
        ("Planned", date_text(words.text(ds, 0x300A0006))), ("Approval", words.text(ds, 0x300E0002).lower())
    )
    for item in ds.items(0x300A0010, ITEMS_LIMIT):
        name = words.text(item, 0x300A0016) or words.text(item, 0x300A0014).lower()
        dose = _number(item, 0x300A0026, b"DS", "Gy") or _number(item, 0x300A0023, b"DS", "Gy")
        yield TextLine("Dose reference", ", ".join(filter(None, (name, dose))) or "(empty)")
    for group in ds.items(0x300A0070, ITEMS_LIMIT):
        fractions, beams = _number(group, 0x300A0078, b"IS"), _number(group, 0x300A0080, b"IS")
        number = _number(group, 0x300A0071, b"IS")
        yield TextLine(f"Fraction group {number}", f"{fractions} fractions, {beams} beams")
        for beam in group.items(0x300C0004, ITEMS_LIMIT):
            meterset, dose = _number(beam, 0x300A0086, b"DS", "MU"), _number(beam, 0x300A0084, b"DS", "Gy")
            said = ", ".join(filter(None, (meterset, dose)))
            yield from _some((f"Beam {_number(beam, 0x300C0006, b'IS')}", said), depth=1)
    for beam in ds.items(0x300A00B0, ITEMS_LIMIT):
        yield from _beam(beam, words)


def _beam(beam: DataSet, words: Words) -> Iterator[TextLine]:
    yield TextLine(f"Beam {_number(beam, 0x300A00C0, b'IS')} {words.text(beam, 0x300A00C2)}".rstrip())
    yield from _said(
        beam,
        words,
        1,
        (
            (0x300A00C4, "Type"),
            (0x300A00C6, "Radiation"),
            (0x300A00CE, "Delivery"),
            (0x300A00B2, "Machine"),
            (0x300A00C3, "Description"),
        ),
    )
    first = beam.first_item(0x300A0111)
    if first is not None:
        yield from _some(
            ("Energy", _number(first, 0x300A0114, b"DS", "MV")),
            ("Gantry", _number(first, 0x300A011E, b"DS", "°")),
            ("Collimator", _number(first, 0x300A0120, b"DS", "°")),
            ("Couch", _number(first, 0x300A0122, b"DS", "°")),
            ("Isocentre", _number(first, 0x300A012C, b"DS", "mm")),
            ("Control points", _number(beam, 0x300A0110, b"IS")),
            depth=1,
        )


# ---- RT Structure Set (PS3.3 A.19)


def _structures(ds: DataSet, words: Words) -> Iterator[TextLine]:
    yield from _said(ds, words, 0, ((0x30060002, "Label"), (0x30060004, "Name"), (0x30060006, "Description")))
    types = {
        item.integer(0x30060084, -1, b"IS"): words.text(item, 0x300600A4).lower()
        for item in ds.items(0x30060080, ITEMS_LIMIT)
    }
    contours = {
        item.integer(0x30060084, -1, b"IS"): len(item.item_spans(0x30060040))
        for item in ds.items(0x30060039, ITEMS_LIMIT)
    }
    for item in ds.items(0x30060020, ITEMS_LIMIT):
        number = item.integer(0x30060022, -1, b"IS")
        name = words.text(item, 0x30060026) or "Without a name"
        said = ", ".join(filter(None, (types.get(number, ""), f"{contours.get(number, 0)} contours")))
        yield TextLine(f"{number} {name}", said)


# ---- Real World Value Mapping (PS3.3 A.46)


def _mappings(ds: DataSet, words: Words) -> Iterator[TextLine]:
    yield from _said(ds, words, 0, ((0x00700080, "Label"), (0x00700081, "Description")))
    for item in ds.items(0x00409094, ITEMS_LIMIT):
        images = len(item.item_spans(0x00081140))
        for mapping in item.items(0x00409096, ITEMS_LIMIT):
            yield TextLine(words.text(mapping, 0x00409210) or "Mapping", f"{images} images")
            slope, intercept = _number(mapping, 0x00409225, b"FD"), _number(mapping, 0x00409224, b"FD")
            yield from _some(
                ("Explanation", words.text(mapping, 0x00283003)),
                ("Unit", words.meaning(mapping, 0x004008EA)),
                ("Value", f"{slope} × stored + {intercept}" if slope else "by a table"),
                ("Stored values", f"{_mapped(mapping, 0x00409216)} to {_mapped(mapping, 0x00409211)}"),
                depth=1,
            )


def _mapped(mapping: DataSet, tag: int) -> str:
    return _number(mapping, tag, b"SS") or _number(mapping, tag - 3 if tag == 0x00409216 else tag + 2, b"FD")


# ---- Microscopy Bulk Simple Annotations (PS3.3 A.87)


def _annotations(ds: DataSet, words: Words) -> Iterator[TextLine]:
    yield from _said(ds, words, 0, ((0x00700080, "Label"), (0x00700081, "Description")))
    for group in ds.items(0x006A0002, ITEMS_LIMIT):
        label = words.text(group, 0x006A0005) or "Without a label"
        count = _number(group, 0x006A000C, b"UL") or "0"
        graphic = words.text(group, 0x00700023).lower()
        yield TextLine(f"Group {_number(group, 0x0040A180, b'US')} {label}")
        yield from _some(
            ("Annotations", f"{count} × {graphic}" if graphic else count),
            ("Of", words.meaning(group, 0x006A000A)),
            ("Category", words.meaning(group, 0x006A0009)),
            ("Made", words.text(group, 0x006A0007).lower()),
            depth=1,
        )
        for measurement in group.items(0x00660121, ITEMS_LIMIT):
            unit = words.meaning(measurement, 0x004008EA)
            yield TextLine("Measured", f"{words.meaning(measurement, 0x0040A043)} {unit}".strip(), 1)


# ---- MR Spectroscopy (PS3.3 A.36.3)


def _spectroscopy(ds: DataSet, words: Words) -> Iterator[TextLine]:
    rows, columns = ds.integer(kw.ROWS, 0), ds.integer(kw.COLUMNS, 0)
    frames = ds.integer(kw.NUMBER_OF_FRAMES, 1, b"IS")
    yield from _some(
        ("Voxels", f"{columns} × {rows} × {frames}"),
        ("Data points", f"{ds.integer(0x00289002, 0, b'UL')} × {ds.integer(0x00289001, 0, b'UL')}"),
        ("Data", words.text(ds, 0x00289108).lower()),
        ("Nucleus", words.text(ds, 0x00189100)),
        ("Spectral width", _number(ds, 0x00189052, b"FD", "Hz")),
        ("Transmitter", _number(ds, 0x00189098, b"FD", "MHz")),
        ("Field", _number(ds, 0x00180087, b"DS", "T")),
        ("Chemical shift reference", _number(ds, 0x00189053, b"FD", "ppm")),
        ("Pulse sequence", words.text(ds, 0x00189005)),
        ("Volume localization", words.text(ds, 0x00189054).lower()),
    )


# ---- Key Object Selection (PS3.3 A.35.4) is a report; presentation states (PS3.3 A.33)


def _presentation(ds: DataSet, words: Words) -> Iterator[TextLine]:
    yield from _said(
        ds, words, 0, ((0x00700080, "Label"), (0x00700081, "Description"), (0x00700084, "Creator"))
    )
    yield from _some(("Created", date_text(words.text(ds, 0x00700082))))
    for series in ds.items(0x00081115, ITEMS_LIMIT):
        images = series.items(0x00081140, ITEMS_LIMIT)
        names = {uid_name(image.text(0x00081150)).removesuffix(" Storage") for image in images}
        count = f"{len(images)} image{'s' if len(images) != 1 else ''}"
        yield TextLine("Applies to", f"{count}: {visible(', '.join(sorted(names)), 120)}")
    for layer in ds.items(0x00700060, ITEMS_LIMIT):
        yield TextLine("Layer", words.text(layer, 0x00700002) or "Without a name")
    for item in ds.items(0x00700001, ITEMS_LIMIT):
        texts, graphics = item.items(0x00700008, ITEMS_LIMIT), len(item.item_spans(0x00700009))
        yield TextLine(f"On layer {words.text(item, 0x00700002)}", f"{graphics} graphics, {len(texts)} texts")
        yield from (TextLine("Text", words.whole(text, 0x00700006) or "(empty)", 1) for text in texts)
    windows = ds.items(0x00283110, ITEMS_LIMIT)
    for window in windows:
        center, width = _number(window, kw.WINDOW_CENTER, b"DS"), _number(window, kw.WINDOW_WIDTH, b"DS")
        yield from _some(("Window", f"W {width} L {center}" if width else ""))


_STORAGE = "1.2.840.10008.5.1.4.1.1."
_OUTLINES: dict[str, Callable[[DataSet, Words], Iterator[TextLine]]] = {
    f"{_STORAGE}481.5": _plan,
    f"{_STORAGE}481.8": _plan,
    f"{_STORAGE}481.3": _structures,
    f"{_STORAGE}67": _mappings,
    f"{_STORAGE}91.1": _annotations,
    f"{_STORAGE}4.2": _spectroscopy,
    **{f"{_STORAGE}11.{number}": _presentation for number in (1, 2, 3, 4, 5, 8)},
}
