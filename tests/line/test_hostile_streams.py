"""What no DICOM peer sends, to the real service: aborted, logged in one sentence each, and nothing else."""

from __future__ import annotations

from hostile_streams import HOSTILE, HOSTILE_LATER
from raw_peer import ABORT, ASSOCIATE_AC, RawPeer
from receiver_process import ReceiverProcess


def test_the_service_aborts_logs_a_sentence_and_serves_on(tmp_path):
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        for name, stream in HOSTILE.items():
            with RawPeer(receiver.port) as peer:
                peer.send(stream)
                assert peer.read_pdu()[0] == ABORT, name
        for name, stream in HOSTILE_LATER.items():
            with RawPeer(receiver.port) as peer:
                assert peer.associate() == ASSOCIATE_AC
                peer.send(stream)
                assert peer.read_pdu()[0] == ABORT, name
        with RawPeer(receiver.port) as peer:
            assert peer.associate() == ASSOCIATE_AC
            assert peer.echo() == 0
        code, events, logged = receiver.end()
    assert code == 0
    assert "Traceback" not in logged
    assert "Error" not in logged
    ended = [event for event in events if event.get("ending") == "aborted_by_us"]
    refused = [event for event in events if event["event"] in {"association_refused", "association_rejected"}]
    assert len(ended) == len(HOSTILE_LATER)
    assert len(refused) == len(HOSTILE)
    assert all(event["reason"].isprintable() for event in ended + refused)
