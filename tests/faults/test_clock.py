"""A wall clock that jumps by a day, there and back, under the real receiver."""

from __future__ import annotations

import time

from raw_peer import ASSOCIATE_AC, RELEASE_RP, RawPeer
from receiver_process import ReceiverProcess
from senders import instance

from archive.index import changes, worklist
from archive.local_archive import LocalArchive

DAY = 86_400


def test_no_association_ends_and_what_comes_later_is_later(tmp_path, faulty_calls):
    root, clock = tmp_path / "archive", tmp_path / "clock"
    root.mkdir()
    (root / "noctis.toml").write_text("[receiver]\nassociation_idle_seconds = 30\npdu_seconds = 30\n")
    environment = {"LD_PRELOAD": str(faulty_calls), "FAULTY_CLOCK": str(clock)}
    jumps = [0, DAY, -DAY, 0]
    sent = [instance(f"1.2.{number}") for number in range(len(jumps))]
    with (
        ReceiverProcess(root, environment=environment) as receiver,
        RawPeer(receiver.port) as peer,
        RawPeer(receiver.port) as idle,
        LocalArchive.open(root) as archive,
    ):
        assert peer.associate() == idle.associate() == ASSOCIATE_AC
        before = changes.current_sequence(archive.index)
        for jump, each in zip(jumps, sent, strict=True):
            clock.write_text(str(jump))
            time.sleep(0.6)  # the listener looks for associations whose time is over twice a second
            assert peer.store(each.sop_uid, each.data_set) == 0
            change = changes.changed_since(archive.index, before)
            (study,) = worklist.studies(archive.index, ids=change.study_ids)
            assert (study.study_instance_uid, change.sequence) == (each.study_uid, before + 1)
            before = change.sequence
        received = {row.study_instance_uid: row.received_at for row in worklist.studies(archive.index)}
        assert received["1.2.1"] - received["1.2.2"] > DAY, "the clock did jump"
        assert idle.release() == peer.release() == RELEASE_RP
        assert receiver.end() == (0, [], "")
