"""What an archive holds, compared with what was sent and acknowledged: for tests of faults."""

from __future__ import annotations

from contextlib import contextmanager

from senders import data_set_bytes

from archive.index import worklist
from archive.local_archive import LocalArchive


def kept(archive):
    """Return path by SOP Instance UID of everything that the index lists."""
    return {
        row.sop_instance_uid: row.path
        for study in worklist.studies(archive.index, limit=None)
        for series in worklist.series_of(archive.index, study.id)
        for row in worklist.instances_of(archive.index, series.id)
    }


def stored_files(layout):
    return {path for folder in (layout.instances, layout.variants) for path in folder.rglob("*.dcm")}


@contextmanager
def adopted(root):
    """Open an archive as its next writer does: what a crash left is adopted."""
    from archive.ingest import Line

    with LocalArchive.open(root) as archive, archive.hold("test") as lease:
        Line(archive, lease).close()
        yield archive


def assert_whole(archive, sent, acknowledged):
    """Everything acknowledged is there bit-exact and indexed, and nothing is there that no row knows.

    Parameters
    ----------
    sent
        Data set bytes by SOP Instance UID.
    acknowledged
        The SOP Instance UIDs that were answered with 0000.
    """
    found = kept(archive)
    assert set(acknowledged) <= set(found), "lost"
    for uid, path in found.items():
        assert data_set_bytes(path) == sent[uid], "corrupt"
    assert set(found.values()) == stored_files(archive.layout), "orphans"
    assert not list(archive.layout.incoming.iterdir()), "left over"
    assert archive.index.fetch("PRAGMA integrity_check") == [("ok",)]
