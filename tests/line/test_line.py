"""The straight line in real processes: sender, service, another process's feed, the row; and kill -9."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from raw_peer import ASSOCIATE_AC, RawPeer
from receiver_process import ENVIRONMENT, ReceiverProcess, run_noctis
from senders import data_set_bytes, instance, program, run_program

FOLLOWER = """
import asyncio, sys
from pathlib import Path
from archive.index.changes import follow
from archive.index.worklist import studies
from archive.local_archive import LocalArchive

async def main():
    with LocalArchive.open(Path(sys.argv[1])) as archive:
        print("following", flush=True)
        async for changes in follow(archive, since=0):
            for row in studies(archive.index, ids=changes.study_ids):
                print(row.study_instance_uid, row.instance_count, row.state, flush=True)

asyncio.run(main())
"""


@pytest.mark.peer
@pytest.mark.shared
def test_a_study_sent_by_storescu_becomes_a_row_in_another_process(tmp_path, shared_data):
    folder = shared_data / "volumes" / "mr_head_sag_prone_HFP"
    program("storescu")
    with ReceiverProcess(tmp_path) as receiver:
        follower = subprocess.Popen(
            [sys.executable, "-c", FOLLOWER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        try:
            assert follower.stdout.readline() == "following\n"
            code, output = run_program("storescu", "+sd", "+r", "127.0.0.1", receiver.port, folder)
            assert code == 0, output
            for line in follower.stdout:
                study_uid, count, state = line.split()
                if int(count) == 10:
                    break
        finally:
            follower.kill()
            follower.communicate()
        assert state == "receiving"
        listed = json.loads(run_noctis(tmp_path, "studies", "--json").stdout)
        assert [(row["study_instance_uid"], row["instances"]) for row in listed] == [(study_uid, 10)]


@dataclass
class Sender(threading.Thread):
    """Sends until the receiver is gone; remembers what was acknowledged."""

    port: int
    number: int
    sent: dict = field(default_factory=dict)
    acknowledged: list = field(default_factory=list)

    def __post_init__(self):
        super().__init__(daemon=True)

    def __hash__(self):
        return self.number

    def run(self):
        with suppress(OSError, AssertionError), RawPeer(self.port) as peer:
            assert peer.associate() == ASSOCIATE_AC
            while True:
                new = instance(f"1.2.{self.number}", f"1.2.{self.number}.1", pixel_bytes=64 * 1_024)
                self.sent[new.sop_uid] = new.data_set
                if peer.store(new.sop_uid, new.data_set) == 0:
                    self.acknowledged.append(new.sop_uid)


def instances_on_disk(archive):
    """Return path by SOP Instance UID of everything that the index lists, by the command line alone."""
    found = {}
    for study in json.loads(run_noctis(archive, "studies", "--json").stdout):
        listed = run_noctis(archive, "series", study["study_instance_uid"], "--json")
        for series in json.loads(listed.stdout):
            listed = run_noctis(archive, "instances", series["series_instance_uid"], "--json")
            found |= {each["sop_instance_uid"]: each["path"] for each in json.loads(listed.stdout)}
    return found


def test_killing_the_service_under_load_loses_nothing_acknowledged(tmp_path):
    sent, acknowledged = {}, []
    for round_number in range(3):
        with ReceiverProcess(tmp_path) as receiver:
            senders = [Sender(receiver.port, number) for number in range(4)]
            for sender in senders:
                sender.start()
            wanted = 10 + 7 * round_number
            while sum(len(sender.acknowledged) for sender in senders) < wanted:
                assert any(sender.is_alive() for sender in senders)
            os.kill(receiver.process.pid, signal.SIGKILL)
            for sender in senders:
                sender.join(20)
        sent |= {uid: data for sender in senders for uid, data in sender.sent.items()}
        acknowledged += [uid for sender in senders for uid in sender.acknowledged]
    with ReceiverProcess(tmp_path) as receiver:
        assert receiver.end()[0] == 0
    found = instances_on_disk(tmp_path)
    assert len(acknowledged) >= 51
    assert set(acknowledged) <= set(found)
    assert set(found) <= set(sent)
    for sop_uid, path in found.items():
        assert data_set_bytes(path) == sent[sop_uid]
    assert not [name for name in os.listdir(tmp_path / "incoming") if name.endswith(".part")]  # noqa: PTH208


def test_what_was_acknowledged_survives_a_resend_after_the_kill(tmp_path):
    kept = instance(pixel_bytes=6_400)
    with ReceiverProcess(tmp_path) as receiver, RawPeer(receiver.port) as peer:
        peer.associate()
        assert peer.store(kept.sop_uid, kept.data_set) == 0
        receiver.process.kill()
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        with RawPeer(receiver.port) as peer:
            peer.associate()
            assert peer.store(kept.sop_uid, kept.data_set) == 0
            peer.release()
        events = receiver.end()[1]
    assert [event["outcome"] for event in events if event["event"] == "instance_stored"] == ["duplicate"]
    assert list(instances_on_disk(tmp_path)) == [kept.sop_uid]
    assert shutil.disk_usage(tmp_path)
