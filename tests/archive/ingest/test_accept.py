"""Duplicates, variants, other patients, files that exist: what is kept of each and what is said."""

from __future__ import annotations

import dataclasses
import os

import pytest
from arrivals import data_set_bytes, header_of, journalled, sent, spooled

from archive.dicom.part10 import locate_data_set
from archive.errors import ArchiveBusy, DataSetMismatch, DuplicateSopInstance
from archive.index import worklist
from archive.ingest import Arrival, ExistingFile, Mode, Outcome, Source, accept
from archive.ingest.judging import file_digest
from archive.local_archive import LocalArchive
from archive.storage.placement import Placement


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        yield opened


@pytest.fixture
def lease(archive):
    with archive.hold("test") as held:
        yield held


def only_study(archive):
    (study,) = worklist.studies(archive.index)
    return study


def rows(archive):
    return [
        row
        for study in worklist.studies(archive.index)
        for series in worklist.series_of(archive.index, study.id)
        for row in worklist.instances_of(archive.index, series.id)
    ]


def part10(folder, instance, name="file.dcm"):
    from arrivals import CT_IMAGE_STORAGE, ExplicitVRLittleEndian, write_file_meta

    file = folder / name
    file.write_bytes(
        write_file_meta(CT_IMAGE_STORAGE, instance.sop, ExplicitVRLittleEndian) + instance.data_set
    )
    return file


def existing(file, mode, instance):
    return Arrival(ExistingFile(file, locate_data_set(file)[0], mode), header_of(instance))


def variant_files(archive):
    return [path for path in archive.layout.variants.rglob("*") if path.is_file()]


def test_the_same_bytes_again_leave_the_first_file_untouched(archive, lease):
    accept(archive, lease, [spooled(archive, sent())])
    first = rows(archive)[0].path.stat()
    assert accept(archive, lease, [spooled(archive, sent())]) == [Outcome.DUPLICATE]
    second = rows(archive)[0].path.stat()
    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)
    assert only_study(archive).instance_count == 1
    assert only_study(archive).qa_status is None


def test_other_bytes_are_kept_beside_the_first_and_fail_the_study(archive, lease):
    first, other = sent(), sent(StudyDescription="changed")
    accept(archive, lease, [spooled(archive, first)])
    assert accept(archive, lease, [spooled(archive, other)]) == [Outcome.VARIANT]
    assert accept(archive, lease, [spooled(archive, other)]) == [Outcome.DUPLICATE]
    study = only_study(archive)
    assert (study.instance_count, study.qa_status) == (1, "failed")
    assert data_set_bytes(rows(archive)[0].path) == first.data_set
    assert [data_set_bytes(path) for path in variant_files(archive)] == [other.data_set]


def test_duplicates_and_variants_inside_one_group(archive, lease):
    first, other = sent(), sent(StudyDescription="changed")
    group = [spooled(archive, one) for one in (first, first, other, other, first)]
    assert accept(archive, lease, group) == [
        *(Outcome.RECORDED, Outcome.DUPLICATE, Outcome.VARIANT, Outcome.DUPLICATE, Outcome.DUPLICATE)
    ]
    assert only_study(archive).instance_count == 1
    assert len(variant_files(archive)) == 1


def test_a_strict_site_refuses_other_bytes_without_a_trace(tmp_path):
    (tmp_path / "noctis.toml").write_text("[storage]\nstrict_duplicates = true\n")
    with LocalArchive.open(tmp_path) as archive, archive.hold("test") as lease:
        changed = spooled(archive, sent(StudyDescription="changed"))
        kept, refused = accept(archive, lease, [spooled(archive, sent()), changed])
        assert kept is Outcome.RECORDED
        assert isinstance(refused, DuplicateSopInstance)
        assert refused.dimse_status == 0x0111
        assert not variant_files(archive)
        assert not list(archive.layout.incoming.iterdir())
        assert only_study(archive).qa_status is None


@pytest.mark.parametrize("together", [True, False])
def test_another_patient_under_the_study_uid_does_not_change_the_study(archive, lease, together):
    first = sent(sop="1.1")
    other = sent(sop="1.2", PatientID="P2", PatientName="Roe^Richard", AccessionNumber="X")
    if together:
        results = accept(archive, lease, [spooled(archive, first), spooled(archive, other)])
    else:
        results = [accept(archive, lease, [spooled(archive, one)])[0] for one in (first, other)]
    assert results == [Outcome.RECORDED, Outcome.RECORDED]
    study = only_study(archive)
    assert (study.patient_name, study.patient_id, study.accession_number) == ("Doe^Jane", "P1", "A-1")
    assert (study.instance_count, study.qa_status) == (2, "failed")
    conflicts = archive.index.fetch(
        "SELECT p.patient_id FROM identity_conflict c JOIN patient p ON p.id = c.patient"
    )
    assert conflicts == [("P2",)]
    assert not worklist.studies(archive.index, worklist.StudyFilter(text="roe"))


def test_what_the_first_instance_left_empty_a_later_one_fills(archive, lease):
    accept(archive, lease, [spooled(archive, sent(sop="1.1", StudyDescription="", AccessionNumber=""))])
    accept(archive, lease, [spooled(archive, sent(sop="1.2", StudyDescription="Späte Phase"))])
    study = only_study(archive)
    assert (study.study_description, study.accession_number) == ("Späte Phase", "A-1")
    assert worklist.studies(archive.index, worklist.StudyFilter(text="spate jane")) == [study]


def test_one_bad_arrival_fails_alone(archive, lease):
    bad = spooled(archive, sent(sop="1.9"))
    bad = dataclasses.replace(bad, header=dataclasses.replace(bad.header, sop_instance_uid="../../x"))
    good, refused = accept(archive, lease, [spooled(archive, sent()), bad])
    assert good is Outcome.RECORDED
    assert isinstance(refused, DataSetMismatch)
    assert not list(archive.layout.incoming.iterdir())


def test_the_source_is_recorded_with_the_series(archive, lease):
    accept(archive, lease, [spooled(archive, sent(), source=Source("CT1", "NOCTIS", "10.0.0.7"))])
    accept(archive, lease, [spooled(archive, sent(sop="1.2"), source=Source("CT1", "NOCTIS", "10.0.0.7"))])
    joined = "SELECT calling_ae_title, address FROM source JOIN series ON series.source = source.id"
    assert archive.index.fetch(joined) == [("CT1", "10.0.0.7")]


def test_without_the_lease_nothing_is_accepted(archive):
    lease = archive.hold("test")
    lease.release()
    with pytest.raises(ArchiveBusy):
        accept(archive, lease, [])


def test_a_copied_file_is_the_archives_own(archive, lease, tmp_path):
    instance = sent()
    file = part10(tmp_path, instance)
    assert accept(archive, lease, [existing(file, Mode.COPY, instance)]) == [Outcome.RECORDED]
    kept = rows(archive)[0].path
    assert kept.read_bytes() == file.read_bytes()
    assert kept.stat().st_ino != file.stat().st_ino
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_copied_bare_data_set_gets_its_file_meta(archive, lease, tmp_path):
    instance, file = sent(), tmp_path / "bare"
    file.write_bytes(instance.data_set)
    assert accept(archive, lease, [existing(file, Mode.COPY, instance)]) == [Outcome.RECORDED]
    assert rows(archive)[0].path.read_bytes()[128:132] == b"DICM"
    assert data_set_bytes(rows(archive)[0].path) == instance.data_set


def test_a_linked_file_gets_a_second_name(archive, lease, tmp_path):
    instance = sent()
    file = part10(tmp_path, instance)
    assert accept(archive, lease, [existing(file, Mode.LINK, instance)]) == [Outcome.RECORDED]
    assert rows(archive)[0].path.stat().st_ino == file.stat().st_ino
    assert archive.index.fetch("SELECT digest FROM instance") == [(file_digest(file),)]


def test_a_file_across_file_systems_is_copied_instead_of_linked(archive, lease, tmp_path, monkeypatch):
    instance = sent()
    file = part10(tmp_path, instance)
    link = os.link

    def across(source, target, **kwargs):
        if os.fspath(source) == os.fspath(file):
            raise OSError(18, "Invalid cross-device link")
        link(source, target, **kwargs)

    monkeypatch.setattr(os, "link", across)
    assert accept(archive, lease, [existing(file, Mode.LINK, instance)]) == [Outcome.RECORDED]
    assert rows(archive)[0].path.read_bytes() == file.read_bytes()


def test_a_file_in_place_is_only_remembered_and_verified_when_it_matters(archive, lease, tmp_path):
    instance = sent()
    file = part10(tmp_path, instance)
    assert accept(archive, lease, [existing(file, Mode.IN_PLACE, instance)]) == [Outcome.RECORDED]
    assert rows(archive)[0].path == file
    assert archive.index.fetch("SELECT digest FROM instance") == [(None,)]
    assert accept(archive, lease, [existing(file, Mode.IN_PLACE, instance)]) == [Outcome.DUPLICATE]
    assert accept(archive, lease, [spooled(archive, instance)]) == [Outcome.DUPLICATE]
    assert archive.index.fetch("SELECT digest FROM instance") == [(file_digest(file),)]
    changed = sent(StudyDescription="changed")
    other = part10(tmp_path, changed, "other.dcm")
    assert accept(archive, lease, [existing(other, Mode.IN_PLACE, changed)]) == [Outcome.VARIANT]
    assert not list(archive.layout.instances.rglob("*.dcm"))


def test_a_file_in_place_that_moved_is_followed(archive, lease, tmp_path):
    instance = sent()
    file = part10(tmp_path, instance)
    accept(archive, lease, [existing(file, Mode.IN_PLACE, instance)])
    moved = file.rename(tmp_path / "moved.dcm")
    assert accept(archive, lease, [existing(moved, Mode.IN_PLACE, instance)]) == [Outcome.RECORDED]
    assert [row.path for row in rows(archive)] == [moved]
    study = only_study(archive)
    assert (study.instance_count, study.size_bytes, study.qa_status) == (1, moved.stat().st_size, None)


def test_a_lost_file_is_restored_when_it_comes_again(archive, lease):
    accept(archive, lease, [spooled(archive, sent())])
    rows(archive)[0].path.unlink()
    assert accept(archive, lease, [spooled(archive, sent())]) == [Outcome.DUPLICATE]
    assert data_set_bytes(rows(archive)[0].path) == sent().data_set


def test_a_file_that_the_index_does_not_know_is_never_overwritten(archive, lease):
    accept(archive, lease, [spooled(archive, sent())])
    path = rows(archive)[0].path
    path.write_bytes(b"somebody else's")
    with archive.index.transaction() as cursor:
        cursor.execute("DELETE FROM instance")
    assert accept(archive, lease, [spooled(archive, sent())]) == [Outcome.RECORDED]
    assert path.read_bytes() == b"somebody else's"
    assert data_set_bytes(rows(archive)[0].path) == sent().data_set


def test_hostile_text_is_kept_within_bounds(archive, lease):
    hostile = sent(StudyDescription="x" * 64)
    arrival = spooled(archive, hostile)
    header = dataclasses.replace(
        arrival.header,
        study_description="\x1b]52;c;\x07" + "\ud800\0" + "y" * 2_000_000,
        series_number=10**30,
        instance_number=-(10**12),
    )
    assert accept(archive, lease, [dataclasses.replace(arrival, header=header)]) == [Outcome.RECORDED]
    assert len(only_study(archive).study_description) == 1024
    assert worklist.series_of(archive.index, only_study(archive).id)[0].series_number is None


def test_uids_that_are_stored_alike_share_a_row(archive, lease):
    arrivals = []
    for number, sop_class in enumerate(("1.2\ud800", "1.2\ud801")):
        arrival = spooled(archive, sent(sop=f"1.9.{number}"))
        header = dataclasses.replace(arrival.header, sop_class_uid=sop_class)
        arrivals.append(dataclasses.replace(arrival, header=header))
    assert accept(archive, lease, arrivals) == [Outcome.RECORDED] * 2


@pytest.mark.parametrize("durable_names", [(), (True,), (True, True), (True, False), (False,)])
def test_the_journal_is_synced_unless_all_names_in_it_are_durable(archive, lease, monkeypatch, durable_names):
    assert not accept(archive, lease, [])  # what lies in the journal before is a crashed writer's
    synced, journal = [], Placement.journal
    monkeypatch.setattr(Placement, "journal", lambda placement: synced.append(journal(placement)))
    arrivals = [spooled(archive, sent(sop="1.2.9"))] if not durable_names else []
    for number, is_journalled in enumerate(durable_names):
        arrival = journalled(archive, sent(sop=f"1.2.3.{number}"))
        content = dataclasses.replace(arrival.content, is_journalled=is_journalled)
        arrivals.append(dataclasses.replace(arrival, content=content))
    assert set(accept(archive, lease, arrivals)) == {Outcome.RECORDED}
    assert bool(synced) is not (bool(durable_names) and all(durable_names))
