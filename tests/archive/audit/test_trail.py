"""The chain: appended by many, mended after a crash and when the disk refuses."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading

import pytest
from audit_trails import fill, lines, only_segment, queried, trail_in

from archive.audit.files import read_head_file, segments
from archive.audit.key import read_key
from archive.audit.messages import AuditEvent, Message
from archive.audit.reading import read_records
from archive.audit.trail import Trail
from archive.audit.verification import verify
from archive.errors import BadInput, NotFound, OutOfResources


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
