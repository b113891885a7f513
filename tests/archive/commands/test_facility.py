"""`noctis facility` as a person uses it, beside a receiver that runs."""

from __future__ import annotations

import json
import signal
import time

import pytest
from raw_peer import ASSOCIATE_AC, ASSOCIATE_RJ, RawPeer
from receiver_process import ReceiverProcess, run_noctis
from senders import run_program


def facility(archive, *arguments):
    done = run_noctis(archive, "facility", *arguments)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def associate(port):
    with RawPeer(port) as peer:
        return peer.associate()


def test_what_was_added_is_listed_and_goes_again(tmp_path):
    added = facility(
        tmp_path, "add", "CT-1", "--calling", "CT1", "--address", "10.1.2.0/24", "--operation", "store",
        "--sop-class", "CTImageStorage", "--sop-class", "1.2.840.10008.5.1.4.1.1.4", "--daily-quota", "20G",
        "--certificate", ":".join(["AB"] * 32), "--maximum-associations", 4,
    )  # fmt: skip
    assert added == (0, "CT-1 is admitted from the receiver's next start on.\n", "")
    (listed,) = json.loads(facility(tmp_path, "list", "--json")[1])
    assert listed == {
        "name": "CT-1",
        "calling_ae_titles": ["CT1"],
        "called_ae_titles": [],
        "addresses": ["10.1.2.0/24"],
        "certificates": ["ab" * 32],
        "operations": ["store"],
        "sop_classes": ["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"],
        "maximum_associations": 4,
        "connections_per_minute": None,
        "bytes_per_second": None,
        "daily_quota_bytes": 20_000_000_000,
    }
    assert "CT-1\tCT1\tany\t10.1.2.0/24" in facility(tmp_path, "list")[1]
    assert facility(tmp_path, "remove", "CT-1")[0] == 0
    assert facility(tmp_path, "list", "--json")[:2] == (0, "[]\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add",), "Missing argument 'NAME'"),
        (("add", "a", "--address", "10.1.2.3/24"), "has host bits set"),
        (("add", "a", "--calling", "A" * 17), "an AE title is 1 to 16"),
        (("add", "a", "--operation", "stor"), "'stor' is not one of"),
        (("add", "a", "--sop-class", "CTPicture"), "not the name of a storage SOP class"),
        (("add", "a", "--daily-quota", "lots"), "is not a number of bytes"),
        (("add", "a", "--certificate", "ab"), "SHA-256 fingerprint"),
        (("add", "a\x1b[2J"), "name is 1 to 64 printable characters"),
        (("remove", "nobody"), "No facility is called nobody."),
    ],
)
def test_what_cannot_be_is_one_sentence(tmp_path, arguments, sentence):
    code, _, said = facility(tmp_path, *arguments)
    assert code == 2
    assert sentence in said
    assert "\x1b" not in said


def test_a_running_receiver_takes_a_change_up_at_once(tmp_path):
    facility(tmp_path, "add", "elsewhere", "--address", "10.0.0.0/8")
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        assert associate(receiver.port) == ASSOCIATE_RJ
        code, said, _ = facility(tmp_path, "add", "here", "--calling", "RAW_PEER", "--address", "127.0.0.1")
        assert (code, said) == (0, "here is admitted from the next association on.\n")
        assert associate(receiver.port) == ASSOCIATE_AC
        assert run_program("echoscu", "-aet", "OTHER", "127.0.0.1", receiver.port)[0] != 0
        assert run_program("echoscu", "-aet", "RAW_PEER", "127.0.0.1", receiver.port)[0] == 0
        assert facility(tmp_path, "remove", "here")[0] == 0
        assert associate(receiver.port) == ASSOCIATE_RJ
        _, events, log = receiver.end()
    rejected = [event for event in events if event["event"] == "association_rejected"]
    assert [event["factor"] for event in rejected] == ["address"] * 3
    assert "its address 127.0.0.1 is not one of elsewhere's (10.0.0.0/8)" in log


def test_a_hangup_reads_the_facilities_again_and_a_mistake_in_them_changes_nothing(tmp_path):
    with ReceiverProcess(tmp_path) as receiver:
        assert associate(receiver.port) == ASSOCIATE_AC
        (tmp_path / "noctis.toml").write_text('[[facility]]\nname = "CT"\naddresses = ["10.0.0.1"]\n')
        receiver.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 10
        while associate(receiver.port) == ASSOCIATE_AC and time.monotonic() < until:
            time.sleep(0.05)
        assert associate(receiver.port) == ASSOCIATE_RJ
        (tmp_path / "noctis.toml").write_text("[[facility]]\n")
        receiver.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        assert associate(receiver.port) == ASSOCIATE_RJ
        _, _, log = receiver.end()
    assert "The settings stay as they are" in log
    assert "facility.1.name: Field required" in log


def test_other_machines_are_let_in_once_a_facility_says_who(tmp_path):
    assert run_noctis(tmp_path, "receive", "--host", "0.0.0.0", "--port", 0).returncode == 2
    facility(tmp_path, "add", "CT", "--address", "127.0.0.1")
    with ReceiverProcess(tmp_path, "--host", "0.0.0.0") as receiver:
        assert associate(receiver.port) == ASSOCIATE_AC


def test_the_archive_may_be_named_behind_the_sub_command(tmp_path):
    done = run_noctis(tmp_path / "other", "facility", "add", "CT", "--archive", tmp_path / "named")
    assert done.returncode == 0
    assert (tmp_path / "named" / "noctis.toml").exists()
    assert not (tmp_path / "other").exists()
