import os
import socket

import data_sets as ds
import pytest

from archive.errors import NotFound
from archive.importing import Mode
from archive.index.worklist import instances_of, series_of, studies
from archive.progress import Cancelled, CancelToken


def stored(archive):
    rows = [
        instance
        for study in studies(archive.index, limit=1000)
        for series in series_of(archive.index, study.id)
        for instance in instances_of(archive.index, series.id)
    ]
    return {row.sop_instance_uid: row.path for row in rows}


def test_every_file_is_in_one_count(archive, bring, source):
    (source / "deep" / "er").mkdir(parents=True)
    (source / "one").write_bytes(ds.part10(ds.smallest()))
    (source / "deep" / "er" / "same").write_bytes(ds.part10(ds.smallest()))
    (source / "other").write_bytes(ds.part10(ds.smallest() + ds.element(0x00280010, b"US", b"\1\0")))
    (source / "text.txt").write_text("no image")
    (source / "empty").write_bytes(b"")
    (source / "cut").write_bytes(ds.part10(ds.smallest())[:-3])
    (source / "no study").write_bytes(ds.part10(ds.smallest(study="")))
    counts, reasons = bring(source)
    assert counts == {"imported": 1, "duplicate": 1, "variant": 1, "skipped": 2, "quarantined": 2}
    assert reasons["cut"][1].startswith("The data set is cut short")
    assert reasons["no study"] == ("quarantined", "The data set has no valid Study Instance UID.")
    assert stored(archive)["1.2.3"].is_relative_to(archive.root)


def test_quarantine_keeps_bytes_and_reason_and_once(archive, bring, source):
    broken = ds.part10(ds.smallest())[:-3]
    (source / "cut").write_bytes(broken)
    for _ in range(2):
        assert bring(source)[0] == {"quarantined": 1}
    kept = sorted(archive.layout.quarantine.iterdir())
    assert [path.suffix for path in kept] == [".dcm", ".json"]
    assert kept[0].read_bytes() == broken
    assert "cut short" in kept[1].read_text()


@pytest.mark.parametrize("mode", [Mode.LINK, Mode.IN_PLACE])
def test_other_modes_leave_a_broken_file_where_it_is(archive, bring, source, mode):
    (source / "cut").write_bytes(ds.part10(ds.smallest())[:-3])
    assert bring(source, mode=mode)[0] == {"quarantined": 1}
    assert [path.suffix for path in archive.layout.quarantine.iterdir()] == [".json"]
    assert (source / "cut").exists()


def test_in_place_remembers_and_link_links(archive, bring, source):
    file = source / "one.dcm"
    file.write_bytes(ds.part10(ds.smallest()))
    assert bring(source, mode=Mode.IN_PLACE)[0] == {"imported": 1}
    assert stored(archive)["1.2.3"] == file
    (source / "two.dcm").write_bytes(ds.part10(ds.smallest(sop="1.2.3.2")))
    assert bring(source / "two.dcm", mode=Mode.LINK)[0] == {"imported": 1}
    assert stored(archive)["1.2.3.2"].stat().st_ino == (source / "two.dcm").stat().st_ino


def test_a_relative_path_in_place_is_kept_absolute(archive, bring, source, monkeypatch):
    (source / "one.dcm").write_bytes(ds.part10(ds.smallest()))
    monkeypatch.chdir(source)
    from pathlib import Path

    bring(Path("one.dcm"), mode=Mode.IN_PLACE)
    assert stored(archive)["1.2.3"] == source / "one.dcm"


@pytest.mark.parametrize("syntax", [ds.EXPLICIT, ds.IMPLICIT, ds.BIG_ENDIAN])
def test_a_bare_data_set_gets_its_file_meta(archive, bring, source, syntax):
    from pydicom import dcmread

    bare = {
        ds.EXPLICIT: ds.smallest(),
        ds.IMPLICIT: ds.smallest_implicit(),
        ds.BIG_ENDIAN: ds.smallest(order=">"),
    }[syntax]
    (source / "bare").write_bytes(bare)
    assert bring(source)[0] == {"imported": 1}
    kept = stored(archive)["1.2.3"]
    assert dcmread(kept).file_meta.TransferSyntaxUID == syntax
    assert kept.read_bytes().endswith(bare)


def test_what_is_no_file_is_skipped_and_never_waited_for(bring, source):
    os.mkfifo(source / "pipe")
    (source / "round").symlink_to(source, target_is_directory=True)
    (source / "self").symlink_to(source / "self")
    (source / "nowhere").symlink_to(source / "gone")
    (source / "device").symlink_to("/dev/zero")
    (source / "one").write_bytes(ds.part10(ds.smallest()))
    (source / "again").symlink_to(source / "one")
    with socket.socket(socket.AF_UNIX) as listening:
        folder = os.open(source, os.O_RDONLY)
        listening.bind(f"/proc/self/fd/{folder}/socket")
        counts, reasons = bring(source)
        os.close(folder)
    assert counts == {"imported": 1, "duplicate": 1, "skipped": 6}
    assert reasons["pipe"] == ("skipped", "This is not a regular file.")
    assert reasons["round"][1] == "A link to a folder is not followed."


def test_a_pipe_named_directly_is_skipped(bring, source):
    os.mkfifo(source / "pipe")
    assert bring(source / "pipe")[0] == {"skipped": 1}


def test_a_link_is_imported_as_what_it_leads_to(archive, bring, source):
    (source / "one").write_bytes(ds.part10(ds.smallest()))
    (source / "folder").mkdir()
    (source / "folder" / "link").symlink_to(source / "one")
    bring(source / "folder", mode=Mode.LINK)
    assert not stored(archive)["1.2.3"].is_symlink()


def test_the_archive_itself_is_left_out(archive, bring, source, tmp_path):
    (source / "one").write_bytes(ds.part10(ds.smallest()))
    assert bring(tmp_path)[0] == {"imported": 1}
    assert bring(tmp_path)[0] == {"duplicate": 1}


def test_a_folder_that_cannot_be_read_is_skipped(bring, source, monkeypatch):
    (source / "closed").mkdir()
    (source / "one").write_bytes(ds.part10(ds.smallest()))
    scandir = os.scandir

    def guarded(path):
        if str(path).endswith("closed"):  # a mode says nothing to root
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert bring(source)[0] == {"imported": 1, "skipped": 1}


def test_an_unknown_transfer_syntax_is_quarantined(bring, source):
    (source / "one").write_bytes(ds.part10(ds.smallest(), syntax="1.2.3.4"))
    assert bring(source)[0] == {"quarantined": 1}


def test_a_path_that_is_not_there_stops_before_anything(bring, source):
    (source / "one").write_bytes(ds.part10(ds.smallest()))
    with pytest.raises(NotFound, match="There is no "):
        bring(source, source / "gone\x1b]0;x\x07")
    assert bring(source)[0] == {"imported": 1}


def test_more_than_one_group_and_hostile_names(archive, bring, source):
    for number in range(300):
        (source / f"{number}\x1b[31m\udcff").write_bytes(ds.part10(ds.smallest(sop=f"1.2.3.{number}")))
    assert bring(source)[0] == {"imported": 300}
    assert len(stored(archive)) == 300


def test_cancelling_keeps_what_was_imported(bring, source):
    for number in range(600):
        (source / f"{number:04}").write_bytes(ds.part10(ds.smallest(sop=f"1.2.3.{number}")))
    token = CancelToken()
    with pytest.raises(Cancelled):
        bring(source, token=token, listener=lambda progress: token.cancel())
    counts, _ = bring(source)
    assert counts["duplicate"] >= 256
    assert sum(counts.values()) == 600


def test_the_shared_corpus_ends_in_counts(bring, shared_data):
    counts, reasons = bring(shared_data)
    files = sum(path.is_file() for path in shared_data.rglob("*"))
    assert sum(counts.values()) == files
    assert len(reasons) == counts["skipped"] + counts["quarantined"]
    assert counts["quarantined"] < 90


def test_every_whole_instance_of_the_corpus_is_imported(bring, shared_data):
    _, reasons = bring(shared_data / "volumes", shared_data / "single")
    # These four have no Study or SOP Instance UID at all.
    assert set(reasons) == {
        "htj2k_lossless_rgb.dcm",
        "jls_lossless_rgb_ilv1.dcm",
        "jls_lossless_rgb_ilv2.dcm",
        "jls_lossless_signed15.dcm",
    }
