"""`noctis verify` as a person and a script see it, beside a receiver and after a move."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from arrivals import sent, spooled
from conftest import require_program
from receiver_process import ENVIRONMENT, ReceiverProcess, noctis, run_noctis
from senders import instance, program

from archive.dicom.part10 import write_file_meta
from archive.ingest import accept
from archive.local_archive import LocalArchive

CLEAN = {"missing": 0, "corrupt": 0, "unindexed": 0}


@pytest.fixture
def root(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened, opened.hold("test") as lease:
        arrivals = [spooled(opened, sent(sop=f"1.2.3.{number}", pixels=b"abcd")) for number in range(30)]
        accept(opened, lease, arrivals)
    return tmp_path / "archive"


def test_a_clean_archive_as_json_and_as_a_sentence(root):
    ended = run_noctis(root, "verify", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == {"checked": 30} | CLEAN
    assert run_noctis(root, "verify").stdout.startswith("30 checked, 0 missing, 0 corrupt, 0 unindexed in ")
    assert run_noctis(root, "verify", "--jsonl").stdout == ""


def test_what_is_wrong_is_named_and_ends_with_1(root):
    files = sorted(root.glob("instances/*/*/*.dcm"))
    files[0].write_bytes(files[0].read_bytes()[:-1] + b"!")
    for path in files[1:26]:
        path.unlink()
    (root / "instances" / "x\x1b[31m").write_bytes(b"")
    ended = run_noctis(root, "verify", "--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout) == {"checked": 30, "missing": 25, "corrupt": 1, "unindexed": 1}
    ended = run_noctis(root, "verify")
    assert ended.returncode == 1
    assert "... and 7 more; --list names them all." in ended.stdout
    ended = run_noctis(root, "verify", "--list")
    assert len(ended.stdout.splitlines()) == 28
    assert f"corrupt: {files[0]} (1.2.3." in ended.stdout
    assert "x␛[31m: The index does not name it." in ended.stdout
    ended = run_noctis(root, "verify", "--jsonl")
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert ended.returncode == 1
    assert len(lines) == 27
    assert {line["problem"] for line in lines} == {"missing", "corrupt", "unindexed"}


def test_wrong_usage(root):
    assert run_noctis(root, "verify", "what").returncode == 2


def test_ctrl_c_ends_it_with_130(root):
    first = min(root.glob("instances/*/*/*.dcm"))
    os.truncate(first, 1 << 40)  # nothing but a hole, and it takes a quarter of an hour to read
    verify = subprocess.Popen(
        # A shell lets what it starts in the background ignore the signal, and then our children would.
        ["env", "--default-signal=INT", *noctis(root, "verify", "--json")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    while len(list(Path(f"/proc/{verify.pid}/task").iterdir())) < 2:  # it does not read yet
        time.sleep(0.05)
    time.sleep(0.2)
    verify.send_signal(signal.SIGINT)
    output, errors = verify.communicate(timeout=30)
    assert (verify.returncode, output, errors.strip()) == (130, b"", b"")


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(40):
        one = instance(study_uid=f"1.2.{number % 4}", series_uid=f"1.2.{number % 4}.1")
        meta = write_file_meta("1.2.840.10008.5.1.4.1.1.2", one.sop_uid, "1.2.840.10008.1.2")
        (folder / f"{number}.dcm").write_bytes(meta + one.data_set)
    return folder


def send(port, folder):
    command = [program("storescu"), "-aec", "NOCTIS_SCP", "127.0.0.1", port, "+sd", "+r", folder]
    return subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE)


def test_beside_a_receiver_nothing_that_arrives_is_a_problem(tmp_path, files):
    with ReceiverProcess(tmp_path / "archive") as receiver:
        sender = send(receiver.port, files)
        runs = 0
        while sender.poll() is None or runs < 2:
            ended = run_noctis(tmp_path / "archive", "verify", "--json")
            assert json.loads(ended.stdout) | CLEAN == json.loads(ended.stdout), ended
            runs += 1
        assert sender.returncode == 0, sender.communicate()
        assert json.loads(run_noctis(tmp_path / "archive", "verify", "--json").stdout)["checked"] == 40
        receiver.end()


@pytest.mark.parametrize("how", ["mv", "rsync", "copy"])
def test_an_archive_that_was_moved_or_copied_is_clean_and_receives(tmp_path, files, how):
    root, moved = tmp_path / "archive", tmp_path / "elsewhere" / "moved"
    with ReceiverProcess(root) as receiver:
        assert send(receiver.port, files).wait(60) == 0
        receiver.end()
    moved.parent.mkdir()
    if how == "mv":
        root.rename(moved)
    elif how == "copy":
        shutil.copytree(root, moved)
        shutil.rmtree(root)
    else:
        require_program("rsync")
        subprocess.run(["rsync", "-a", f"{root}/", f"{moved}/"], check=True)
        shutil.rmtree(root)
    assert json.loads(run_noctis(moved, "verify", "--json").stdout) == {"checked": 40} | CLEAN
    with ReceiverProcess(moved) as receiver:
        assert send(receiver.port, files).wait(60) == 0  # all of it is known
        receiver.end()
    assert json.loads(run_noctis(moved, "verify", "--json").stdout) == {"checked": 40} | CLEAN
    studies = json.loads(run_noctis(moved, "studies", "--json").stdout)
    assert [study["instances"] for study in studies] == [10] * 4
