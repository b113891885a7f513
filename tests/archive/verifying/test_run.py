"""What verification finds, and what it must not take for a loss."""

from __future__ import annotations

import os

import pytest
from arrivals import sent, spooled

from archive.importing import Mode, import_paths
from archive.index import worklist
from archive.index.inventory import every_series, files_of
from archive.ingest import Line, accept
from archive.ingest.group import Group, placement_of
from archive.local_archive import LocalArchive
from archive.progress import Cancelled, CancelToken
from archive.storage.layout import instance_path
from archive.verifying import Problem, verify_archive


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened, opened.hold("test") as lease:
        first = [sent(sop=f"1.2.3.{number}", pixels=bytes([number]) * 3_000_000) for number in range(3)]
        accept(opened, lease, [spooled(opened, each) for each in [*first, sent(sop="1.2.3.1", pixels=b"xy")]])
        lease.release()
        yield opened


def verified(archive):
    found = []
    result = verify_archive(archive, tell=found.append)
    return (result.checked, result.missing, result.corrupt, result.unindexed), found


def path_of(archive, number):
    return archive.root / instance_path("1.2.3", "1.2.3.4", f"1.2.3.{number}")


def flip(path, position=-1):
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    facts = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_a_sound_archive(archive):
    assert verified(archive) == ((4, 0, 0, 0), [])


@pytest.mark.parametrize("position", [-1, 1_500_000, 400])
def test_one_flipped_bit_is_found_wherever_it_is(archive, position):
    flip(path_of(archive, 1), position)
    counts, (finding,) = verified(archive)
    assert counts == (4, 0, 1, 0)
    assert finding.problem is Problem.CORRUPT
    assert finding.path == path_of(archive, 1)
    assert finding.named.sop_instance_uid == "1.2.3.1"


def test_a_flipped_bit_of_a_variant_is_found(archive):
    (variant,) = archive.layout.variants.rglob("*.dcm")
    flip(variant)
    counts, (finding,) = verified(archive)
    assert counts == (4, 0, 1, 0)
    assert finding.named.is_variant


def test_what_is_gone_cut_short_or_swapped(archive, tmp_path):
    path_of(archive, 0).unlink()
    os.truncate(path_of(archive, 1), 1_000_000)
    path_of(archive, 2).rename(tmp_path / "elsewhere")
    path_of(archive, 2).symlink_to(tmp_path / "elsewhere")  # inside the archive no link is followed
    counts, _ = verified(archive)
    assert counts == (4, 1, 2, 0)


def test_pipes_and_folders_in_a_files_place_hold_nothing_up(archive):
    for number, make in enumerate((os.mkfifo, os.mkdir)):
        path_of(archive, number).unlink()
        make(path_of(archive, number))
    assert verified(archive)[0] == (4, 0, 2, 0)


def test_a_series_folder_that_is_gone(archive):
    for path in archive.layout.instances.rglob("*.dcm"):
        path.unlink()
    path_of(archive, 0).parent.rmdir()
    assert verified(archive)[0] == (4, 3, 0, 0)


def test_files_that_no_row_names_are_found_everywhere(archive):
    known, unknown = path_of(archive, 0).parent, archive.layout.instances / "ab" / ("0" * 32)
    unknown.mkdir(parents=True)
    strangers = [
        known / "copy.dcm",
        unknown / "1.dcm",
        archive.layout.instances / "loose",
        archive.layout.variants / "ab",
    ]
    strangers[0].write_bytes(path_of(archive, 0).read_bytes())
    for path in strangers[1:]:
        path.write_bytes(b"x")
    counts, found = verified(archive)
    assert counts == (4, 0, 0, 4)
    assert {finding.path for finding in found} == set(strangers)


def test_what_is_in_the_journal_is_neither_lost_nor_left_over(archive, tmp_path):
    with placement_of(archive) as placement:
        late = spooled(archive, sent(sop="1.2.3.9"))
        with Group(archive, [late], placement) as group:
            group.accept()  # recorded; and the power fails before the place is durable
    path_of(archive, 9).unlink()
    early = archive.spool.create(b"")
    name = early.seal()
    os.link(archive.layout.incoming / name, path_of(archive, 7))  # placed; and the process dies
    assert verified(archive) == ((5, 0, 0, 0), [])
    (entry,) = [path for path in archive.layout.incoming.glob("*.sealed") if path.name != name]
    flip(entry)
    assert verified(archive)[0] == (5, 1, 0, 0)  # the journal's bytes are not those either


def test_what_arrives_between_the_index_and_the_folder_is_no_stranger(archive, monkeypatch):
    from archive.verifying import run

    monkeypatch.setattr(run, "every_series", lambda index: [])  # as if all of it had come since
    assert verified(archive) == ((0, 0, 0, 0), [])


def test_files_in_place_are_read_and_their_digests_kept(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with LocalArchive.open(tmp_path / "archive") as archive:
        for number in range(3):
            part = spooled(archive, sent(sop=f"1.2.3.{number}")).content
            os.link(archive.layout.incoming / part.name, folder / str(number))
            part.discard()
        with archive.hold("test") as lease:
            import_paths(archive, lease, [folder], mode=Mode.IN_PLACE)
        (series,) = every_series(archive.index)
        assert {each.digest for each in files_of(archive.index, series)} == {None}
        assert verified(archive)[0] == (3, 0, 0, 0)
        assert None not in {each.digest for each in files_of(archive.index, series)}
        flip(folder / "0")
        (folder / "1").unlink()
        assert verified(archive)[0] == (3, 1, 1, 0)


def test_a_file_in_place_that_changed_before_it_was_read(tmp_path):
    file = tmp_path / "one"
    with LocalArchive.open(tmp_path / "archive") as archive:
        part = spooled(archive, sent()).content
        os.link(archive.layout.incoming / part.name, file)
        part.discard()
        with archive.hold("test") as lease:
            import_paths(archive, lease, [file], mode=Mode.IN_PLACE)
        assert verified(archive)[0] == (1, 0, 0, 0)
    with LocalArchive.open(tmp_path / "other") as archive:
        with archive.hold("test") as lease:
            import_paths(archive, lease, [file], mode=Mode.IN_PLACE)
        (study,) = worklist.studies(archive.index)
        flip(file)
        os.utime(file, (study.received_at + 60, study.received_at + 60))
        counts, (finding,) = verified(archive)
        assert counts == (1, 0, 1, 0)
        assert "after it was imported" in finding.reason


def test_while_another_process_holds_the_archive_digests_are_not_kept(tmp_path):
    file = tmp_path / "one"
    with LocalArchive.open(tmp_path / "archive") as archive, archive.hold("receive") as lease:
        part = spooled(archive, sent()).content
        os.link(archive.layout.incoming / part.name, file)
        part.discard()
        import_paths(archive, lease, [file], mode=Mode.IN_PLACE)
        assert verified(archive)[0] == (1, 0, 0, 0)


def test_a_moved_archive_is_clean(archive, tmp_path):
    archive.close()
    archive.root.rename(tmp_path / "moved")
    with LocalArchive.open(tmp_path / "moved") as moved:
        assert verified(moved)[0] == (4, 0, 0, 0)


def test_it_can_be_cancelled_and_says_how_far_it_is(archive):
    heard = []
    verify_archive(archive, listener=heard.append)
    assert (heard[-1].done, heard[-1].total) == (4, 4)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        verify_archive(archive, token=token)


def test_arrivals_all_the_while_are_neither_missing_nor_left_over(archive):
    with archive.hold("test") as lease:
        line = Line(archive, lease)
        for number in range(100, 160):
            waiting = [
                line.submit(spooled(archive, sent(series=f"1.{number}", sop=f"1.{number}.{each}")))
                for each in range(8)
            ]
            counts, found = verified(archive)
            assert counts[1:] == (0, 0, 0), found
            for future in waiting:
                future.result(10)
        line.close()
    assert verified(archive)[0] == (4 + 480, 0, 0, 0)
