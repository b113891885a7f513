"""SIGKILL and SIGTERM under load from four associations; `benchmarks/kills.py` does the same at length."""

from __future__ import annotations

import random
import time

import kills
import load
from receiver_process import ReceiverProcess


def test_nothing_acknowledged_is_lost_by_kills_under_load(tmp_path):
    report = kills.kill(tmp_path / "archive", 6, seed=random.randrange(2**32))
    assert report.acknowledged > 6
    assert report.clean, report


def test_ending_under_load_drains_and_leaves_nothing_to_adopt(tmp_path):
    archive, senders = tmp_path / "archive", load.Senders()
    archive.mkdir()
    (archive / "noctis.toml").write_text(f"{kills.NO_RESERVE}[receiver]\ndrain_seconds = 0.3\n")
    for round_number in range(4):
        with ReceiverProcess(archive) as receiver:
            before = len(senders.acknowledged)
            senders.start(receiver.port)
            while len(senders.acknowledged) < before + 5 + round_number:
                assert senders.busy
                time.sleep(0.005)
            code, _, log = receiver.end()
            senders.join()
        assert code == 0, log
        assert "Traceback" not in log
        assert not list((archive / "incoming").iterdir()), "the next start would have something to adopt"
    assert senders.cut_off == 4 * 4  # they would never have stopped
    assert set(senders.statuses) == {"0000"}
    kept, *wrong = kills.compared(archive, senders.acknowledged)
    assert wrong == [0, 0, 0, 0]
    assert kept >= len(senders.acknowledged)


def test_associations_that_end_in_time_are_not_cut_off(tmp_path):
    archive, senders = tmp_path / "archive", load.Senders()
    with ReceiverProcess(archive) as receiver:
        senders.start(receiver.port, each=12)
        while not senders.acknowledged:
            time.sleep(0.005)
        code, _, log = receiver.end()  # within the ten seconds of the default
        senders.join()
    assert code == 0, log
    assert senders.cut_off == 0
    assert senders.acknowledged == set(range(48))
