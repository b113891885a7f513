"""The ledger of what readers draw: whole lines, in their order, and not longer than it must be."""

from __future__ import annotations

import errno
import os
import stat

import pytest
from annotated import EVERYTHING, LINE, STUDY, another

from archive.annotations.edits import DeleteAnnotation, PutAnnotation
from archive.errors import OutOfResources
from archive.storage import annotation_ledger as ledger


@pytest.fixture
def path(tmp_path):
    return tmp_path / "annotations.jsonl"


def test_edits_come_back_in_their_order(path):
    assert list(ledger.read(path)) == []
    assert ledger.append(path, EVERYTHING, durable=True) == 0
    before = path.stat().st_size
    assert ledger.append(path, [DeleteAnnotation(STUDY, LINE.uid)], durable=False) == before
    assert list(ledger.read(path)) == [*EVERYTHING, DeleteAnnotation(STUDY, LINE.uid)]
    ledger.truncate(path, before)
    assert list(ledger.read(path)) == list(EVERYTHING)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_that_was_cut_short_costs_no_other(path):
    ledger.append(path, EVERYTHING, durable=True)
    for cut in range(2, 60):
        whole = path.read_bytes()
        path.write_bytes(whole[:-cut])
        ledger.append(path, [PutAnnotation(another())], durable=True)
        assert list(ledger.read(path)) == [*EVERYTHING[:-1], PutAnnotation(another())]
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "noise", [b"\xff\0\n", b"[" * 100_000 + b"\n", b"{}\n", b"x" * 3_000_000 + b"\n", b"\n" * 50]
)
def test_noise_is_passed_over(path, noise):
    ledger.append(path, EVERYTHING, durable=True)
    path.write_bytes(noise + path.read_bytes() + noise)
    assert list(ledger.read(path)) == list(EVERYTHING)


def test_it_is_written_anew_when_it_has_doubled(path, monkeypatch):
    monkeypatch.setattr(ledger, "COMPACTION_BYTES", 4096)
    for number in range(100):
        before = ledger.append(path, [PutAnnotation(another(1, text=str(number)))], durable=False)
        ledger.compact(path, before, durable=False)
    assert path.stat().st_size < 8192
    assert list(ledger.read(path))[-1] == PutAnnotation(another(1, text="99"))
    for number in range(100):
        before = ledger.append(path, [PutAnnotation(another(number))], durable=True)
        ledger.compact(path, before, durable=True)
    assert {edit.annotation.uid for edit in ledger.read(path)} == {another(n).uid for n in range(100)}


def test_what_the_disk_does_not_take_is_not_there(path, monkeypatch):
    ledger.append(path, EVERYTHING, durable=True)
    whole = path.read_bytes()

    def full(file, content):
        os.write(file, content[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ledger, "_write_all", full)
    with pytest.raises(OutOfResources, match="full"):
        ledger.append(path, [PutAnnotation(another())], durable=True)
    assert path.read_bytes() == whole


def test_it_is_no_link_to_elsewhere(path, tmp_path):
    (tmp_path / "elsewhere").write_text("")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutOfResources):
        ledger.append(path, EVERYTHING, durable=True)
