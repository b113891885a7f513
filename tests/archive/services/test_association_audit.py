"""What the audit says of a receiver: from real associations, in a real process."""

from __future__ import annotations

import json
import time

import pytest
from raw_peer import ASSOCIATE_AC, ASSOCIATE_RJ, RawPeer
from receiver_process import ReceiverProcess, run_noctis
from senders import instance

from archive.audit.reading import read_records
from archive.network.events import Event
from archive.services.association_audit import AssociationAudit
from archive.storage.layout import Layout


def records(archive):
    return list(read_records(Layout(archive).audit))[::-1]


def named(archive, event):
    return [record for record in records(archive) if record["event"] == event]


def intact(archive):
    done = run_noctis(archive, "audit", "verify")
    return done.returncode == 0 or done.stderr


def store(port, *instances):
    with RawPeer(port) as peer:
        assert peer.associate() == ASSOCIATE_AC
        statuses = [peer.store(each.sop_uid, each.data_set) for each in instances]
        peer.release()
        return statuses


def eventually(condition):
    for _ in range(500):
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError("it never happened")


def test_one_record_for_each_study_of_an_association(tmp_path):
    one, other = instance(PatientName="Secret^Name", PatientID="SECRET-ID"), instance()
    more = [instance(one.study_uid, PatientName="Secret^Name", PatientID="SECRET-ID") for _ in range(3)]
    with ReceiverProcess(tmp_path) as receiver:
        assert set(store(receiver.port, one, other, *more)) == {0}
        with RawPeer(receiver.port) as peer:  # nothing is recorded of an echo
            peer.associate()
            peer.echo()
            peer.release()
        receiver.end()
    assert [record["event"] for record in records(tmp_path)] == [
        "application_started", "began_transferring", "began_transferring",
        "instances_transferred", "instances_transferred", "application_stopped",
    ]  # fmt: skip
    first, second = named(tmp_path, "instances_transferred")
    assert {
        first["study_instance_uid"]: first["instances"],
        second["study_instance_uid"]: second["instances"],
    } == {
        one.study_uid: 4,
        other.study_uid: 1,
    }
    assert first["bytes"] == sum(len(each.data_set) for each in (one, *more))
    source, destination = first["participants"]
    assert (source["role"], source["user_id"], source["network_access_point"]) == (
        "source",
        "RAW_PEER",
        "127.0.0.1",
    )
    assert destination["role"] == "destination"
    assert (first["event_id"], first["action"], first["outcome"]) == ("110104", "C", 0)
    everything = "".join(path.read_text() for path in Layout(tmp_path).audit.iterdir())
    assert "Secret" not in everything
    assert "SECRET" not in everything
    assert intact(tmp_path) is True


def test_a_killed_receiver_leaves_who_was_sending_and_an_intact_chain(tmp_path):
    sent = instance()
    with ReceiverProcess(tmp_path) as receiver, RawPeer(receiver.port) as peer:
        peer.associate()
        assert peer.store(sent.sop_uid, sent.data_set) == 0
        (begun,) = eventually(lambda: named(tmp_path, "began_transferring"))
        receiver.process.kill()
        receiver.process.wait()
    assert begun["study_instance_uid"] == sent.study_uid
    assert intact(tmp_path) is True
    with ReceiverProcess(tmp_path) as receiver:
        receiver.end()
    assert [record["event"] for record in records(tmp_path)] == [
        "application_started", "began_transferring", "application_started", "application_stopped",
    ]  # fmt: skip
    assert intact(tmp_path) is True


def test_an_aborted_association_and_refused_instances_are_failures(tmp_path):
    with ReceiverProcess(tmp_path) as receiver:
        with RawPeer(receiver.port) as peer:
            peer.associate()
            sent, bad = instance(), instance(StudyInstanceUID=None)
            assert peer.store(sent.sop_uid, sent.data_set) == 0
            assert peer.store(bad.sop_uid, bad.data_set) == 0xA900
            peer.socket.close()
        receiver.end()
    transferred, refused = named(tmp_path, "instances_transferred")
    assert (transferred["instances"], transferred["outcome"], transferred["ending"]) == (
        1,
        4,
        "connection_lost",
    )
    assert (refused["refused"], refused["outcome"]) == (1, 4)
    assert refused["refused_by_status"] == {"A900": 1}


def test_refused_associations_are_alerts_and_repeats_are_gathered(tmp_path):
    (tmp_path / "noctis.toml").write_text("[receiver]\nrequire_called_ae_title = true\n")
    with ReceiverProcess(tmp_path) as receiver:
        for _ in range(5):
            with RawPeer(receiver.port) as peer:
                assert peer.associate(called="ELSEWHERE") == ASSOCIATE_RJ
        receiver.end()
    first, others = named(tmp_path, "security_alert")
    assert first["event_id"] == "110113"
    assert first["outcome"] == 4
    assert first["participants"][0]["user_id"] == "RAW_PEER"
    assert "times" not in first
    assert others["times"] == 4


def test_settings_that_were_read_again_are_recorded(tmp_path):
    import signal

    with ReceiverProcess(tmp_path) as receiver:
        receiver.process.send_signal(signal.SIGHUP)
        (alert,) = eventually(lambda: named(tmp_path, "security_alert"))
        receiver.end()
    assert alert["event_type"] == "110129"


def test_reading_by_others_goes_into_the_same_chain_while_the_receiver_runs(tmp_path):
    from archive.audit.access import record_access
    from archive.local_archive import LocalArchive

    sent = instance()
    with ReceiverProcess(tmp_path) as receiver:
        store(receiver.port, sent)
        with LocalArchive.open(tmp_path) as archive:
            record_access(archive, sent.study_uid)
        done = run_noctis(tmp_path, "audit", "--json", "--study", sent.study_uid)
        store(receiver.port, instance(sent.study_uid))
        receiver.end()
    assert "instances_accessed" in {record["event"] for record in json.loads(done.stdout)}
    assert intact(tmp_path) is True


def test_without_its_key_the_receiver_does_not_start_and_says_why(tmp_path):
    with ReceiverProcess(tmp_path) as receiver:
        receiver.end()
    (tmp_path / "audit" / "key").unlink()
    refused = run_noctis(tmp_path, "receive", "--port", 0)
    assert refused.returncode == 2
    assert "The audit's key" in refused.stderr


@pytest.fixture
def told():
    heard = []
    return AssociationAudit(lambda *messages: heard.extend(messages), "test"), heard


def event(name, peer="10.0.0.1:104", **values):
    return Event(name, {"peer": peer, "calling_ae_title": "A", "called_ae_title": "B"} | values)


def stored(study="1.2", **values):
    return event("instance_stored", study_instance_uid=study, bytes=10, **values)


def test_what_is_stored_after_its_association_has_ended_is_told_all_the_same(told):
    audit, heard = told
    audit.hear(event("association_accepted"))
    audit.hear(event("association_ended", ending="connection_lost"))
    audit.hear(stored())
    audit.hear(stored())
    assert [(message.event, message.details.get("instances")) for message in heard] == [
        ("began_transferring", None), ("instances_transferred", 1),
    ] * 2  # fmt: skip


def test_an_association_without_end_takes_no_memory_without_end(told):
    from archive.services.association_audit import MOST_STUDIES

    audit, heard = told
    audit.hear(event("association_accepted"))
    for number in range(2 * MOST_STUDIES + 1):
        audit.hear(stored(f"1.2.{number}"))
    assert len([message for message in heard if message.event == "instances_transferred"]) == 2 * MOST_STUDIES
    audit.hear(event("association_ended", ending="released"))
    assert (
        len([message for message in heard if message.event == "instances_transferred"])
        == 2 * MOST_STUDIES + 1
    )


@pytest.mark.parametrize(
    ("factor", "event_type", "outcome"),
    [("certificate", "110126", 8), ("tls", "110126", 8), ("address", "110132", 4), ("", "110132", 4)],
)
def test_who_is_not_authenticated_is_told_from_who_is_not_admitted(told, factor, event_type, outcome):
    audit, heard = told
    audit.hear(event("association_rejected", factor=factor, reason="why"))
    assert [(message.event_type, message.outcome) for message in heard] == [(event_type, outcome)]
    assert heard[0].participants[0].network_access_point == "10.0.0.1"


def test_who_comes_while_the_receiver_shuts_down_is_no_alert(told):
    audit, heard = told
    audit.hear(event("association_rejected", factor="stopping", reason="the receiver shuts down"))
    assert heard == []
