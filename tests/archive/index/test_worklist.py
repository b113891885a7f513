from __future__ import annotations

import threading
from pathlib import Path

import pytest
import synthetic_index
from arrivals import sent, spooled

from archive.errors import NotFound
from archive.index.worklist import (
    Sort,
    StudyFilter,
    count_studies,
    instances_of,
    series_of,
    studies,
    study_query,
)
from archive.ingest import accept
from archive.local_archive import LocalArchive


@pytest.fixture(scope="module")
def thousand(tmp_path_factory):
    with LocalArchive.open(tmp_path_factory.mktemp("thousand")) as archive:
        synthetic_index.fill(archive, 1000, series=2, instances=2)
        yield archive.index


@pytest.fixture
def archive():
    with LocalArchive.temporary() as opened:
        yield opened


def keep(archive, *instances, **kwargs):
    with archive.hold("test") as lease:
        return accept(archive, lease, [spooled(archive, instance, **kwargs) for instance in instances])


def study(number, **attributes):
    return sent(study=f"1.{number}", series=f"1.{number}.1", sop=f"1.{number}.1.1", **attributes)


def uids(archive, study_filter):
    return {row.study_instance_uid for row in studies(archive.index, study_filter)}


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("descending", [True, False])
def test_pages_together_are_the_whole_in_order(thousand, sort, descending):
    whole = studies(thousand, sort=sort, descending=descending, limit=None)
    assert len({row.id for row in whole}) == 1000
    paged, last = [], None
    while page := studies(thousand, sort=sort, descending=descending, limit=170, after=last):
        paged.extend(page)
        last = page[-1]
    assert paged == whole


def test_the_default_order_is_that_of_arrival_whatever_the_clock_says(archive):
    keep(archive, study(1), received_at=2e9)
    keep(archive, study(2), received_at=1e9)
    assert [row.study_instance_uid for row in studies(archive.index)] == ["1.2", "1.1"]


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        (Sort.RECEIVED, None),
        (Sort.DATE, "study_study_date_study_time_id"),
        (Sort.NAME, "study_patient_name_norm_study_date_id"),
        (Sort.ACCESSION, "study_accession_number"),
    ],
)
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("continued", [True, False])
def test_the_common_orders_run_along_an_index(thousand, sort, index, descending, continued):
    after = studies(thousand, sort=sort, limit=1)[0] if continued else None
    plan = thousand.plan(study_query(sort=sort, descending=descending, after=after))
    assert "TEMP B-TREE" not in plan, plan
    assert (f"USING INDEX {index}" in plan) if index else ("INTEGER PRIMARY KEY" in plan or "SCAN" in plan), (
        plan
    )
    if continued:
        assert "SEARCH" in plan.splitlines()[0], plan


def test_a_date_range_is_read_from_its_index(thousand):
    narrowed = StudyFilter(modalities=frozenset({"MR"}), study_date_from="20260101", study_date_to="20260131")
    plan = thousand.plan(study_query(narrowed, sort=Sort.DATE))
    assert "SEARCH t1 USING INDEX study_study_date_study_time_id" in plan, plan


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("müller", {"1.1"}),
        ("MULLER", {"1.1"}),
        ("zoe mull", {"1.1"}),
        ("zoë^anna", {"1.1"}),
        ("Muller^Zoe", {"1.1"}),
        ("山田", {"1.2"}),
        ("tarou", {"1.2"}),
        ("p-00", {"1.1", "1.2"}),
        ("acc_7", {"1.2"}),
        ("acc%", set()),
        ("100%", {"1.1"}),
        ("a?c", set()),
        ("m*er", {"1.1"}),
        ("*", {"1.1", "1.2"}),
        ("m*zz", set()),
        ("knee", {"1.1"}),
        ("knee tarou", set()),
        ("' OR 1=1 --", set()),
        ("", {"1.1", "1.2"}),
        ("  ", {"1.1", "1.2"}),
    ],
)
def test_words_are_found_anywhere_without_case_and_accents(archive, text, found):
    first = {"PatientName": "Müller^Zoë^Anna", "PatientID": "P-001", "StudyDescription": "Knee 100%"}
    second = {
        "PatientName": "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "PatientID": "P-002",
        "AccessionNumber": "ACC_7",
    }
    keep(archive, study(1, SpecificCharacterSet="ISO_IR 192", **first))
    keep(archive, study(2, SpecificCharacterSet="ISO_IR 192", **second))
    assert uids(archive, StudyFilter(text=text)) == found
    assert count_studies(archive.index, StudyFilter(text=text)) == len(found)


def test_modalities_dates_and_arrival_narrow(archive):
    keep(archive, study(1, Modality="MR", StudyDate="20260101"), received_at=100)
    keep(archive, study(2, Modality="CT", StudyDate="20260201"), received_at=200)
    keep(archive, study(3, Modality="XX", StudyDate=""), received_at=300)
    keep(archive, sent(study="1.2", series="1.2.9", sop="1.2.9.1", Modality="SR"), received_at=400)
    assert uids(archive, StudyFilter(modalities=frozenset({"CT"}))) == {"1.2"}
    assert uids(archive, StudyFilter(modalities=frozenset({"SR", "MR"}))) == {"1.1", "1.2"}
    assert uids(archive, StudyFilter(modalities=frozenset({"XX"}))) == {"1.3"}
    assert uids(archive, StudyFilter(modalities=frozenset({"T", "C%"}))) == set()
    assert uids(archive, StudyFilter(study_date_from="20260115")) == {"1.2"}
    assert uids(archive, StudyFilter(study_date_to="20260115")) == {"1.1"}
    assert uids(archive, StudyFilter(received_since=200)) == {"1.2", "1.3"}
    (row,) = studies(archive.index, StudyFilter(modalities=frozenset({"SR"})))
    assert row.modalities == ("CT", "SR")
    assert (row.received_at, row.last_received_at) == (200, 400)


def test_only_the_studies_asked_for_under_the_same_filter(archive):
    keep(archive, study(1), study(2), study(3, PatientName="Roe^R"))
    ids = {row.study_instance_uid: row.id for row in studies(archive.index)}
    wanted = studies(archive.index, StudyFilter(text="doe"), ids=[ids["1.1"], ids["1.3"], 999])
    assert [row.study_instance_uid for row in wanted] == ["1.1"]
    assert studies(archive.index, ids=[]) == []


def test_a_study_is_receiving_until_it_is_quiet_and_a_clock_set_back_does_not_matter(archive, monkeypatch):
    keep(archive, study(1), received_at=1000.0)
    for now, state in ((1000, "receiving"), (1059, "receiving"), (1060, "quiet"), (900, "quiet")):
        monkeypatch.setattr("time.time", lambda now=now: float(now))
        assert studies(archive.index)[0].state == state


def test_series_and_instances_come_by_number_those_without_one_last(archive):
    instances = [
        sent(series="1.9", sop="1.9.1", SeriesNumber=None),
        sent(series="1.7", sop="1.7.1", SeriesNumber="10", InstanceNumber=None),
        sent(series="1.7", sop="1.7.2", SeriesNumber="10", InstanceNumber="11"),
        sent(series="1.7", sop="1.7.3", SeriesNumber="10", InstanceNumber="2"),
        sent(series="1.8", sop="1.8.1", SeriesNumber="2"),
    ]
    keep(archive, *instances)
    series = series_of(archive.index, studies(archive.index)[0].id)
    assert [row.series_number for row in series] == [2, 10, None]
    assert [row.instance_number for row in instances_of(archive.index, series[1].id)] == [2, 11, None]


def test_many_threads_read_while_one_writes(tmp_path):
    with LocalArchive.open(tmp_path) as archive:
        wrong, stop = [], threading.Event()

        def read():
            while not stop.is_set():
                rows = studies(archive.index)
                wrong.extend(row for row in rows if row.instance_count * 10 != row.size_bytes)

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        try:
            synthetic_index.fill(archive, 300, instances=2, group=20, size_bytes=10)
        finally:
            stop.set()
            for reader in readers:
                reader.join()
        assert not wrong
        assert count_studies(archive.index) == 300


def test_an_archive_is_closed_under_its_readers_without_harm(tmp_path):
    archive, told = LocalArchive.open(tmp_path), []

    def read():
        try:
            while True:
                studies(archive.index)
        except NotFound as error:
            told.append(str(error))

    synthetic_index.fill(archive, 300)
    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    archive.close()
    for reader in readers:
        reader.join()
    assert told == ["The archive is closed."] * 4


def test_threads_that_came_and_went_leave_no_connection(tmp_path):
    with LocalArchive.open(tmp_path) as archive:
        for _ in range(20):
            reader = threading.Thread(target=studies, args=(archive.index,))
            reader.start()
            reader.join()
        opened = [link for link in Path("/proc/self/fd").iterdir() if _leads_to(link, archive.layout.index)]
        assert 0 < len(opened) <= 2


def _leads_to(link, path):
    try:
        return link.readlink() == path
    except OSError:
        return False
