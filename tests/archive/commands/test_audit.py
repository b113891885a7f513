"""`noctis audit` and `noctis audit verify` on a trail that other code has written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from receiver_process import run_noctis

from archive.audit.files import segments
from archive.audit.messages import AuditEvent, Message, Participant, Role
from archive.audit.trail import Trail
from archive.settings import read_settings
from archive.storage.layout import Layout


@pytest.fixture
def trail(tmp_path):
    layout = Layout(tmp_path)
    layout.create()
    trail = Trail.of(layout, read_settings(layout.settings).audit)
    source = Participant(Role.SOURCE, "CT\x1b[2J_1", requestor=True, network_access_point="10.1.2.3")
    trail.append(
        [
            Message(AuditEvent.APPLICATION_STARTED, at=datetime(2026, 1, 1, tzinfo=UTC)),
            Message(
                AuditEvent.INSTANCES_TRANSFERRED,
                (source,),
                "1.2.3",
                details={"instances": 7},
                at=datetime(2026, 1, 2, tzinfo=UTC),
            ),
            Message(AuditEvent.SECURITY_ALERT, (source,), outcome=8, at=datetime(2026, 1, 3, tzinfo=UTC)),
        ]
    )
    return trail


def listed(tmp_path, *options):
    done = run_noctis(tmp_path, "audit", "--json", *options)
    assert done.returncode == 0, done.stderr
    return [record["sequence"] for record in json.loads(done.stdout)]


def test_records_are_listed_newest_first_and_narrowed(tmp_path, trail):
    assert listed(tmp_path) == [3, 2, 1]
    assert listed(tmp_path, "--limit", 2) == [3, 2]
    assert listed(tmp_path, "--event", "instances_transferred", "--event", "application_started") == [2, 1]
    assert listed(tmp_path, "--study", "1.2.3") == [2]
    assert listed(tmp_path, "--who", "10.1.2.3") == [3, 2]
    assert listed(tmp_path, "--failures") == [3]
    assert listed(tmp_path, "--since", "2026-01-02T00:00Z", "--until", "2026-01-03T00:00Z") == [2]


def test_the_table_shows_no_raw_text_of_peers(tmp_path, trail):
    table = run_noctis(tmp_path, "audit").stdout
    assert "\x1b" not in table
    assert "7 instances" in table
    assert len(table.splitlines()) == 3


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--event", "transfered"), "did you mean instances_transferred?"),
        (("--since", "soon"), "soon is no time"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_with_a_sentence(tmp_path, trail, options, sentence):
    done = run_noctis(tmp_path, "audit", *options)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_nothing_is_listed_where_nothing_is(tmp_path):
    assert listed(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_verify_says_intact_and_prints_a_head_that_can_be_noted(tmp_path, trail):
    done = run_noctis(tmp_path, "audit", "verify")
    assert done.returncode == 0
    assert done.stdout.startswith("3 records are intact; head 3:")
    noted = done.stdout.split()[-1]
    assert run_noctis(tmp_path, "audit", "verify", "--head", noted).returncode == 0
    assert run_noctis(tmp_path, "audit", "verify", "--head", f"9{noted}").returncode == 1
    assert run_noctis(tmp_path, "audit", "verify", "--head", "seven").returncode == 2


def test_verify_ends_with_1_and_names_the_first_bad_record(tmp_path, trail):
    ((_, path),) = segments(trail.folder)
    path.write_bytes(path.read_bytes().replace(b'"instances":7', b'"instances":6'))
    done = run_noctis(tmp_path, "audit", "verify")
    assert done.returncode == 1
    assert done.stderr.startswith("noctis: Record 2 was changed")
    assert "audit-0000000001.jsonl line 2" in done.stderr
    verdict = run_noctis(tmp_path, "audit", "verify", "--json")
    assert verdict.returncode == 1
    said = json.loads(verdict.stdout)
    assert (said["intact"], said["records"], said["bad_sequence"]) == (False, 1, 2)
    assert said["finding"].startswith("Record 2 was changed")


def test_verify_without_the_key_is_bad_input(tmp_path, trail):
    trail.key_path.unlink()
    done = run_noctis(tmp_path, "audit", "verify")
    assert done.returncode == 2
    assert "key" in done.stderr
