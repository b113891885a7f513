"""Many that are connected and say nothing cost the service next to nothing, and nobody else anything."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from raw_peer import ASSOCIATE_AC, RawPeer, associate_request
from receiver_process import ReceiverProcess

IDLE, SILENT = 200, 300
MEGABYTES = 10


def resident_mb(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1_024


def threads(process):
    return len(list(Path(f"/proc/{process.pid}/task").iterdir()))


def echo_seconds(port):
    """Return how long a peer that comes now waits for its association and its echo."""
    begun = time.perf_counter()
    with RawPeer(port) as peer:
        assert peer.associate() == ASSOCIATE_AC
        assert peer.echo() == 0
        return time.perf_counter() - begun


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
def test_an_echo_is_answered_beside_200_idle_associations_and_300_silent_sockets(tmp_path):
    with ReceiverProcess(tmp_path) as receiver, ExitStack() as open_until_the_end:

        def connect():
            return open_until_the_end.enter_context(RawPeer(receiver.port))

        for _ in range(10):  # what is loaded and pooled once is nobody's
            echo_seconds(receiver.port)
        before, threads_before = resident_mb(receiver.process), threads(receiver.process)
        request = associate_request()
        idle = [connect() for _ in range(IDLE)]
        for peer in idle:
            peer.send(request)
        assert {peer.read_pdu()[0] for peer in idle} == {ASSOCIATE_AC}
        for _ in range(SILENT):
            connect()
        beside = [echo_seconds(receiver.port) for _ in range(21)]
        grown = resident_mb(receiver.process) - before
        assert [peer.echo() for peer in idle] == [0] * IDLE
        assert statistics.median(beside) < 0.2  # the limits of the fault table
        assert grown < MEGABYTES
        assert threads(receiver.process) <= threads_before + 2
        print(f"{statistics.median(beside) * 1_000:.1f} ms, {grown:.1f} MB")
