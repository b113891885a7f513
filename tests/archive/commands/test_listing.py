from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from arrivals import sent, spooled
from click.testing import CliRunner

from archive.commands.filter_words import study_filter
from archive.commands.listing import instances_command, series_command, studies_command
from archive.commands.printing import size
from archive.errors import BadInput, NotFound
from archive.index.matching import StudyFilter
from archive.ingest import accept
from archive.local_archive import LocalArchive
from noctis_tui.cli import Site

HOSTILE = "Evil\x1b]0;owned\x07[/b]\u202e^\x9b31m"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("archive")
    instances = [
        sent("1.1", "1.1.1", "1.1.1.1", pixels=b"12", PatientName="Doe^Jane"),
        sent("1.1", "1.1.1", "1.1.1.2", InstanceNumber="2"),
        sent(
            "1.2",
            "1.2.1",
            "1.2.1.1",
            PatientName="Roe^Rich",
            Modality="MR",
            StudyDate="20250505",
            PatientID="P2",
        ),
        sent(
            "1.3", "1.3.1", "1.3.1.1", PatientID="P3", SpecificCharacterSet="ISO_IR 192", PatientName=HOSTILE
        ),
    ]
    with LocalArchive.open(root) as archive, archive.hold("test") as lease:
        for instance in instances:
            accept(archive, lease, [spooled(archive, instance)])
    return Site(root, root / "config.toml", "warning")


def run(site, command, *words):
    result = CliRunner().invoke(command, words, obj=site, catch_exceptions=True)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def as_json(site, command, *words):
    return json.loads(run(site, command, *words, "--json"))


def test_the_shape_of_a_study(site):
    study = as_json(site, studies_command, "doe")[0]
    size_bytes = study.pop("bytes")
    assert size_bytes > 500
    assert study == {
        "patient_id": "P1",
        "patient_name": "Doe^Jane",
        "study_date": "20260102",
        "modalities": ["CT"],
        "description": "Chest routine",
        "accession_number": "A-1",
        "series": 1,
        "instances": 2,
        "state": "receiving",
        "qa": None,
        "study_instance_uid": "1.1",
    }


def test_the_shape_of_series_and_instances(site):
    (series,) = as_json(site, series_command, "1.1")
    assert series["series_instance_uid"] == "1.1.1"
    assert (series["modality"], series["series_number"], series["instances"]) == ("CT", 1, 2)
    first, second = as_json(site, instances_command, "1.1.1")
    assert (first["sop_instance_uid"], second["sop_instance_uid"]) == ("1.1.1.1", "1.1.1.2")
    assert (first["rows"], first["columns"], first["frames"]) == (1, 2, 1)
    assert Path(first["path"]).is_absolute()
    assert Path(first["path"]).stat().st_size == first["bytes"]
    assert {"sop_class_uid", "transfer_syntax_uid", "instance_number"} <= first.keys()


def test_filters_sorting_and_paging(site):
    def uids(*words):
        return [row["study_instance_uid"] for row in as_json(site, studies_command, *words)]

    assert uids() == ["1.3", "1.2", "1.1"]
    assert uids("--reverse") == ["1.1", "1.2", "1.3"]
    assert uids("modality:mr") == ["1.2"]
    assert uids("date:20250101-20251231") == ["1.2"]
    assert uids("chest", "p2") == ["1.2"]
    assert uids("nobody") == []
    assert uids("--limit", "1") == ["1.3"]
    assert uids("--limit", "1", "--after", "1.3") == ["1.2"]
    assert uids("--after", "1.1") == []
    assert uids("--sort", "patient_id") == ["1.1", "1.2", "1.3"]
    with pytest.raises(NotFound):
        uids("--after", "7")


def test_one_object_a_line(site):
    assert [
        json.loads(line)["patient_id"] for line in run(site, studies_command, "--jsonl").splitlines()
    ] == [*("P3", "P2", "P1")]


def test_lines_in_a_pipe_hold_no_control_character(site):
    for command, words in (
        (studies_command, ()),
        (studies_command, ("--json",)),
        (studies_command, ("--jsonl",)),
        (series_command, ("1.3",)),
        (instances_command, ("1.3.1",)),
    ):
        for char in run(site, command, *words):
            assert char in "\n\t" or (char >= " " and not "\x7f" <= char <= "\x9f" and char != "\u202e")


def test_a_table_on_a_terminal_obeys_no_patient(site):
    """The raw bytes of a pseudo-terminal hold only the escapes that the table itself makes."""
    primary, secondary = pty.openpty()
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TERM": "xterm-256color",
        "COLUMNS": "200",
    }
    command = [sys.executable, "-m", "noctis_tui", "--archive", str(site.archive), "studies"]
    process = subprocess.Popen(command, stdout=secondary, stderr=secondary, env=environment)
    os.close(secondary)
    raw = b""
    while True:
        try:
            chunk = os.read(primary, 65536)
        except OSError:
            break
        if not chunk:
            break
        raw += chunk
    os.close(primary)
    assert process.wait(30) == 0
    text = raw.decode()
    assert "Doe, Jane" in text
    assert "[/b]" in text
    assert "\x1b]" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert "\x07" not in text


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((), StudyFilter()),
        (("smith", "chest"), StudyFilter(text="smith chest")),
        (("modality:ct,mr",), StudyFilter(modalities=frozenset({"CT", "MR"}))),
        (("date:2026-01-31",), StudyFilter(study_date_from="20260131", study_date_to="20260131")),
        (("date:20260101-",), StudyFilter(study_date_from="20260101")),
        (("date:-2026-01-31",), StudyFilter(study_date_to="20260131")),
        (("date:2026-01-01-2026-01-31",), StudyFilter(study_date_from="20260101", study_date_to="20260131")),
        (("size:big",), StudyFilter(text="size:big")),
    ],
)
def test_words_with_a_meaning(words, wanted):
    assert study_filter(words) == wanted


@pytest.mark.parametrize("word", ["date:", "date:-", "date:tomorrow", "date:2026", "date:\x1b[2J"])
def test_a_date_that_is_none_is_told(word):
    with pytest.raises(BadInput, match="is no date") as told:
        study_filter([word])
    assert "\x1b" not in str(told.value)


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (526_000_000, "526.0 MB"), (2**50, "1125.9 TB")],
)
def test_sizes_as_people_read_them(size_bytes, shown):
    assert size(size_bytes) == shown
