import pytest
from derived_objects import ct_files, shown

from archive.errors import CannotDecode
from noctis_tui.reading.derived.part import Appearance, Part, names_of
from noctis_tui.reading.derived.source import DerivedMarks
from noctis_tui.reading.marks import Note, Stroke
from noctis_tui.reading.viewport import OverlayLevel, ViewState


class Drawn:
    parts = ()

    def __init__(self, error=None):
        self.error = error

    def marks_on(self, frame, ref, appearance):
        if self.error is not None:
            raise self.error
        return Stroke(((0, 0), (1, 1))), Note("a name", (0, 0))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (CannotDecode("Cut\x1b short."), "Cut␛ short."),
        (ZeroDivisionError(), "Drawing it failed (ZeroDivisionError)."),
    ],
)
def test_what_fails_is_told_and_the_others_are_drawn(error, sentence):
    told = []
    source = DerivedMarks(lambda object_, why: told.append((object_, why)))
    broken, whole = Drawn(error), Drawn()
    source.shown = ((broken, Appearance()), (whole, Appearance()))
    assert len(source.marks(*shown(ct_files()[0]), ViewState())) == 2
    assert told == [(broken, sentence)]


def test_names_go_with_the_text_and_everything_with_nothing():
    source = DerivedMarks(lambda *_: None)
    source.shown = ((Drawn(), Appearance()),)
    frame, ref = shown(ct_files()[0])
    (stroke,) = source.marks(frame, ref, ViewState(overlay=OverlayLevel.MINIMAL))
    assert isinstance(stroke, Stroke)
    assert source.marks(frame, ref, ViewState(overlay=OverlayLevel.NONE)) == ()


def test_names_stand_at_their_points_and_many_are_not_written():
    parts = [Part(number, f"{number}", (1, 2, 3)) for number in range(20)]
    first, second = names_of(parts, {1: (10.0, 10.0), 2: (11.0, 10.0)})
    assert (first.point, second.point) == ((10.0, 10.0), (11.0, 10.0))
    assert names_of(parts, {number: (0.0, float(number)) for number in range(20)}) == ()


def test_opacity_has_ends():
    thin, dense = Appearance(), Appearance()
    for _ in range(20):
        thin, dense = thin.with_opacity_step(-1), dense.with_opacity_step(1)
    assert (thin.opacity, dense.opacity) == (0.0, 1.0)
