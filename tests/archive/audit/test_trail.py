"""The chain: appended by many, mended after a crash, never mended where somebody took something away."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading

import pytest

from archive.audit.files import read_head_file, segments
from archive.audit.key import read_key
from archive.audit.messages import AuditEvent, Message
from archive.audit.reading import read_records
from archive.audit.trail import Trail
from archive.audit.verification import verify
from archive.errors import BadInput, NotFound, OutOfResources


@pytest.fixture
def trail(tmp_path):
    return trail_in(tmp_path)


def trail_in(folder, segment_bytes=1 << 20):
    return Trail(folder, folder / "key", segment_bytes)


def queried(number):
    return Message(AuditEvent.QUERIED, details={"number": number})


def fill(trail, count, first=1):
    for number in range(first, first + count):
        trail.append([queried(number)])


def lines(trail):
    return b"".join(path.read_bytes() for _, path in segments(trail.folder)).splitlines(keepends=True)


def only_segment(trail):
    ((_, path),) = segments(trail.folder)
    return path


def test_what_was_appended_is_read_newest_first_and_is_intact(trail):
    fill(trail, 5)
    assert [record["number"] for record in read_records(trail.folder)] == [5, 4, 3, 2, 1]
    assert [record["sequence"] for record in read_records(trail.folder)] == [5, 4, 3, 2, 1]
    verdict = verify(trail)
    assert (verdict.records, verdict.finding) == (5, "")


def test_everything_is_for_this_user_only(trail):
    fill(trail, 1)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in trail.folder.iterdir()}
    assert modes == {0o600}
    assert {path.name for path in trail.folder.iterdir()} == {"key", "head", "lock", "audit-0000000001.jsonl"}


def test_the_key_is_made_once(trail):
    fill(trail, 1)
    before = read_key(trail.key_path)
    fill(trail_in(trail.folder), 1)
    assert read_key(trail.key_path) == before


def test_the_key_may_lie_elsewhere(tmp_path):
    (tmp_path / "audit").mkdir()
    trail = Trail(tmp_path / "audit", tmp_path / "elsewhere.key", 1 << 20)
    fill(trail, 2)
    assert not (trail.folder / "key").exists()
    assert verify(trail).finding == ""


def test_without_its_key_the_chain_neither_goes_on_nor_is_judged(trail):
    fill(trail, 2)
    trail.key_path.unlink()
    with pytest.raises(NotFound, match="key"):
        trail_in(trail.folder).append([queried(3)])
    with pytest.raises(NotFound, match="key"):
        verify(trail)
    trail.key_path.write_text("short")
    with pytest.raises(BadInput, match="hexadecimal"):
        verify(trail)


def test_nothing_recorded_is_intact(tmp_path):
    assert verify(trail_in(tmp_path)).records == 0
    trail_in(tmp_path).open()
    assert verify(trail_in(tmp_path)).finding == ""


def test_segments_follow_one_another_and_the_chain_runs_through_them(tmp_path):
    trail = trail_in(tmp_path, segment_bytes=700)
    fill(trail, 20)
    assert len(segments(tmp_path)) > 4
    assert [record["sequence"] for record in read_records(tmp_path)] == list(range(20, 0, -1))
    assert verify(trail).records == 20


def test_threads_and_processes_append_to_one_chain(tmp_path):
    script = (
        "import sys; from pathlib import Path\n"
        "from archive.audit.messages import AuditEvent, Message\n"
        "from archive.audit.trail import Trail\n"
        "folder = Path(sys.argv[1]); trail = Trail(folder, folder / 'key', 2000)\n"
        "for _ in range(20): trail.append([Message(AuditEvent.QUERIED)] * 2)\n"
    )
    trail = trail_in(tmp_path, segment_bytes=2000)
    others = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(2)]
    threads = [threading.Thread(target=fill, args=(trail, 20)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(60) for other in others] == [0, 0]
    verdict = verify(trail)
    assert (verdict.finding, verdict.records) == ("", 2 * 20 * 2 + 2 * 20)


# What somebody did to it


def every_line_once(trail, change):
    """Apply a change to each line in turn; yield its number and the verdict."""
    path = only_segment(trail)
    whole = path.read_bytes()
    for number, _ in enumerate(whole.splitlines(), 1):
        changed = whole.splitlines(keepends=True)
        change(changed, number - 1)
        path.write_bytes(b"".join(changed))
        yield number, verify(trail)
    path.write_bytes(whole)


def test_every_flipped_byte_is_found_and_its_record_named(trail):
    fill(trail, 4)
    path = only_segment(trail)
    whole = path.read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << (position % 8)
        path.write_bytes(changed)
        verdict = verify(trail)
        number = whole[:position].count(b"\n") + 1
        assert verdict.bad_sequence == number, (position, verdict)
        assert f"ecord {number} " in verdict.finding or f"ecords {number} to" in verdict.finding


def test_a_deleted_record_is_found(trail):
    fill(trail, 5)
    for number, verdict in every_line_once(trail, lambda records, place: records.pop(place)):
        assert verdict.bad_sequence == number
        assert "missing" in verdict.finding


def test_two_records_that_changed_places_are_found(trail):
    fill(trail, 5)

    def swap(records, place):
        other = (place + 1) % len(records)
        records[place], records[other] = records[other], records[place]

    for number, verdict in every_line_once(trail, swap):
        assert verdict.bad_sequence == (number if number < 5 else 1)


def test_a_record_written_twice_is_found(trail):
    fill(trail, 3)
    for number, verdict in every_line_once(
        trail, lambda records, place: records.insert(place, records[place])
    ):
        assert verdict.bad_sequence == number + 1


def test_a_record_of_another_archive_is_found(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = trail_in(tmp_path / "a"), trail_in(tmp_path / "b")
    fill(one, 3)
    fill(other, 3)
    foreign = lines(other)[1]
    for number, verdict in every_line_once(one, lambda records, place: records.__setitem__(place, foreign)):
        assert verdict.bad_sequence == number


def test_a_record_of_another_course_of_events_is_found(trail):
    """Same key, same number, but what came before it was put back and written anew."""
    fill(trail, 2)
    saved = {path: path.read_bytes() for path in trail.folder.iterdir()}
    fill(trail, 3, first=100)
    others = lines(trail)
    for path, content in saved.items():
        path.write_bytes(content)
    fill(trail, 3, first=3)
    for number, verdict in every_line_once(
        trail, lambda records, place: records.__setitem__(place, others[place])
    ):
        if number > 2:
            assert verdict.bad_sequence == {3: 4, 4: 4, 5: 5}[number]


def test_truncation_at_every_byte_is_found(trail):
    fill(trail, 4)
    path = only_segment(trail)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert verify(trail).bad_sequence == whole[:size].count(b"\n") + 1, size


@pytest.mark.parametrize("removed", [0, 1, -1])
def test_a_removed_segment_is_found(tmp_path, removed):
    trail = trail_in(tmp_path, segment_bytes=700)
    fill(trail, 9)
    first, path = segments(tmp_path)[removed]
    path.unlink()
    verdict = verify(trail)
    assert verdict.bad_sequence == first
    assert "missing" in verdict.finding


def test_a_gap_stays_when_the_chain_goes_on(trail):
    fill(trail, 5)
    path = only_segment(trail)
    path.write_bytes(b"".join(lines(trail)[:3]))
    fill(trail_in(trail.folder), 4, first=6)
    verdict = verify(trail)
    assert verdict.bad_sequence == 4
    assert verdict.finding == "Records 4 to 5 are missing before record 6, or the order was changed."
    assert next(iter(read_records(trail.folder)))["sequence"] == 9


def test_a_gap_stays_when_everything_was_removed_but_the_head(trail):
    fill(trail, 3)
    only_segment(trail).unlink()
    fill(trail_in(trail.folder), 1)
    assert verify(trail).finding == "Records 1 to 3 are missing before record 4, or the order was changed."


@pytest.mark.parametrize("how", ["removed", "changed"])
def test_a_lost_head_is_found_and_stays_found(trail, how):
    fill(trail, 4)
    head = trail.folder / "head"
    only_segment(trail).write_bytes(b"".join(lines(trail)[:3]))
    head.unlink() if how == "removed" else head.write_bytes(head.read_bytes().replace(b'":4', b'":3'))
    assert "head" in verify(trail).finding
    fill(trail_in(trail.folder), 3)
    verdict = verify(trail)
    assert verdict.bad_sequence == 4
    assert "head was missing" in verdict.finding


def test_a_head_that_was_noted_elsewhere_shows_that_all_was_put_back(trail):
    fill(trail, 3)
    saved = {path: path.read_bytes() for path in trail.folder.iterdir()}
    fill(trail, 3)
    noted = verify(trail)
    assert verify(trail, (noted.records, noted.last)).finding == ""
    for path, content in saved.items():
        path.write_bytes(content)
    assert verify(trail).finding == ""
    assert (
        verify(trail, (noted.records, noted.last)).finding
        == "Records 4 to 6 are missing: they were there once."
    )
    fill(trail, 3, first=7)
    assert verify(trail, (noted.records, noted.last)).finding == "Record 6 is not the one that was noted."


# What a crash leaves


def test_a_crash_before_the_head_is_no_alarm_and_loses_nothing(trail):
    fill(trail, 2)
    before = (trail.folder / "head").read_bytes()
    fill(trail, 3)
    (trail.folder / "head").write_bytes(before)
    assert verify(trail).finding == ""
    fill(trail_in(trail.folder), 1)
    verdict = verify(trail)
    assert (verdict.records, verdict.finding) == (6, "")


def test_a_torn_tail_is_no_alarm_and_is_cut_off(trail):
    fill(trail, 2)
    before = (trail.folder / "head").read_bytes()
    fill(trail, 2, first=3)
    path = only_segment(trail)
    whole, kept = path.read_bytes(), b"".join(lines(trail)[:2])
    for size in {*range(len(kept), len(whole), 31), len(whole) - 1, len(whole)}:
        for rest in (b"", b"\0" * 40, b"\0\n\0"):
            path.write_bytes(whole[:size] + rest)
            (trail.folder / "head").write_bytes(before)
            complete = whole[:size].count(b"\n")
            assert verify(trail).finding == "", (size, rest)
            trail_in(trail.folder).append([queried(9)])
            verdict = verify(trail)
            assert (verdict.finding, verdict.records) == ("", complete + 1), (size, rest)
            assert path.read_bytes().count(b"\n") == complete + 1
            assert path.read_bytes().endswith(b"}\n")


def test_a_crash_after_a_new_segment_was_begun(tmp_path):
    trail = trail_in(tmp_path, segment_bytes=600)
    fill(trail, 3)
    assert len(segments(tmp_path)) == 1
    before = (tmp_path / "head").read_bytes()
    fill(trail, 5, first=4)
    assert len(segments(tmp_path)) > 1
    (tmp_path / "head").write_bytes(before)
    assert verify(trail).finding == ""
    fill(trail_in(tmp_path, segment_bytes=600), 1)
    verdict = verify(trail)
    assert (verdict.finding, verdict.records) == ("", 9)


def test_killed_at_any_moment_the_chain_is_whole_and_what_was_promised_is_there(tmp_path):
    script = (
        "import sys; from pathlib import Path\n"
        "from archive.audit.messages import AuditEvent, Message\n"
        "from archive.audit.trail import Trail\n"
        "folder = Path(sys.argv[1]); trail = Trail(folder, folder / 'key', 3000)\n"
        "while True: print(trail.append([Message(AuditEvent.QUERIED)]).sequence, flush=True)\n"
    )
    promised = 0
    for kill_after in range(1, 40, 4):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(kill_after):
            promised = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split("\n")[:-1]
        promised = int(rest[-1]) if rest else promised
        verdict = verify(trail_in(tmp_path))
        assert verdict.finding == ""
        assert verdict.records >= promised
    assert promised > 50


# What the disk does


def test_a_group_that_the_disk_does_not_take_leaves_no_trace(trail, monkeypatch):
    fill(trail, 2)
    calls = []

    def full(file, data, offset):
        if calls:
            raise OSError(28, "No space left on device")
        calls.append(1)
        return os.pwritev(file, [bytes(data)[:10]], offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OutOfResources, match="full"):
        trail.append([queried(3), queried(4)])
    monkeypatch.undo()
    assert len(lines(trail)) == 2
    fill(trail, 2, first=3)
    assert verify(trail).records == 4


def test_a_head_that_cannot_be_written_costs_no_record(trail, monkeypatch):
    fill(trail, 2)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("archive.audit.trail.write_head_file", full)
    fill(trail, 2, first=3)
    monkeypatch.undo()
    assert verify(trail).records == 4
    fill(trail, 1)
    verdict = verify(trail)
    assert (verdict.finding, verdict.records) == ("", 5)
    assert read_head_file(trail.folder, read_key(trail.key_path)).sequence == 5


def test_an_appender_that_was_stopped_does_not_hold_the_others_up_for_ever(trail, monkeypatch):
    from archive.audit.files import locked

    fill(trail, 1)
    monkeypatch.setattr("archive.audit.files.LOCK_SECONDS", 0.1)
    with locked(trail.folder), pytest.raises(OutOfResources, match="Another process"):
        trail.append([queried(2)])
    fill(trail, 1)
    assert verify(trail).records == 2


def test_text_of_peers_stays_on_its_line(trail):
    trail.append([Message(AuditEvent.QUERIED, details={"reason": 'a\nb\x1b[2J\u202e"},"mac":"00'})])
    assert len(lines(trail)) == 1
    assert json.loads(lines(trail)[0])["reason"].startswith("a\nb")
    assert verify(trail).finding == ""
