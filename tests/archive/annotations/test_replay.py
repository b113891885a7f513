"""The last word on everything."""

from __future__ import annotations

from dataclasses import replace

from annotated import CURVE, EVERYTHING, FRAME, LAYER, LINE, MARK, STUDY, another

from archive.annotations.edits import (
    DeleteAnnotation,
    DeleteCurve,
    DeleteKeyImage,
    DeleteLayer,
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
)
from archive.annotations.replay import Replay

GONE = (
    DeleteAnnotation(STUDY, LINE.uid),
    DeleteLayer(STUDY, LAYER.name),
    DeleteKeyImage(FRAME),
    DeleteCurve(STUDY, CURVE.uid),
)


def test_the_last_edit_of_each_thing_holds():
    later = (
        PutAnnotation(replace(LINE, text="later")),
        PutLayer(STUDY, replace(LAYER, dashed=False)),
        PutKeyImage(replace(MARK, text="later")),
        PutCurve(replace(CURVE, name="later")),
    )
    assert Replay([*EVERYTHING, *later]).kept() == list(later)
    assert Replay([*EVERYTHING, *GONE]).kept() == []
    assert Replay([*EVERYTHING, *GONE, *EVERYTHING]).kept() == list(EVERYTHING)


def test_studies_do_not_share_anything():
    layers = [PutLayer("1", LAYER), PutLayer("2", LAYER), DeleteLayer("1", LAYER.name)]
    assert Replay(layers).kept() == [PutLayer("2", LAYER)]


def test_what_nothing_was_said_of_is_added():
    said = Replay([EVERYTHING[0], *GONE])
    news = [PutAnnotation(another())]
    assert said.add_missing([*EVERYTHING, *news]) == news
    assert said.kept() == news


def test_a_later_state_of_an_annotation_wins():
    said = Replay(EVERYTHING)
    later = PutAnnotation(replace(LINE, modified_at=LINE.modified_at + 1, text="later"))
    earlier = PutAnnotation(replace(LINE, modified_at=LINE.modified_at - 1, text="earlier"))
    assert said.add_missing([earlier]) == []
    assert said.add_missing([later]) == [later]
    assert later in said.kept()


def test_a_later_state_of_a_curve_wins():
    said = Replay(EVERYTHING)
    later = PutCurve(replace(CURVE, modified_at=CURVE.modified_at + 1, name="later"))
    earlier = PutCurve(replace(CURVE, modified_at=CURVE.modified_at - 1, name="earlier"))
    assert said.add_missing([earlier]) == []
    assert said.add_missing([later]) == [later]
