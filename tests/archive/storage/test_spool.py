from __future__ import annotations

import gc
import hashlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import FailingDisk, OutOfResources
from archive.storage.layout import Layout
from archive.storage.spool import Spool, digest_in


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path / "archive")
    layout.create()
    return layout


@pytest.fixture
def spool(layout):
    return Spool(layout)


@given(prefix=st.binary(max_size=50), chunks=st.lists(st.binary(max_size=200), max_size=8))
def test_what_is_written_is_there_and_hashed_without_its_prefix(tmp_path_factory, prefix, chunks):
    layout = Layout(tmp_path_factory.mktemp("archive"))
    layout.create()
    part = Spool(layout).create(prefix)
    for chunk in chunks:
        part.write(chunk)
    data = b"".join(chunks)
    with part.data_set_buffer() as buffer:
        assert bytes(buffer) == data
    assert part.digest == hashlib.sha256(data).digest()[:16]
    assert (part.size, part.file_size) == (len(data), len(prefix) + len(data))
    part.sync()
    sealed = part.seal()
    assert (layout.incoming / sealed).read_bytes() == prefix + data
    assert digest_in(sealed) == part.digest
    part.discard()
    assert (layout.incoming / sealed).exists()


def test_parts_are_for_this_user_only_whatever_the_umask(layout):
    before = os.umask(0)
    try:
        other = Layout(layout.root / "below")
        other.create()
        part = Spool(other).create(b"")
        (file,) = other.incoming.iterdir()
        assert file.stat().st_mode & 0o777 == 0o600
        assert all(folder.stat().st_mode & 0o777 == 0o700 for folder in other.folders)
        part.discard()
    finally:
        os.umask(before)


def test_a_discarded_or_forgotten_part_leaves_no_trace(layout, spool):
    spool.create(b"a").discard()
    with spool.create(b"b"):
        pass
    forgotten = spool.create(b"c")
    assert len(list(layout.incoming.iterdir())) == 1
    del forgotten
    gc.collect()
    assert not list(layout.incoming.iterdir())


def test_a_part_outlives_its_spool(layout):
    part = Spool(layout).create(b"")
    gc.collect()
    part.write(b"x")
    part.discard()
    assert not list(layout.incoming.iterdir())


def test_a_short_write_is_continued(spool, monkeypatch):
    write = os.write
    part = spool.create(b"")
    monkeypatch.setattr(os, "write", lambda file, data: write(file, bytes(data)[:3]))
    part.write(b"0123456789")
    monkeypatch.undo()
    assert bytes(part.data_set_buffer()) == b"0123456789"


@pytest.mark.parametrize("number", [28, 122, 27, 30])
def test_a_full_or_read_only_disk_is_out_of_resources(spool, monkeypatch, number):
    part = spool.create(b"")

    def refuse(*args, **kwargs):
        raise OSError(number, "refused")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(OutOfResources) as told:
        part.write(b"x")
    assert told.value.dimse_status == 0xA700
    assert not isinstance(told.value, FailingDisk)
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutOfResources):
        spool.create(b"")


def test_a_prefix_that_does_not_fit_leaves_no_trace(layout, spool, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutOfResources):
        spool.create(b"x")
    assert not list(layout.incoming.iterdir())


def test_an_incoming_folder_that_is_a_link_is_not_followed(layout, tmp_path):
    layout.incoming.rmdir()
    layout.incoming.symlink_to(tmp_path)
    with pytest.raises(OutOfResources):
        Spool(layout)


def test_a_close_that_fails_is_told_once_and_closes_nothing_else(layout, spool, monkeypatch):
    close, closed = os.close, []
    parts = [spool.create(b"prefix"), spool.create(b"prefix")]
    files = [part._file for part in parts]

    def failing(file):
        close(file)
        if file in files:
            closed.append(file)
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "close", failing)
    with pytest.raises(FailingDisk):
        parts[0].seal()
    parts[1].discard()
    del parts
    gc.collect()
    monkeypatch.undo()
    assert closed == files
    assert not list(layout.incoming.iterdir())
