"""Arrivals that are brought while the line mends or closes: refused ones leave nothing in the journal."""

from __future__ import annotations

import threading
import time

import pytest
from arrivals import journalled, sent, spooled

from archive.errors import IndexDamaged, OutOfResources
from archive.index import worklist
from archive.index.models import Source as IndexedSource
from archive.ingest import Line, Outcome, accept, line, mending
from archive.local_archive import LocalArchive


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


def journal(archive):
    return [path.name for path in archive.layout.incoming.glob("*.sealed")]


def test_recovery_meets_nothing_of_its_own_process_while_the_index_is_made_again(archive, monkeypatch):
    with archive.hold("first") as lease:
        assert accept(archive, lease, [spooled(archive, sent())]) == [Outcome.RECORDED]
    archive.layout.index.write_bytes(b"damaged" * 1000)
    begun, brought = threading.Event(), threading.Event()
    restore_index = mending.restore_index

    def restore(*arguments, **options):
        begun.set()
        brought.wait(10)
        return restore_index(*arguments, **options)

    monkeypatch.setattr(mending, "restore_index", restore)
    with archive.hold("second") as lease:
        running = Line(archive, lease)
        assert begun.wait(10)
        refused = running.submit(spooled(archive, sent(sop="1.9")))
        try:
            assert not journal(archive)  # it would be adopted as a crashed writer's
        finally:
            brought.set()
        with pytest.raises(IndexDamaged):
            refused.result(10)
        while running._mending.needed:
            pass
        again = running.submit(spooled(archive, sent(sop="1.9")))
        assert again.result(10) is Outcome.RECORDED
        running.close()
    (study,) = worklist.studies(archive.index)
    assert study.instance_count == 2
    assert not list(archive.layout.incoming.iterdir())


def test_what_is_brought_while_the_line_closes_leaves_no_trace(archive, monkeypatch):
    secure_one = line.secure_one
    with archive.hold("test") as lease:
        running = Line(archive, lease)

        def secure(*arguments):
            secured = secure_one(*arguments)
            running.close()
            return secured

        monkeypatch.setattr(line, "secure_one", secure)
        with pytest.raises(OutOfResources):
            running.submit(journalled(archive, sent())).result(0)
    assert not list(archive.layout.incoming.iterdir())
    assert not worklist.studies(archive.index)


def test_what_is_adopted_still_says_who_sent_it(archive):
    journalled(archive, sent())
    with archive.hold("next") as lease:
        Line(archive, lease).close()
    query = IndexedSource.select(IndexedSource.calling_ae_title)
    assert archive.index.rows(query) == [("SENDER",)]


def test_what_finds_no_descriptor_left_is_refused_without_a_trace(archive, monkeypatch):
    def none_left(_):
        raise OutOfResources("Too many open files.")

    with archive.hold("test") as lease:
        running = Line(archive, lease)
        monkeypatch.setattr(line, "placement_of", none_left)
        with pytest.raises(OutOfResources):
            running.submit(journalled(archive, sent())).result(10)
        assert not list(archive.layout.incoming.iterdir())
        monkeypatch.undo()
        assert running.submit(journalled(archive, sent())).result(10) is Outcome.RECORDED
        running.close()


def test_what_the_index_had_no_turn_for_leaves_the_journal_with_what_came_meanwhile(archive, monkeypatch):
    settle, turns = line.settle, []

    def locked_at_first(archive_, placement):
        turns.append(placement)
        if len(turns) == 1:
            assert running.submit(journalled(archive, sent(sop="1.9"))).result(10) is Outcome.RECORDED
            raise OutOfResources("The index is locked by another process.")
        settle(archive_, placement)

    monkeypatch.setattr(line, "settle", locked_at_first)
    with archive.hold("test") as lease:
        running = Line(archive, lease)
        assert running.submit(journalled(archive, sent())).result(10) is Outcome.RECORDED
        while len(turns) < 2:
            time.sleep(0.01)
        running.close()
        assert not list(archive.layout.incoming.iterdir())
