"""Disks that are full in one way or another, under the real receiver: A700, no trace, and it recovers."""

from __future__ import annotations

import json
import resource
import time

import pytest
from kept_instances import adopted, assert_whole
from raw_peer import store_all
from receiver_process import ReceiverProcess, run_noctis
from senders import instance

NO_RESERVE = "[storage]\nminimum_free_bytes = 0\nminimum_free_percent = 0\n"
REFUSED = 0xA700


def without_reserve(folder):
    folder.mkdir(exist_ok=True)
    (folder / "noctis.toml").write_text(NO_RESERVE)


def store_until_refused(port, most, pixel_bytes=100_000):
    """Store one after the other; return (what was acknowledged, how many were refused in the end)."""
    acknowledged, refused = {}, 0
    while len(acknowledged) < most and refused < 3:
        sent = instance("1.2.3", "1.2.3.4", pixel_bytes=pixel_bytes)
        (status,) = store_all(port, sent)
        assert status in {0, REFUSED}
        refused += status == REFUSED
        if status == 0:
            acknowledged[sent.sop_uid] = sent.data_set
    return acknowledged, refused


def no_part_is_left(folder):
    """Wait for the thread that removes what was refused: the answer does not wait for it."""
    for _ in range(200):
        if not [path for path in (folder / "incoming").iterdir() if path.suffix == ".part"]:
            return True
        time.sleep(0.02)
    return False


def test_a_full_disk_is_refused_without_a_trace_and_taken_up_again_by_itself(tiny_disk):
    disk = tiny_disk("size=6m")
    without_reserve(disk.path)
    (disk.path / "ballast").write_bytes(bytes(2_000_000))
    with ReceiverProcess(disk.folder, within=disk.within) as receiver:
        first, refused = store_until_refused(receiver.port, 100)
        assert refused == 3
        assert len(first) >= 10
        assert no_part_is_left(disk.path)
        big = instance("1.2.3", "1.2.3.5", pixel_bytes=3_000_000)
        assert store_all(receiver.port, big) == [REFUSED]
        assert no_part_is_left(disk.path)
        (disk.path / "ballast").unlink()
        second, refused = store_until_refused(receiver.port, 10)
        assert (len(second), refused) == (10, 0)
        assert receiver.end()[0] == 0
    with adopted(disk.copied()) as archive:
        assert_whole(archive, first | second, first | second)


def test_a_reserve_is_left_on_the_disk(tiny_disk):
    disk = tiny_disk("size=6m")
    with ReceiverProcess(disk.folder, within=disk.within) as receiver:
        assert store_all(receiver.port, instance(), instance()) == [REFUSED] * 2  # a GiB is wanted free
        (disk.path / "noctis.toml").write_text(NO_RESERVE)
        assert receiver.end()[0] == 0
    with ReceiverProcess(disk.folder, within=disk.within) as receiver:
        assert store_all(receiver.port, instance()) == [0]


def test_a_disk_that_is_full_for_the_index_rolls_back(tiny_disk, tmp_path):
    disk, small = tiny_disk("size=60m"), tmp_path / "small"
    without_reserve(disk.path)
    small.mkdir()
    disk.run("mount", "-t", "tmpfs", "-o", "size=600k", "none", small)
    assert run_noctis(disk.folder, "studies", within=disk.within).returncode == 0
    disk.run("mv", disk.folder / "index.sqlite", small)
    disk.run("ln", "-s", small / "index.sqlite", disk.folder / "index.sqlite")
    with ReceiverProcess(disk.folder, within=disk.within) as receiver:
        acknowledged, refused = {}, 0
        while refused < 3:
            sent = instance(pixel_bytes=64, PatientID=f"P{len(acknowledged)}", StudyDescription="d" * 60)
            (status,) = store_all(receiver.port, sent)
            assert status in {0, REFUSED}
            refused += status == REFUSED
            if status == 0:
                acknowledged[sent.sop_uid] = sent.data_set
        assert no_part_is_left(disk.path)
        assert receiver.end()[0] == 0
    assert len(acknowledged) > 3
    disk.run("rm", disk.folder / "index.sqlite")
    disk.run("sh", "-c", f"mv {small}/index.sqlite* {disk.folder}")
    with adopted(disk.copied()) as archive:
        assert_whole(archive, acknowledged, acknowledged)


@pytest.mark.parametrize("inodes", [6, 12, 13, 14, 15, 16, 18])
def test_a_disk_with_next_to_no_inodes_is_refused_with_a_sentence_or_a_status(tiny_disk, inodes):
    disk, sentence = tiny_disk(f"nr_inodes={inodes}"), "noctis: "
    try:
        with ReceiverProcess(disk.folder, within=disk.within) as receiver:
            assert set(store_all(receiver.port, instance(), instance())) == {REFUSED}
            assert receiver.end()[0] == 0
    except RuntimeError as refused:  # there is no room for the archive's own files
        sentence = str(refused)
    assert "noctis: " in sentence
    assert "Traceback" not in sentence


def test_a_disk_without_inodes_is_refused_and_taken_up_again_by_itself(tiny_disk):
    disk = tiny_disk("nr_inodes=48")
    without_reserve(disk.path)
    (disk.path / "spare").mkdir()
    for number in range(10):
        (disk.path / "spare" / str(number)).touch()
    with ReceiverProcess(disk.folder, within=disk.within) as receiver:
        first, refused = store_until_refused(receiver.port, 100, pixel_bytes=640)
        assert refused == 3
        assert first
        for path in (disk.path / "spare").iterdir():
            path.unlink()
        second, refused = store_until_refused(receiver.port, 5, pixel_bytes=640)
        assert (len(second), refused) == (5, 0)
        assert receiver.end()[0] == 0
    with adopted(disk.copied()) as archive:
        assert_whole(archive, first | second, first | second)


def test_a_limit_on_the_size_of_files_is_refused_and_the_service_lives(tmp_path):
    archive = tmp_path / "archive"
    without_reserve(archive)
    limit = 20_000_000
    big, small = instance(pixel_bytes=21_000_000), instance()
    with ReceiverProcess(
        archive, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    ) as receiver:
        assert store_all(receiver.port, big, small, big) == [REFUSED, 0, REFUSED]
        assert no_part_is_left(archive)
        assert receiver.end()[0] == 0
    listed = json.loads(run_noctis(archive, "studies", "--json").stdout)
    assert [study["study_instance_uid"] for study in listed] == [small.study_uid]
    with adopted(archive) as opened:
        assert_whole(opened, {small.sop_uid: small.data_set}, [small.sop_uid])
