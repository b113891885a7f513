"""fsync that fails under the real receiver: A700, never tried again, and the service ends as unhealthy."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from kept_instances import adopted, assert_whole
from raw_peer import ASSOCIATE_AC, RawPeer, store_all
from receiver_process import ReceiverProcess, run_noctis
from senders import instance

UNHEALTHY = 74


class Sync:
    """The switch of the library: which syncs fail from now on, and which did."""

    def __init__(self, folder, library):
        self.file = folder / "faulty"
        self.environment = {"LD_PRELOAD": str(library), "FAULTY_SYNC": str(self.file)}

    def fail(self, where):
        self.file.write_text(where)

    def failures(self):
        log = self.file.with_name("faulty.log")
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def sync(tmp_path, faulty_calls):
    return Sync(tmp_path, faulty_calls)


@contextmanager
def receiver_with_one(root, sync, first):
    with ReceiverProcess(root, environment=sync.environment) as receiver:
        assert store_all(receiver.port, first) == [0]
        yield receiver


@pytest.mark.parametrize("where", ["/incoming", ".sealed"])
def test_a_sync_that_fails_is_refused_once_and_ends_the_service(tmp_path, sync, where):
    root, first, second = tmp_path / "archive", instance(), instance()
    with receiver_with_one(root, sync, first) as receiver, RawPeer(receiver.port) as peer:
        assert peer.associate() == ASSOCIATE_AC
        sync.fail(where)
        assert peer.store(second.sop_uid, second.data_set) == 0xA700
        code, _, log = receiver.ended()
    assert code == UNHEALTHY
    assert "failing" in log
    assert "Traceback" not in log
    assert sync.failures()
    assert len(set(sync.failures())) == len(sync.failures()), "a sync that failed was tried again"
    sync.file.unlink()
    with adopted(root) as archive:
        assert_whole(archive, {each.sop_uid: each.data_set for each in (first, second)}, [first.sop_uid])


@pytest.mark.parametrize("where", ["/instances", "index.sqlite"])
def test_what_cannot_be_synced_at_a_lull_ends_the_service_by_itself(tmp_path, sync, where):
    root, first, second = tmp_path / "archive", instance("1.2.3", "1.2.3.4"), instance("1.2.3", "1.2.3.4")
    with receiver_with_one(root, sync, first) as receiver:
        sync.fail(where)
        assert store_all(receiver.port, second) == [0]  # its journal entry is durable
        code, _, _ = receiver.ended()  # nobody sends, nobody asks
    assert code == UNHEALTHY
    assert len(set(sync.failures())) == len(sync.failures()) > 0
    sync.file.unlink()
    with adopted(root) as archive:
        both = {each.sop_uid: each.data_set for each in (first, second)}
        assert_whole(archive, both, both)


def test_a_disk_that_fails_at_the_start_is_the_same_sentence_and_code(tmp_path, sync):
    root = tmp_path / "archive"
    with receiver_with_one(root, sync, instance("1.2.3", "1.2.3.4")) as receiver:
        sync.fail("/instances")
        assert store_all(receiver.port, instance("1.2.3", "1.2.3.4")) == [0]
        receiver.ended()
    with pytest.raises(RuntimeError, match="disk is failing"):
        ReceiverProcess(root, environment=sync.environment)
    sync.file.unlink()
    assert run_noctis(root, "studies").returncode == 0
