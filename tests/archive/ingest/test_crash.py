"""kill -9 at every step of the line: what was acknowledged is there bit-exact, nothing else is left over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import crashing_writer
import pytest
from arrivals import data_set_bytes, sent, spooled

from archive.index import worklist
from archive.ingest import Line, Outcome, accept
from archive.ingest.group import Group, placement_of
from archive.ingest.recovery import recover
from archive.local_archive import LocalArchive
from archive.storage.layout import instance_path
from archive.storage.placement import Placement

WRITER = Path(crashing_writer.__file__)
COUNT = 16


def crash(root: Path, point: str, calls: int, *options: str, count: int = COUNT) -> list[str]:
    path = os.pathsep.join([*sys.path, str(WRITER.parent)])
    command = [sys.executable, str(WRITER), str(root), point, str(calls), str(count), *options]
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": path},
        check=False,
    )
    assert ended.returncode == -9, ended.stderr
    return ended.stdout.split()


def kept(archive: LocalArchive) -> dict[str, Path]:
    return {
        row.sop_instance_uid: row.path
        for study in worklist.studies(archive.index)
        for series in worklist.series_of(archive.index, study.id)
        for row in worklist.instances_of(archive.index, series.id)
    }


def files(archive: LocalArchive) -> set[Path]:
    return {path for path in archive.layout.instances.rglob("*") if path.is_file()}


def instance(number: int):
    return sent(sop=f"1.2.3.{number}", InstanceNumber=str(number), pixels=bytes([number]) * 5000)


def lose_power(root: Path) -> None:
    """Take every place whose folder was perhaps not synced: that of a file that is still in the journal."""
    journal = {path.stat().st_ino for path in root.glob("incoming/*.sealed")}
    for path in [*root.glob("instances/*/*/*"), *root.glob("variants/*/*/*")]:
        if path.stat().st_ino in journal:
            path.unlink()


@pytest.mark.parametrize("power", ["power stays", "power fails"])
@pytest.mark.parametrize("point", list(crashing_writer.POINTS))
@pytest.mark.parametrize("calls", [1, 6])
def test_nothing_acknowledged_is_lost_and_nothing_is_left_over(tmp_path, point, calls, power):
    acknowledged = crash(tmp_path, point, calls)
    if power == "power fails":
        lose_power(tmp_path)
    with LocalArchive.open(tmp_path) as archive, archive.hold("next") as lease:
        Line(archive, lease).close()
        found = kept(archive)
        assert set(acknowledged) <= set(found)
        assert set(found.values()) == files(archive), "a file without a row, or a row without a file"
        for uid, path in found.items():
            assert data_set_bytes(path) == instance(int(uid.rsplit(".", 1)[1])).data_set
        assert not list(archive.layout.incoming.iterdir())
        assert not list(archive.layout.quarantine.iterdir())
        (counted,) = [study.instance_count for study in worklist.studies(archive.index)] or [0]
        assert counted == len(found)
        again = accept(archive, lease, [spooled(archive, instance(number)) for number in range(COUNT)])
        assert [result is Outcome.DUPLICATE for result in again] == [
            f"1.2.3.{number}" in found for number in range(COUNT)
        ]
        assert len(kept(archive)) == len(files(archive)) == COUNT


def test_a_variant_and_a_name_taken_by_a_stranger_survive_a_power_failure_too(tmp_path):
    first, other = instance(1), sent(sop="1.2.3.1", pixels=b"other" * 1000)
    stranger = tmp_path / instance_path(first.study, first.series, "1.2.3.2")
    with LocalArchive.open(tmp_path) as archive, archive.hold("test") as lease:
        stranger.parent.mkdir(parents=True)
        stranger.write_bytes(b"not ours")
        for arrival in (first, other, instance(2)):
            with (
                placement_of(archive) as placement,
                Group(archive, [spooled(archive, arrival)], placement) as group,
            ):
                group.accept()  # and power fails before the placement is flushed
    lose_power(tmp_path)
    assert not list(tmp_path.glob("variants/*/*/*"))
    with LocalArchive.open(tmp_path) as archive, archive.hold("next") as lease:
        Line(archive, lease).close()
        kept_bytes = {data_set_bytes(path) for path in kept(archive).values()}
        variants = {data_set_bytes(path) for path in archive.layout.variants.glob("*/*/*")}
        assert kept_bytes == {first.data_set, instance(2).data_set}
        assert variants == {other.data_set, instance(2).data_set}
        assert not list(archive.layout.incoming.iterdir())
    assert stranger.read_bytes() == b"not ours"


@pytest.fixture
def without_rows(tmp_path):
    """Return what takes every row and place that was not synced: all of them, with the journal full."""
    with LocalArchive.open(tmp_path):
        pass
    index = (tmp_path / "index.sqlite").read_bytes()

    def lose():
        lose_power(tmp_path)
        for path in tmp_path.glob("index.sqlite*"):
            path.unlink()
        (tmp_path / "index.sqlite").write_bytes(index)

    return lose


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("pixels", [b"a", b"d"])  # whose digests are in both orders
def test_of_two_under_one_uid_the_same_is_the_first_after_a_power_failure(
    tmp_path, without_rows, strict, pixels
):
    (tmp_path / "noctis.toml").write_text(f"[storage]\nstrict_duplicates = {str(strict).lower()}\n")
    first, other = (sent(sop="1.2.3.1", pixels=each * 5000) for each in (pixels, b"b"))
    with LocalArchive.open(tmp_path) as archive, archive.hold("test"):
        for arrival in (first, other):
            with (
                placement_of(archive) as placement,
                Group(archive, [spooled(archive, arrival)], placement) as group,
            ):
                group.accept()  # and power fails before anything of what follows is durable
    without_rows()
    with LocalArchive.open(tmp_path) as archive, archive.hold("next") as lease:
        Line(archive, lease).close()
        (path,) = kept(archive).values()
        assert data_set_bytes(path) == first.data_set
        beside = archive.layout.quarantine if strict else archive.layout.variants
        (path,) = [path for path in beside.rglob("*") if path.is_file()]
        assert data_set_bytes(path) == other.data_set
        assert not list(archive.layout.incoming.iterdir())


def test_an_entry_whose_writer_was_killed_before_it_was_synced_is_synced(tmp_path, monkeypatch):
    crash(tmp_path, "before a part is durable", 1, count=1)
    (entry,) = tmp_path.glob("incoming/*.sealed")
    inode, synced, fdatasync = entry.stat().st_ino, [], os.fdatasync

    def sync(file):
        synced.append(os.fstat(file).st_ino)
        fdatasync(file)

    monkeypatch.setattr(os, "fdatasync", sync)
    with LocalArchive.open(tmp_path) as archive, archive.hold("next") as lease:
        recover(archive, lease)
        assert len(kept(archive)) == 1
    assert inode in synced


@pytest.mark.parametrize("torn", ["empty", "zeros", "half", "link"])
def test_an_entry_that_the_power_failure_left_without_bytes_goes(tmp_path, torn):
    crash(tmp_path, "before a part is durable", 1, count=1)
    (entry,) = tmp_path.glob("incoming/*.sealed")
    whole = entry.read_bytes()
    if torn == "link":
        entry.unlink()
        entry.symlink_to("/dev/zero")
    else:
        entry.write_bytes(
            {"empty": b"", "zeros": bytes(len(whole))}.get(torn, whole[:600].ljust(len(whole), b"\0"))
        )
    with LocalArchive.open(tmp_path) as archive, archive.hold("next") as lease:
        recover(archive, lease)
        assert not kept(archive)
        assert not list(archive.layout.incoming.iterdir())
        aside = [path.name for path in archive.layout.quarantine.iterdir()]
    assert aside == ([entry.name] if torn in {"half", "link"} else [])


def test_rows_that_a_crashed_writer_committed_are_synced_before_its_journal_goes(tmp_path, monkeypatch):
    crash(tmp_path, "before it leaves the journal", 1)
    log, synced = tmp_path / "index.sqlite-wal", []
    before, flush = log.read_bytes(), Placement.flush

    def flushing(placement):
        synced.append(not log.exists() or log.read_bytes() != before)
        flush(placement)

    monkeypatch.setattr(Placement, "flush", flushing)
    with LocalArchive.open(tmp_path) as archive, archive.hold("next") as lease:
        recover(archive, lease)
    assert synced == [True]


@pytest.mark.parametrize("point", ["after it is placed", "inside the transaction", "after the commit"])
def test_a_crash_during_recovery_changes_nothing(tmp_path, point):
    acknowledged = crash(tmp_path, "after its folder is durable", 2)
    crash(tmp_path, point, 1, "early")
    with LocalArchive.open(tmp_path) as archive:
        assert list(archive.layout.incoming.glob("*.sealed"))
        with archive.hold("next") as lease:
            Line(archive, lease).close()
        assert set(acknowledged) <= set(kept(archive))
        assert set(kept(archive).values()) == files(archive)
        (study,) = worklist.studies(archive.index)
        assert study.instance_count == len(kept(archive))
