"""After a power failure the log may have lost commits that were not synced; the journal has them."""

from __future__ import annotations

import shutil

import pytest
from arrivals import sent, spooled

from archive.ingest import accept
from archive.ingest.group import Group, placement_of
from archive.local_archive import LocalArchive
from archive.reindexing import needs_rebuild

_HEADER, _FRAME = 32, 24 + 4096


@pytest.fixture
def torn(tmp_path):
    """Return a function that copies an archive, the first frame of its last commit lost on the way."""
    root, copies = tmp_path / "archive", iter(range(9))
    with LocalArchive.open(root) as archive, archive.hold("test") as lease:
        accept(archive, lease, [spooled(archive, sent(sop="1.1"))])
        placement = placement_of(archive)
        with placement, Group(archive, [spooled(archive, sent(sop="1.2"))], placement) as group:
            group.accept()

        def copied():
            copy = tmp_path / f"copy-{next(copies)}"
            shutil.copytree(root, copy)
            log = copy / "index.sqlite-wal"
            content = bytearray(log.read_bytes())
            commits = [
                start
                for start in range(_HEADER, len(content), _FRAME)
                if int.from_bytes(content[start + 4 : start + 8], "big")
            ]
            assert commits[-1] - commits[-2] > _FRAME
            content[commits[-2] + _FRAME + 24 : commits[-2] + 2 * _FRAME] = bytes(4096)
            log.write_bytes(content)
            (copy / "index.sqlite-shm").unlink(missing_ok=True)
            return copy

        yield copied


def test_it_is_no_damage_while_the_journal_vouches(torn):
    with LocalArchive.open(torn()) as archive:
        assert not needs_rebuild(archive, starting=True)


def test_it_is_damage_without_a_journal_or_under_a_writer(torn):
    with LocalArchive.open(torn()) as archive:
        assert needs_rebuild(archive)
    copy = torn()
    for entry in copy.glob("incoming/*"):
        entry.unlink()
    with LocalArchive.open(copy) as archive:
        assert needs_rebuild(archive, starting=True)
