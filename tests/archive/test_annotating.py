"""What readers draw is kept: by whoever holds the archive, over restarts, crashes and an index made again."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from annotated import CURVE, EVERYTHING, FRAME, LAYER, LINE, MARK, STUDY, another, fill
from receiver_process import ENVIRONMENT, ReceiverProcess

from archive.annotating import (
    DeleteAnnotation,
    DeleteCurve,
    DeleteKeyImage,
    DeleteLayer,
    PutAnnotation,
    PutCurve,
    PutKeyImage,
    PutLayer,
    annotations_of,
    edit,
)
from archive.annotations.annotation import Annotations, Layer
from archive.errors import ArchiveBusy, BadInput, IndexDamaged, NotFound, OutOfResources
from archive.index import annotation_writing
from archive.index.changes import changed_since, current_sequence
from archive.index.quiet import pending_studies
from archive.index.salvage import Salvage
from archive.local_archive import LocalArchive
from archive.reindexing import rebuild

MEASUREMENTS = Layer("Measurements")
WHOLE = Annotations((LINE,), (MEASUREMENTS, LAYER), (MARK,), (CURVE,))


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        with opened.hold("test") as lease:
            fill(opened, lease)
        yield opened


def kept(archive, study=STUDY):
    return annotations_of(archive.index, study)


def test_what_was_put_is_there_and_what_was_taken_away_is_not(archive):
    assert kept(archive) == Annotations()
    edit(archive, EVERYTHING)
    assert kept(archive) == WHOLE
    moved = replace(LINE, points=((0.0, 0.0), (5.0, 5.0)), layer="Elsewhere")
    shown = replace(LAYER, visible=True)
    said = replace(MARK, text="look")
    bent = replace(CURVE, points_mm=CURVE.points_mm[1:], rotation_degrees=90.0)
    edit(archive, [PutAnnotation(moved), PutLayer(STUDY, shown), PutKeyImage(said), PutCurve(bent)])
    layers = (MEASUREMENTS, Layer("Elsewhere"), shown)
    assert kept(archive) == Annotations((moved,), layers, (said,), (bent,))
    gone = (DeleteAnnotation(STUDY, LINE.uid), DeleteLayer(STUDY, LAYER.name), DeleteKeyImage(FRAME),
            DeleteCurve(STUDY, CURVE.uid))  # fmt: skip
    edit(archive, gone)
    assert kept(archive) == Annotations()
    edit(archive, gone)
    edit(archive, [])


def test_it_outlives_its_process(archive):
    edit(archive.root, EVERYTHING)
    with LocalArchive.open(archive.root) as other:
        assert kept(other) == WHOLE


def test_annotations_come_in_the_order_in_which_they_were_drawn(archive):
    edit(archive, [PutAnnotation(another(number)) for number in (3, 1, 2)])
    assert [each.uid for each in kept(archive).annotations] == [another(n).uid for n in (1, 2, 3)]


def test_a_study_has_its_own(archive):
    with archive.hold("test") as lease:
        fill(archive, lease, "1.2.4")
    edit(archive, EVERYTHING)
    assert kept(archive, "1.2.4") == kept(archive, "9.9") == Annotations()
    elsewhere = replace(LINE, frame=replace(FRAME, study_instance_uid="1.2.4", series_instance_uid="1.2.4.1",
                                            sop_instance_uid="1.2.4.1.1"))  # fmt: skip
    with pytest.raises(BadInput, match="another study"):
        edit(archive, [PutAnnotation(elsewhere)])
    with pytest.raises(BadInput, match="curve cannot move to another study"):
        edit(archive, [PutCurve(replace(CURVE, study_instance_uid="1.2.4", series_instance_uid="1.2.4.1"))])
    edit(archive, [DeleteAnnotation("1.2.4", LINE.uid), DeleteCurve("1.2.4", CURVE.uid)])
    assert kept(archive) == WHOLE


@pytest.mark.parametrize(
    "change",
    [
        {"study_instance_uid": "1.2.99"},
        {"series_instance_uid": "1.2.99"},
        {"sop_instance_uid": "1.2.99"},
    ],
)
def test_what_the_archive_does_not_have_cannot_be_annotated(archive, change):
    frame = replace(FRAME, **change)
    for wrong in (PutAnnotation(replace(LINE, frame=frame)), PutKeyImage(replace(MARK, frame=frame))):
        with pytest.raises(NotFound):
            edit(archive, [*EVERYTHING, wrong])
        assert kept(archive) == Annotations()
        assert not archive.layout.annotations.exists()


def test_a_curve_needs_its_series(archive):
    with pytest.raises(NotFound, match="series"):
        edit(archive, [PutCurve(replace(CURVE, series_instance_uid="1.2.99"))])


def test_an_index_from_before_curves_tells_the_rest(archive):
    edit(archive, EVERYTHING)
    with archive.index.transaction() as cursor:
        cursor.execute("DROP TABLE curve")
    told = Salvage(archive.index, trusted=True).annotations
    assert {type(each) for each in told} == {PutAnnotation, PutLayer, PutKeyImage}


def test_what_is_no_edit_is_refused_before_anything_is_asked(archive):
    with archive.hold("test"), pytest.raises(BadInput):
        edit(archive, [PutAnnotation(replace(LINE, text="x" * 2000))])


def test_a_study_has_room_for_so_many(archive, monkeypatch):
    for name in ("MAXIMUM_ANNOTATIONS", "MAXIMUM_LAYERS", "MAXIMUM_KEY_IMAGES", "MAXIMUM_CURVES"):
        monkeypatch.setattr(annotation_writing, name, 1)
    edit(archive, EVERYTHING)
    edit(archive, EVERYTHING)
    other = replace(CURVE, uid=another().uid)
    for more in (PutAnnotation(another()), PutLayer(STUDY, Layer("More")), PutCurve(other)):
        with pytest.raises(BadInput, match="A study may have 1"):
            edit(archive, [more])


def test_others_hear_of_it_and_the_study_is_not_announced_again(archive):
    with LocalArchive.open(archive.root) as other:
        before = current_sequence(other.index)
        edit(archive, EVERYTHING)
        changes = changed_since(other.index, before)
        assert len(changes.study_ids) == 1
        assert changes.quiet == ()
        assert changes.sequence == before + 1
        edit(archive, EVERYTHING)
        assert changed_since(other.index, changes.sequence).study_ids == changes.study_ids
    pending = {study.study_instance_uid for study in pending_studies(archive.index, 0).studies}
    assert pending == {STUDY}  # because it was received, once


def test_many_hands_at_once(archive):
    def draw(number):
        for each in range(5):
            edit(archive.root, [PutAnnotation(another(10 * number + each))])

    hands = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(kept(archive).annotations) == 20


def test_beside_one_who_takes_no_edits_it_is_said_who_that_is(archive):
    with archive.hold("import"), pytest.raises(ArchiveBusy, match="held by import"):
        edit(archive, EVERYTHING)


def test_beside_a_receiver_the_receiver_writes(archive):
    with ReceiverProcess(archive.root) as receiver:
        edit(archive, EVERYTHING)
        assert kept(archive) == WHOLE
        with pytest.raises(BadInput, match="does not have that study"):
            edit(archive, [DeleteAnnotation("9.9", LINE.uid)])
        edit(archive, [PutAnnotation(another(number)) for number in range(1000)])
        assert len(kept(archive).annotations) == 1001
        assert receiver.end() == (0, [], "")
    assert len(kept(archive).annotations) == 1001


def test_a_receiver_that_is_killed_has_what_it_answered(archive):
    with ReceiverProcess(archive.root) as receiver:
        edit(archive, EVERYTHING)
        receiver.process.send_signal(signal.SIGKILL)
        receiver.process.wait()
    assert kept(archive) == WHOLE
    edit(archive, [PutAnnotation(another())])
    assert len(kept(archive).annotations) == 2


def test_a_temporary_archive_keeps_it_as_long_as_it_lives():
    with LocalArchive.temporary() as archive:
        with archive.hold("view") as lease:
            fill(archive, lease)
            edit(archive, EVERYTHING)
        assert kept(archive) == WHOLE
        assert not archive.layout.annotations.exists()


def reindexed(archive):
    with archive.hold("test") as lease:
        return rebuild(archive, lease)


def forget_the_index(archive):
    archive.index.close_writer()
    for path in archive.root.glob("index.sqlite*"):
        path.unlink()


def test_an_index_that_is_made_again_has_it(archive):
    edit(archive, EVERYTHING)
    reindexed(archive)
    assert kept(archive) == WHOLE


def test_an_index_that_was_lost_has_it_when_it_is_made_again(archive):
    edit(archive, [*EVERYTHING, PutAnnotation(another())])
    edit(archive, [DeleteAnnotation(STUDY, another().uid)])
    forget_the_index(archive)
    reindexed(archive)
    assert kept(archive) == WHOLE


def test_an_index_that_is_damaged_has_it_when_it_is_made_again(archive):
    edit(archive, EVERYTHING)
    archive.close()
    with archive.layout.index.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 200_000)
    with LocalArchive.open(archive.root) as damaged:
        with pytest.raises(IndexDamaged):
            kept(damaged)
        edit(damaged, [PutAnnotation(another())])
        assert kept(damaged).annotations == (LINE, another())
        assert kept(damaged).key_images == (MARK,)


def test_an_edit_into_a_lost_index_makes_it_again_first(archive):
    edit(archive, EVERYTHING)
    forget_the_index(archive)
    edit(archive, [PutAnnotation(another())])
    assert [each.uid for each in kept(archive).annotations] == [LINE.uid, another().uid]


def test_without_its_ledger_an_old_index_tells(archive):
    edit(archive, EVERYTHING)
    archive.layout.annotations.unlink()
    reindexed(archive)
    assert kept(archive) == WHOLE
    forget_the_index(archive)
    reindexed(archive)
    assert kept(archive) == WHOLE


def test_annotations_come_back_with_their_study(archive):
    edit(archive, EVERYTHING)
    (file,) = archive.layout.instances.rglob("*.dcm")
    hidden = file.with_name("hidden")
    file.rename(hidden)
    reindexed(archive)
    assert kept(archive) == Annotations()
    hidden.rename(file)
    reindexed(archive)
    assert kept(archive) == WHOLE


def test_an_edit_whose_commit_fails_is_in_no_ledger(archive, monkeypatch):
    edit(archive, EVERYTHING)
    ledger = archive.layout.annotations.read_bytes()
    transaction = archive.index.transaction

    @contextmanager
    def onto_a_full_disk(**options):
        with transaction(**options) as cursor:
            yield cursor
            raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(archive.index, "transaction", onto_a_full_disk)
    with pytest.raises(OutOfResources, match="full"):
        edit(archive, [PutAnnotation(another())])
    monkeypatch.undo()
    assert kept(archive) == WHOLE
    assert archive.layout.annotations.read_bytes() == ledger


KILLED = """
import os, signal, sys
from pathlib import Path
from annotated import EVERYTHING
from archive import amending
from archive.annotating import edit
when, owner, name = sys.argv[2], *sys.argv[3].split(".")
target = getattr(amending, owner)
original = getattr(target, name)
def dying(*args, **kwargs):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    original(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(target, name, dying)
edit(Path(sys.argv[1]), EVERYTHING)
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "step", ["AnnotationWriter.finish", "annotation_ledger.append", "annotation_ledger.compact"]
)
def test_killed_at_any_step_it_leaves_all_or_nothing(archive, step, when):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(archive.root), when, step],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert killed.returncode == -9, killed.stderr
    committed = step == "annotation_ledger.compact"
    assert kept(archive) == (WHOLE if committed else Annotations())
    reindexed(archive)
    assert kept(archive) in ((WHOLE,) if committed else (WHOLE, Annotations()))
    edit(archive, EVERYTHING)
    assert kept(archive) == WHOLE


def test_nothing_of_it_is_logged(archive, caplog):
    caplog.set_level(0)
    edit(archive, EVERYTHING)
    with pytest.raises(NotFound):
        edit(archive, [PutAnnotation(replace(LINE, frame=replace(FRAME, sop_instance_uid="9")))])
    for said in (LINE.text, MARK.text, LINE.author, LAYER.name):
        assert said not in caplog.text
