from pathlib import Path

from archive.annotations.annotation import Annotation, FrameKey, KeyImage, Kind
from archive.annotations.measurement import Measurement
from noctis_tui.reading.measurement_rows import MeasurementRow, SeriesStack, clipboard_text, located
from noctis_tui.reading.stack import FrameRef, Stack


def mark(series, sop, frame_number=1, created_at=0.0, text=""):
    key = FrameKey("1", series, sop, frame_number)
    return Annotation(
        f"{series}/{sop}/{frame_number}/{created_at}", key, Kind.LENGTH, (), text, created_at=created_at
    )


STACKS = {
    "B": SeriesStack(7, Stack((FrameRef(Path("b"), 0, "b1"), FrameRef(Path("b"), 1, "b1")))),
    "A": SeriesStack(None, Stack((FrameRef(Path("a"), 0, "a1"),))),
}


def test_rows_stand_as_the_series_and_their_images_are_read():
    rows = located(
        [
            mark("A", "a1"),
            mark("gone", "x"),
            mark("B", "b1", 2),
            mark("B", "b1", 1, 2.0),
            mark("B", "b1", 1, 1.0),
        ],
        STACKS,
    )
    assert [row.image_text for row in rows] == ["Se 7 Im 1", "Se 7 Im 1", "Se 7 Im 2", "Im 1", "gone"]
    assert [row.item.created_at for row in rows[:2]] == [1.0, 2.0]
    assert rows[2].ref == FrameRef(Path("b"), 1)
    assert rows[-1].ref is None


def test_what_is_copied_has_no_controls_and_no_columns_of_its_own():
    row = MeasurementRow(
        mark("B", "b1", text="a\tb\x1b[0m\n"), 7, 0, None, Measurement(Kind.LENGTH, 12.0, "mm", "patient")
    )
    (line,) = clipboard_text([row]).splitlines()
    assert line.startswith("Se 7 Im 1\tLength\t12.0 mm\ta")
    assert line.count("\t") == 3
    assert "\x1b" not in line


def test_a_key_image_stands_before_what_is_drawn_on_it():
    rows = located(
        [mark("B", "b1", 2, 1.0), mark("B", "b1", 1), KeyImage(FrameKey("1", "B", "b1", 2))], STACKS
    )
    assert [row.kind_text for row in rows] == ["Length", "Key image", "Length"]
    assert (rows[1].image_text, rows[1].value_text, rows[1].words) == ("Se 7 Im 2", "", "")
