"""What is drawn comes back: from the archive, from another process, after the archive said no."""

import asyncio
import threading
import time
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from viewing import reading, settled, take_in

import archive.annotating
from archive.annotating import DeleteAnnotation, PutAnnotation, annotations_of, edit
from archive.annotations.annotation import Annotation, FrameKey, Kind
from archive.errors import ArchiveBusy, BadInput
from archive.index.changes import wake_followers
from archive.index.worklist import studies
from archive.local_archive import LocalArchive
from noctis_tui.interface.viewer import desk
from noctis_tui.reading.marks import Note


@pytest.fixture
def kept_archive(tmp_path):
    with LocalArchive.open(tmp_path) as opened:
        take_in(opened, [Path(get_testdata_file("CT_small.dcm"))])
        yield opened


def stored(opened):
    return annotations_of(opened.index, studies(opened.index)[0].study_instance_uid)


def drawn(screen):
    return screen.measuring.editing.kept


def notes(screen):
    pane = screen.active
    marks = screen.measuring.desk.marks.marks(pane.frame, pane.shown_ref, pane.state.view)
    return [mark.text for mark in marks if isinstance(mark, Note)]


async def press(pilot, screen, *keys):
    await pilot.press(*keys)
    await settled(pilot, screen)


async def until(pilot, condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await pilot.pause(0.05)


async def draw_a_length(pilot, screen):
    await press(pilot, screen, "d", "enter", "L", "enter", "escape")


async def test_what_is_drawn_is_kept_and_there_again_the_next_time(kept_archive):
    async with reading(kept_archive) as (pilot, screen):
        await draw_a_length(pilot, screen)
        await press(pilot, screen, "asterisk")
        await until(pilot, lambda: not screen.measuring.editing.dirty)
        (shape,) = stored(kept_archive).annotations
        assert (shape.points, shape.layer, bool(shape.author)) == (((64, 64), (74, 64)), "Measurements", True)
    async with reading(kept_archive) as (pilot, screen):
        await until(pilot, lambda: drawn(screen).annotations)
        assert drawn(screen) == stored(kept_archive)
        assert notes(screen) == ["6.61 mm"]
        await press(pilot, screen, "n", "x")
        await until(pilot, lambda: not stored(kept_archive).annotations)


async def test_a_move_is_kept_when_it_rests(kept_archive):
    async with reading(kept_archive) as (pilot, screen):
        await draw_a_length(pilot, screen)
        await press(pilot, screen, "n", "j", "j")
        await until(pilot, lambda: stored(kept_archive).annotations[0].points == ((64, 66), (74, 66)))


async def test_what_was_drawn_last_is_kept_when_the_screen_goes_at_once(kept_archive):
    async with reading(kept_archive) as (pilot, screen):
        await draw_a_length(pilot, screen)
        await press(pilot, screen, "n", "j")
        await pilot.press("q")
    deadline = time.monotonic() + 10
    while not stored(kept_archive).annotations or stored(kept_archive).annotations[0].points[0] != (64, 65):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_what_was_drawn_last_is_kept_though_the_archive_is_closed_meanwhile(kept_archive, monkeypatch):
    working, closed = archive.annotating.edit, threading.Event()

    def late(opened, edits):
        closed.wait(10)
        working(opened, edits)

    monkeypatch.setattr(archive.annotating, "edit", late)
    async with reading(kept_archive) as (pilot, screen):
        await draw_a_length(pilot, screen)
        await pilot.press("q")
    kept_archive.close()
    closed.set()
    await asyncio.to_thread(_wait_for_keepers)
    with LocalArchive.open(kept_archive.root) as again:
        assert len(stored(again).annotations) == 1


async def test_a_save_under_way_does_not_bring_back_what_was_deleted_last(kept_archive, monkeypatch):
    working, begun, gate = archive.annotating.edit, threading.Event(), threading.Event()

    def slow(opened, edits):
        if not begun.is_set():
            begun.set()
            gate.wait(10)
        working(opened, edits)

    monkeypatch.setattr(archive.annotating, "edit", slow)
    async with reading(kept_archive) as (pilot, screen):
        await draw_a_length(pilot, screen)
        await until(pilot, begun.is_set)
        await press(pilot, screen, "n", "x")
        await pilot.press("q")
    await asyncio.sleep(0.3)  # the last save would be made by now if it did not wait for the first
    gate.set()
    await asyncio.to_thread(_wait_for_keepers)
    assert not stored(kept_archive).annotations


def _wait_for_keepers():
    for thread in threading.enumerate():
        if thread.name == "annotations":
            thread.join(10)


async def test_what_another_process_draws_appears_and_goes(kept_archive):
    async with reading(kept_archive) as (pilot, screen):
        await draw_a_length(pilot, screen)
        await until(pilot, lambda: not screen.measuring.editing.dirty)
        frame = screen.measuring.frame_key()
        theirs = Annotation("2f0c1c6e-5c1b-4b58-9d0a-0c6f7f0f8f11", frame, Kind.PROBE, ((10.0, 10.0),))
        edit(kept_archive, [PutAnnotation(theirs)])
        wake_followers(kept_archive.layout.run)
        await until(pilot, lambda: len(drawn(screen).annotations) == 2)
        edit(kept_archive, [DeleteAnnotation(frame.study_instance_uid, theirs.uid)])
        await until(pilot, lambda: len(drawn(screen).annotations) == 1)


async def test_what_the_archive_refuses_stays_and_says_so_until_it_is_kept(kept_archive, monkeypatch):
    said = []
    monkeypatch.setattr(desk, "RETRY_SECONDS", 0.3)
    working = archive.annotating.edit

    def busy(_archive, _edits):
        raise ArchiveBusy("an import")

    monkeypatch.setattr(archive.annotating, "edit", busy)
    async with reading(kept_archive) as (pilot, screen):
        monkeypatch.setattr(screen, "say", said.append)
        await draw_a_length(pilot, screen)
        await until(pilot, lambda: screen.measuring.editing.refused)
        assert notes(screen) == ["6.61 mm  unsaved"]
        await pilot.pause(0.8)
        assert len(said) == 1
        assert said[0].startswith("Not saved: ")
        monkeypatch.setattr(archive.annotating, "edit", working)
        await until(pilot, lambda: not screen.measuring.editing.refused)
        assert notes(screen) == ["6.61 mm"]
        assert len(stored(kept_archive).annotations) == 1


async def test_one_mark_that_is_refused_does_not_hold_the_others_back(kept_archive, monkeypatch):
    working = archive.annotating.edit

    def choosy(opened, edits):
        if any(isinstance(each, PutAnnotation) and each.annotation.kind is Kind.PROBE for each in edits):
            raise BadInput("No probes.")
        working(opened, edits)

    monkeypatch.setattr(archive.annotating, "edit", choosy)
    async with reading(kept_archive) as (pilot, screen):
        await press(pilot, screen, "p", "enter", "escape")
        await draw_a_length(pilot, screen)
        await until(pilot, lambda: stored(kept_archive).annotations)
        await until(pilot, lambda: len(screen.measuring.editing.dirty) == 1)
        assert [shape.kind for shape in stored(kept_archive).annotations] == [Kind.LENGTH]


async def test_marks_of_a_frame_that_is_gone_harm_nothing(kept_archive):
    async with reading(kept_archive) as (pilot, screen):
        frame = screen.measuring.frame_key()
        gone = FrameKey(frame.study_instance_uid, frame.series_instance_uid, "1.2.3", 7)
        lost = Annotation("x", gone, Kind.LENGTH, ((1.0, 1.0), (2.0, 2.0)))
        screen.measuring.put(
            screen.measuring.editing.reread(
                archive.annotating.annotations_of(kept_archive.index, frame.study_instance_uid)
            ).with_item(lost)
        )
        await press(pilot, screen, "M", "enter", "escape")
        assert notes(screen) == []
