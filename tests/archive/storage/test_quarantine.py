import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from archive.errors import OutOfResources
from archive.storage import quarantine
from archive.storage.layout import Layout
from archive.storage.quarantine import Quarantine


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path / "archive")
    layout.create()
    return layout


def names(layout):
    return sorted(path.suffix for path in layout.quarantine.iterdir())


def test_bytes_and_reason(layout):
    assert Quarantine(layout, 1000).keep("from \udcff", "It is broken.", 3, [b"ab", b"c"])
    data, reason = sorted(layout.quarantine.iterdir())
    assert data.read_bytes() == b"abc"
    facts = json.loads(reason.read_text())
    assert (facts["reason"], facts["bytes"]) == ("It is broken.", 3)
    assert {path.stat().st_mode & 0o777 for path in (data, reason)} == {0o600}


def test_what_does_not_fit_is_recorded_only(layout):
    kept = Quarantine(layout, 5)
    assert kept.keep("one", "x", 4, [b"abcd"])
    assert not kept.keep("two", "x", 4, [b"abcd"])
    assert names(layout) == [".dcm", ".json", ".json"]
    assert not Quarantine(layout, 5).keep("three", "x", 4, [b"abcd"])  # what lies there already counts


def test_content_longer_than_it_said_is_cut_off(layout):
    assert not Quarantine(layout, 10).keep("one", "x", 1, [b"abcdefgh"] * 3)
    assert names(layout) == [".json"]


def test_a_flood_is_told_by_its_first_entries(layout, monkeypatch):
    monkeypatch.setattr(quarantine, "MAXIMUM_REASONS", 3)
    kept = Quarantine(layout, 1000)
    for number in range(10):
        kept.keep(str(number), "x", 0, None)
    assert len(names(layout)) == 3


def test_many_threads_share_one_quarantine(layout):
    quarantine = Quarantine(layout, 10_000)
    begin = threading.Barrier(8)

    def content():
        begin.wait(10)
        yield bytes(1_000)

    def keep(number):
        if number >= 8:
            return quarantine.keep(f"peer {number}", "why", 1_000, [bytes(1_000)])
        return quarantine.keep(f"peer {number}", "why", 1_000, content())

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(keep, range(32))).count(True) == 10
    assert sum(path.stat().st_size for path in layout.quarantine.glob("*.dcm")) == 10_000
    assert names(layout).count(".json") == 32


def test_content_that_fails_gives_its_room_back(layout):
    quarantine = Quarantine(layout, 1_000)

    def content():
        yield b"x"
        raise OSError(5, "Input/output error")

    with pytest.raises(OutOfResources):
        quarantine.keep("one", "why", 1_000, content())
    assert quarantine.keep("two", "why", 1_000, [bytes(1_000)])
