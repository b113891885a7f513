"""Peers that end or stop inside of something, against the real service: nothing of theirs stays."""

from __future__ import annotations

import json
import signal
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from raw_peer import ABORT, ASSOCIATE_AC, RawPeer, store_request
from receiver_process import ENVIRONMENT, ReceiverProcess, run_noctis
from senders import CT, instance, program

from archive.dicom.part10 import write_file_meta

OWN_ABORT = struct.pack(">BxI", ABORT, 4) + bytes(4)
WITHIN_SECONDS = 20


def settings(archive, **receiver):
    lines = [f"{name} = {value}" for name, value in receiver.items()]
    (archive / "noctis.toml").write_text("\n".join(["[receiver]", *lines]))


def waited_for(condition):
    """Return how many seconds it took until the condition held."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + WITHIN_SECONDS
        time.sleep(0.01)
    return time.monotonic() - begun


def parts(archive):
    return list(Path(archive, "incoming").glob("*.part"))


def is_accepted(port):
    """Tell whether there is room for an association, and leave it free again."""
    with RawPeer(port) as peer:
        accepted = peer.associate() == ASSOCIATE_AC
        if accepted:
            peer.release()
        return accepted


def abort(peer):
    peer.send(OWN_ABORT)
    peer.socket.close()


def reset(peer):
    peer.reset()


def finish(peer):
    peer.socket.close()


def offsets_in(message):
    """Return where to end a message: at and around the edges of its first PDUs, and far inside."""
    edges = [0]
    while edges[-1] < len(message) and len(edges) < 4:
        edges.append(edges[-1] + 6 + struct.unpack_from(">BxI", message, edges[-1])[1])
    near = {edge + step for edge in edges for step in (0, 1, 5, 6, 7, 11, 12, 13)}
    return sorted(offset for offset in near | {len(message) // 2, len(message) - 1} if offset < len(message))


@pytest.mark.parametrize("end", [abort, reset, finish])
def test_a_peer_that_ends_inside_of_anything_leaves_its_place_and_what_was_acknowledged(tmp_path, end):
    settings(tmp_path, maximum_associations=1)
    lost = instance(pixel_bytes=4 * 2**20)
    message = store_request(lost.sop_uid, lost.data_set)
    kept, seconds = [], []
    with ReceiverProcess(tmp_path) as receiver:
        for offset in offsets_in(message):
            new = instance("1.2.3", "1.2.3.4", pixel_bytes=640)
            with RawPeer(receiver.port) as peer:
                assert peer.associate() == ASSOCIATE_AC
                assert peer.store(new.sop_uid, new.data_set) == 0
                peer.send(message[:offset])
                if offset > 2**20:
                    waited_for(lambda: parts(tmp_path))
                end(peer)
            kept.append(new.sop_uid)
            seconds.append(waited_for(lambda: is_accepted(receiver.port)))
        waited_for(lambda: not parts(tmp_path))
        assert receiver.end()[0] == 0
    assert statistics.median(seconds) < 1  # the limit of the fault table
    listed = json.loads(run_noctis(tmp_path, "instances", "1.2.3.4", "--json").stdout)
    assert sorted(each["sop_instance_uid"] for each in listed) == sorted(kept)
    assert not list(Path(tmp_path, "incoming").iterdir())


def test_an_abort_inside_of_a_pdu_is_data_until_the_pdu_has_come(tmp_path):
    """PS3.8 knows no way out of a PDU: what looks like an A-ABORT there belongs to the value."""
    with ReceiverProcess(tmp_path) as receiver, RawPeer(receiver.port) as peer:
        new = instance(ImageComments=(OWN_ABORT * 4).decode("latin-1"))
        assert peer.associate() == ASSOCIATE_AC
        assert peer.store(new.sop_uid, new.data_set) == 0
        assert peer.echo() == 0


@pytest.mark.peer
def test_a_sender_that_is_stopped_inside_of_a_pdu_is_given_up(tmp_path):
    settings(tmp_path, maximum_associations=1, pdu_seconds=0.5, association_idle_seconds=3)
    big = tmp_path / "big.dcm"
    new = instance(pixel_bytes=60 * 2**20)
    big.write_bytes(write_file_meta(CT, new.sop_uid, "1.2.840.10008.1.2") + new.data_set)
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        command = [program("storescu"), "--max-send-pdu", "131072", "127.0.0.1", str(receiver.port), str(big)]
        sender = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            waited_for(lambda: any(part.stat().st_size for part in parts(tmp_path)))
            sender.send_signal(signal.SIGSTOP)
            waited_for(lambda: is_accepted(receiver.port))
            waited_for(lambda: not parts(tmp_path))
            sender.send_signal(signal.SIGCONT)
            assert sender.wait(WITHIN_SECONDS) != 0
        finally:
            sender.kill()
            sender.wait()
        ended = given_up(receiver)
    assert ended["reason"] == "it fell silent"
    assert not list(Path(tmp_path, "incoming").iterdir())


IDLE_SENDER = """
import sys
sys.path.insert(0, sys.argv[2])
from raw_peer import RawPeer
peer = RawPeer(int(sys.argv[1]), seconds=60)
print(peer.associate(), peer.echo(), flush=True)
print(peer.read_pdu()[0], flush=True)
"""


def test_a_sender_that_is_stopped_between_requests_is_given_up(tmp_path):
    settings(tmp_path, maximum_associations=1, pdu_seconds=600, association_idle_seconds=0.5)
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        command = [sys.executable, "-c", IDLE_SENDER, str(receiver.port), str(Path(__file__).parent.parent)]
        sender = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        try:
            assert sender.stdout.readline().split() == [str(ASSOCIATE_AC), "0"]
            sender.send_signal(signal.SIGSTOP)
            waited_for(lambda: is_accepted(receiver.port))
            sender.send_signal(signal.SIGCONT)
            assert sender.stdout.readline().split() == [str(ABORT)]
        finally:
            sender.kill()
            sender.communicate()
        assert given_up(receiver)["reason"] == "it fell silent"


def given_up(receiver):
    """End the receiver; return the event of the one association that it has aborted."""
    ended = [event for event in receiver.end()[1] if event["event"] == "association_ended"]
    (aborted,) = [event for event in ended if event["ending"] == "aborted_by_us"]
    return aborted
