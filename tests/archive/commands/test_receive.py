"""`noctis receive` as a service: READY, signals, the lease, events, and what it does not load."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from raw_peer import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, RawPeer, store_request
from receiver_process import ENVIRONMENT, ReceiverProcess, noctis, run_noctis
from senders import instance

from archive.local_archive import LocalArchive
from archive.network.statistics import read_status
from archive.storage.layout import Layout


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


def test_ready_comes_first_and_term_ends_with_success(tmp_path):
    with ReceiverProcess(tmp_path, "--ae", "ARCHIVE") as receiver:
        assert receiver.ready == f"READY 127.0.0.1:{receiver.port} ARCHIVE\n"
        assert store(receiver.port, instance()) == [0]
        assert receiver.end() == (0, [], "")
    assert os.listdir(tmp_path / "run") == ["lease"]  # noqa: PTH208


def test_an_interrupt_ends_with_130(tmp_path):
    with ReceiverProcess(tmp_path) as receiver:
        assert receiver.end(signal.SIGINT)[0] == 130


def test_it_ends_when_stdin_closes(tmp_path):
    with ReceiverProcess(tmp_path, "--until-stdin-closes", stdin=subprocess.PIPE) as receiver:
        assert store(receiver.port, instance()) == [0]
        receiver.process.stdin.close()
        receiver.process.stdin = None
        assert receiver.ended()[0] == 0


def test_a_second_receiver_is_told_who_holds_the_archive(tmp_path):
    with ReceiverProcess(tmp_path) as receiver:
        second = run_noctis(tmp_path, "receive", "--port", 0)
        assert second.returncode == 75
        assert second.stdout == ""
        assert str(receiver.process.pid) in second.stderr
        assert "receive" in second.stderr
        assert "Traceback" not in second.stderr
        assert store(receiver.port, instance()) == [0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--host", "0.0.0.0"), "allow_anyone"),
        (("--ae", "A" * 17), "AE title|ae_title"),
        (("--ae", "A\\B"), "AE title"),
        (("--host", "203.0.113.7"), "allow_anyone"),
        (("--host", "no such host"), "not an address"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(tmp_path, options, sentence):
    refused = run_noctis(tmp_path, "receive", "--port", 0, *options)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert any(word in refused.stderr for word in sentence.split("|"))


def test_a_port_that_is_taken_is_refused_and_the_archive_is_free_again(tmp_path):
    with ReceiverProcess(tmp_path / "one") as receiver:
        refused = run_noctis(tmp_path / "two", "receive", "--port", receiver.port)
        assert refused.returncode == 2
        assert "cannot be listened on" in refused.stderr
    with LocalArchive.open(tmp_path / "two") as archive, archive.hold("test"):
        pass


def test_everyone_is_let_in_where_the_site_says_so(tmp_path):
    (tmp_path / "noctis.toml").write_text('[receiver]\nallow_anyone = true\nhost = "0.0.0.0"\n')
    with ReceiverProcess(tmp_path) as receiver:
        assert receiver.ready.startswith("READY 0.0.0.0:")
        assert store(receiver.port, instance()) == [0]


def test_events_are_lines_of_json_without_patient_data(tmp_path):
    sent = instance(PatientName="Secret^Name")
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        store(receiver.port, sent, instance(StudyInstanceUID=None))
        code, events, _ = receiver.end()
    assert code == 0
    assert [event["event"] for event in events] == [
        "association_accepted", "instance_stored", "instance_refused", "association_ended",
    ]  # fmt: skip
    assert events[1]["study_instance_uid"] == sent.study_uid
    assert all(event["at"] for event in events)
    assert "Secret" not in json.dumps(events)


def test_refusals_are_logged_in_words_and_libraries_are_silent(tmp_path):
    with ReceiverProcess(tmp_path) as receiver:
        with RawPeer(receiver.port) as peer:
            peer.send(b"GET / HTTP/1.1\r\n\r\n")
            assert peer.read_pdu()[0] == ABORT
        store(receiver.port, instance(StudyInstanceUID=None))
        code, _, log = receiver.end()
    assert code == 0
    assert len(log.splitlines()) == 2
    assert "no DICOM peer sends" in log.splitlines()[0]
    assert "A900" in log.splitlines()[1]


def test_the_status_file_tells_how_it_goes_and_goes_with_the_receiver(tmp_path):
    layout = Layout(tmp_path)
    with ReceiverProcess(tmp_path) as receiver:
        store(receiver.port, instance())
        status = eventually(lambda: (s := read_status(layout)) and s.instances == 1 and s)
        assert (status.pid, status.host, status.port) == (receiver.process.pid, "127.0.0.1", receiver.port)
        assert (status.associations, status.refused, status.ae_title) == (0, 0, "NOCTIS_SCP")
        assert "RAW_PEER" in status.last_peer
        receiver.process.kill()
        receiver.process.wait()
        assert read_status(layout) is None
    with ReceiverProcess(tmp_path) as receiver:
        eventually(lambda: read_status(layout))
        receiver.end()
        assert read_status(layout) is None


def test_hup_reads_the_limits_again_and_a_mistake_changes_nothing(tmp_path):
    with ReceiverProcess(tmp_path) as receiver:
        (tmp_path / "noctis.toml").write_text("[receiver]\nmaximum_associations = 1\n")
        receiver.process.send_signal(signal.SIGHUP)

        def second_is_rejected():
            with RawPeer(receiver.port) as first, RawPeer(receiver.port) as second:
                return first.associate() == ASSOCIATE_AC and second.associate() == ASSOCIATE_RJ

        eventually(second_is_rejected)
        (tmp_path / "noctis.toml").write_text("[receiver]\nmaximum_asociations = 5\n")
        receiver.process.send_signal(signal.SIGHUP)
        while "did you mean maximum_associations" not in (line := receiver.process.stderr.readline()):
            assert line
        eventually(second_is_rejected)
        assert receiver.end()[0] == 0


def test_term_lets_a_transfer_end_and_takes_no_new_association(tmp_path):
    sent = instance(pixel_bytes=500_000)
    with ReceiverProcess(tmp_path) as receiver, RawPeer(receiver.port) as peer:
        peer.associate()
        request = store_request(sent.sop_uid, sent.data_set)
        peer.send(request[:200_000])
        receiver.process.send_signal(signal.SIGTERM)

        def refused():
            with contextlib.suppress(ConnectionError), RawPeer(receiver.port) as late:
                return late.associate() != ASSOCIATE_AC
            return True

        eventually(refused)
        peer.send(request[200_000:])
        assert peer.status() == (1, 0)
        peer.release()
        assert receiver.ended()[0] == 0


def test_term_aborts_what_does_not_end(tmp_path):
    (tmp_path / "noctis.toml").write_text("[receiver]\ndrain_seconds = 0.3\n")
    with ReceiverProcess(tmp_path) as receiver, RawPeer(receiver.port) as peer:
        peer.associate()
        receiver.process.send_signal(signal.SIGTERM)
        assert peer.read_pdu()[0] == ABORT
        assert receiver.ended()[0] == 0


def test_a_second_term_does_not_wait(tmp_path):
    (tmp_path / "noctis.toml").write_text("[receiver]\ndrain_seconds = 60\n")
    with ReceiverProcess(tmp_path) as receiver, RawPeer(receiver.port) as peer:
        peer.associate()
        receiver.process.send_signal(signal.SIGTERM)
        eventually(lambda: _refuses(receiver.port))
        receiver.process.send_signal(signal.SIGTERM)
        assert peer.read_pdu()[0] == ABORT
        assert receiver.ended()[0] == 0


def _refuses(port):
    try:
        RawPeer(port).socket.close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # it waited in the backlog
        return False
    return False


def test_a_reader_of_events_that_stalls_does_not_stall_receiving(tmp_path):
    with ReceiverProcess(tmp_path, "--jsonl") as receiver:
        for _ in range(4):  # far more than a pipe holds
            assert set(store(receiver.port, *(instance("1.2.3", "1.2.3.4") for _ in range(100)))) == {0}
        code, events, _ = receiver.end()
    assert code == 0
    assert len([event for event in events if event["event"] == "instance_stored"]) == 400


def test_receiving_loads_neither_textual_nor_scipy(tmp_path):
    script = (
        "import sys, atexit\n"
        "atexit.register(lambda: print([m for m in ('textual', 'scipy', 'noctis_tui.interface') "
        "if m in sys.modules], file=sys.stderr))\n"
        "from noctis_tui.cli import main\n"
        "main()\n"
    )
    arguments = noctis(tmp_path, "receive", "--port", 0)[3:]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    port = int(process.stdout.readline().split()[1].rpartition(":")[2])
    assert store(port, instance()) == [0]
    process.terminate()
    assert process.communicate(timeout=30)[1] == "[]\n"


async def test_a_hundred_idle_associations_and_an_echo(tmp_path):
    with ReceiverProcess(tmp_path) as receiver:
        idle = await asyncio.to_thread(lambda: [RawPeer(receiver.port) for _ in range(100)])
        for peer in idle:
            assert peer.associate() == ASSOCIATE_AC
        with RawPeer(receiver.port) as peer:
            assert peer.associate() == ASSOCIATE_AC
            assert peer.echo() == 0
        for peer in idle:
            peer.socket.close()
