"""The index is locked, damaged or gone under the real receiver: fault rows 10, 11 and 18."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from logical_dump import logical_dump
from receiver_process import ENVIRONMENT, ReceiverProcess, noctis, run_noctis
from senders import CT, instance, run_program

from archive.dicom.part10 import write_file_meta
from archive.index import worklist
from archive.index.conflicts import StudyLocked, conflicts_of, require_unlocked
from archive.local_archive import LocalArchive

PAGE = 4096
CLEAN = {"missing": 0, "corrupt": 0, "unindexed": 0}


def write(folder, name, one):
    path = folder / f"{name}.dcm"
    path.write_bytes(write_file_meta(CT, one.sop_uid, "1.2.840.10008.1.2") + one.data_set)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for number in range(12):
        study = f"1.2.{number % 3}"
        write(folder, number, instance(study, f"{study}.1", f"{study}.1.{number}", PatientID=study))
    return folder


def send(port, *paths, ae="SENDER"):
    return run_program("storescu", "-xi", "-aet", ae, "-aec", "NOCTIS_SCP", "127.0.0.1", port, "+sd", *paths)


def send_until_it_is_kept(port, path, seconds=30):
    """Send one file again and again; return how often it was refused for want of resources."""
    refused, deadline = 0, time.monotonic() + seconds
    while True:
        code, output = send(port, "-v", path)
        if code == 0 and "Success" in output:
            return refused
        assert "OutOfResources" in output or "A700" in output.upper(), output
        refused += 1
        assert time.monotonic() < deadline, "it never recovered"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def received(tmp_path_factory, files):
    tmp_path = tmp_path_factory.mktemp("received")
    root = tmp_path / "archive"
    changed = instance("1.2.0", "1.2.0.1", "1.2.0.1.0", pixel_bytes=64, PatientID="1.2.0")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, "in place", instance("1.9", "1.9.1", "1.9.1.1"))
    with ReceiverProcess(root) as receiver:
        assert send(receiver.port, files)[0] == 0
        assert send(receiver.port, write(tmp_path, "changed", changed), ae="OTHER")[0] == 0
        assert run_noctis(root, "import", "--in-place", elsewhere).returncode == 0
        receiver.end()
    connection = sqlite3.connect(root / "index.sqlite")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()  # what is damaged is all there is, not a copy of what is in the log
    return root


@pytest.fixture
def root(tmp_path, received):
    """An archive that received and was stopped in good order, with a variant and an import in place."""
    return shutil.copytree(received, tmp_path / "archive", ignore=shutil.ignore_patterns("*.sock"))


def spoil(path, offset, size, byte=None):
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(os.urandom(size) if byte is None else byte * size)
        file.flush()
        os.fsync(file.fileno())


def pages_of(index, *tables):
    connection = sqlite3.connect(f"file:{index}?mode=ro", uri=True)
    rows = connection.execute(
        "SELECT name, tbl_name, rootpage FROM sqlite_master WHERE rootpage > 0"
    ).fetchall()
    connection.close()
    return [page for name, table, page in rows if name in tables or table in tables]


def remove(index):
    for path in index.parent.glob("index.sqlite*"):
        path.unlink()


DAMAGE = {
    "header": lambda index: spoil(index, 0, 100),
    "a few bytes of the header": lambda index: spoil(index, 16, 2, b"\xff"),
    "schema page": lambda index: spoil(index, 100, PAGE - 100),
    "schema and what follows": lambda index: spoil(index, 0, 8 * PAGE),
    "page of studies": lambda index: spoil(index, (pages_of(index, "study")[0] - 1) * PAGE, PAGE),
    "pages of instances, zeroed": lambda index: [
        spoil(index, (page - 1) * PAGE, PAGE, b"\0") for page in pages_of(index, "instance", "series")
    ],
    "half of it": lambda index: os.truncate(index, index.stat().st_size // 2 // PAGE * PAGE),
    "emptied": lambda index: os.truncate(index, 0),
    "gone": remove,
    "all of it": lambda index: spoil(index, 0, index.stat().st_size),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_while_nobody_ran_it_is_made_again_at_the_next_start(root, tmp_path, damage):
    index = root / "index.sqlite"
    before = logical_dump(index)
    DAMAGE[damage](index)
    new = write(tmp_path, "new", instance("1.5", "1.5.1", "1.5.1.1"))
    with ReceiverProcess(root) as receiver:
        send_until_it_is_kept(receiver.port, new)
        after = logical_dump(index)
        code, _, logged = receiver.end()
    assert code == 0
    assert "is made again now" in logged
    assert "Traceback" not in logged
    for what, rows in before.items():
        assert [row for row in after[what] if row[0] != "1.5"] == rows, what
    assert json.loads(run_noctis(root, "verify", "--json").stdout) == {"checked": 15} | CLEAN
    kept = list(root.glob("index.sqlite.set-aside-*"))
    assert bool(kept) == (damage != "gone")


@pytest.mark.parametrize("where", ["header", "first frame", "middle"])
def test_a_damaged_log_loses_nothing(tmp_path, files, where):
    root, log = tmp_path / "archive", tmp_path / "archive" / "index.sqlite-wal"
    with ReceiverProcess(root) as receiver:
        for path in sorted(files.iterdir()):  # each with a commit of its own
            assert send(receiver.port, path)[0] == 0
        before = logical_dump(root / "index.sqlite")
        receiver.process.send_signal(signal.SIGKILL)
        receiver.process.wait()
    frames = (log.stat().st_size - 32) // (24 + PAGE)
    assert frames > 10
    frame = {"header": 0, "first frame": 32 + 30, "middle": 32 + frames // 2 * (24 + PAGE) + 30}[where]
    spoil(log, frame, 16)
    with ReceiverProcess(root) as receiver:
        send_until_it_is_kept(receiver.port, min(files.iterdir()))
        receiver.end()
    assert logical_dump(root / "index.sqlite") == before
    assert json.loads(run_noctis(root, "verify", "--json").stdout) == {"checked": 12} | CLEAN


def is_sound(index):
    """Whether everybody who opens the index now finds nothing wrong."""
    opened = sqlite3.connect(f"file:{index}?mode=ro", uri=True)
    with contextlib.closing(opened), contextlib.suppress(sqlite3.Error):
        return opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return False


@pytest.mark.parametrize("damage", ["all of it", "page of studies", "gone", "emptied"])
def test_damaged_under_a_running_receiver_it_is_made_again_and_receiving_goes_on(root, tmp_path, damage):
    index = root / "index.sqlite"
    before = logical_dump(index)
    with ReceiverProcess(root) as receiver:
        DAMAGE[damage](index)
        deadline = time.monotonic() + 30
        for number in range(1000):  # readers find out, or the next commit does
            run_noctis(root, "studies", "--json")
            path = write(tmp_path, "new", instance("1.5", "1.5.1", f"1.5.1.{number}"))
            send_until_it_is_kept(receiver.port, path)
            if list(root.glob("index.sqlite.set-aside-*")) or (damage == "gone" and index.exists()):
                break
            if damage == "page of studies" and is_sound(index):
                break  # a commit has written that very page anew
            assert time.monotonic() < deadline
        send_until_it_is_kept(receiver.port, path)
        after = logical_dump(index)
        for what, rows in before.items():
            assert [row for row in after[what] if row[0] != "1.5"] == rows, what
        assert len([row for row in after["instances"] if row[0] == "1.5"]) == number + 1
        assert json.loads(run_noctis(root, "studies", "--json").stdout)
        assert receiver.end()[0] == 0
    assert json.loads(run_noctis(root, "verify", "--json").stdout) == {"checked": 15 + number} | CLEAN


@pytest.mark.parametrize("damage", ["gone", "emptied", "header"])
def test_who_only_reads_mends_it_when_nobody_holds_the_archive(root, damage):
    before = logical_dump(root / "index.sqlite")
    DAMAGE[damage](root / "index.sqlite")
    ended = run_noctis(root, "studies", "--json")
    assert ended.returncode == 0
    assert len(json.loads(ended.stdout)) == 4
    assert "The index was made again from the files" in ended.stderr
    assert logical_dump(root / "index.sqlite") == before
    assert run_noctis(root, "studies", "--json").stderr == ""


def test_who_reads_beside_another_holder_says_one_sentence(root):
    DAMAGE["header"](root / "index.sqlite")
    with LocalArchive.open(root) as archive, archive.hold("somebody"):
        ended = run_noctis(root, "studies", "--json")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("noctis: The index is damaged and is being made again. ")
    assert len(ended.stderr.splitlines()) == 1


def test_a_damaged_page_is_one_sentence_and_reindex_restores(root):
    before = logical_dump(root / "index.sqlite")
    DAMAGE["page of studies"](root / "index.sqlite")
    ended = run_noctis(root, "studies", "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "noctis reindex" in ended.stderr
    assert run_noctis(root, "reindex").returncode == 0
    assert logical_dump(root / "index.sqlite") == before


def test_reindex_beside_a_receiver_is_busy(root):
    with ReceiverProcess(root) as receiver:
        ended = run_noctis(root, "reindex", "--json")
        assert (ended.returncode, ended.stdout) == (75, "")
        assert "receive, process" in ended.stderr
        receiver.end()
    ended = run_noctis(root, "reindex", "--json")
    result = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert (result["studies"], result["instances"], result["variants"], result["lost"]) == (4, 13, 1, 0)
    assert Path(result["set_aside"]).exists()


def test_reindex_killed_at_random_leaves_the_old_index_or_the_new_one(root):
    before = logical_dump(root / "index.sqlite")
    for number in range(6):
        process = subprocess.Popen(noctis(root, "reindex"), stdout=subprocess.PIPE, env=ENVIRONMENT)
        time.sleep(0.25 + number * 0.15)
        process.kill()
        process.communicate()
        assert len(json.loads(run_noctis(root, "studies", "--json").stdout)) == 4
    assert run_noctis(root, "reindex").returncode == 0
    assert logical_dump(root / "index.sqlite") == before
    assert not list(root.glob("index.sqlite.[br]*"))


LOCKS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


def test_a_locked_index_is_waited_for_five_seconds_then_refused_and_recovers(root, tmp_path):
    new = write(tmp_path, "new", instance("1.5", "1.5.1", "1.5.1.1"))
    with ReceiverProcess(root) as receiver:
        locker = subprocess.Popen(
            [sys.executable, "-c", LOCKS, root / "index.sqlite"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert locker.stdout.readline() == "locked\n"
        begun = time.monotonic()
        _, output = send(receiver.port, "-v", new)
        waited = time.monotonic() - begun
        assert "OutOfResources" in output or "A700" in output.upper(), output
        assert waited >= 5
        assert not list((root / "incoming").iterdir())
        locker.communicate("\n")
        assert send_until_it_is_kept(receiver.port, new) == 0
        _, _, logged = receiver.end()
    assert "locked by another process" in logged
    assert json.loads(run_noctis(root, "verify", "--json").stdout) == {"checked": 15} | CLEAN


def test_another_patient_under_known_uids_is_a_variant_and_locks_the_study(root, tmp_path):
    impostor = instance("1.2.1", "1.2.1.1", "1.2.1.1.1", PatientID="somebody", PatientName="Else^Somebody")
    first = next(root.glob("instances/*/*/*.dcm")).stat().st_ino
    with ReceiverProcess(root) as receiver:
        assert send(receiver.port, write(tmp_path, "impostor", impostor))[0] == 0
        assert send(receiver.port, write(tmp_path, "again", impostor))[0] == 0  # known by now
        receiver.end()
    assert next(root.glob("instances/*/*/*.dcm")).stat().st_ino == first
    for _ in range(2):
        with LocalArchive.open(root) as archive:
            studies = {row.study_instance_uid: row for row in worklist.studies(archive.index)}
            assert studies["1.2.1"].qa_status == "failed"
            assert studies["1.2.1"].patient_id == "1.2.1"
            assert studies["1.2.2"].qa_status is None
            (conflict,) = conflicts_of(archive.index, studies["1.2.1"].id)
            assert (conflict.patient_id, conflict.sop_instance_uid) == ("somebody", "1.2.1.1.1")
            with pytest.raises(StudyLocked):
                require_unlocked(archive.index, studies["1.2.1"].id)
            require_unlocked(archive.index, studies["1.2.2"].id)
        assert len(list(root.glob("variants/*/*/*.dcm"))) == 2
        remove(root / "index.sqlite")
        assert run_noctis(root, "reindex").returncode == 0  # and it stays locked
    assert json.loads(run_noctis(root, "verify", "--json").stdout) == {"checked": 15} | CLEAN
