"""The service's logs: lines of JSON that turn over, hold no patient data and stop nobody."""

from __future__ import annotations

import contextlib
import json
import logging
import stat
import subprocess
import sys
import time

from raw_peer import ASSOCIATE_AC, ASSOCIATE_RJ, RawPeer, associate_request, store_all
from receiver_process import ENVIRONMENT, ReceiverProcess
from senders import instance

from archive.commands.service_log import LOG_NAME, logged, places_of
from archive.network.statistics import STATUS_NAME
from archive.settings import LogSettings

LOGGER = logging.getLogger("archive.test")
MARKS = ("Distinct", "Xanthippe", "ZX-4711", "19330401", "Acc-9182", "Rare Finding", "Prof^Observer")


def written(folder):
    return [json.loads(line) for line in (folder / LOG_NAME).read_text(encoding="ascii").splitlines()]


def test_a_record_is_a_line_with_its_time_level_logger_and_message(tmp_path):
    with logged("error") as log:
        log.also_to(tmp_path, LogSettings())
        LOGGER.info("Accepted %s", "CT_1")
        LOGGER.debug("not at this level")
    (line,) = written(tmp_path)
    assert (line["level"], line["logger"], line["message"]) == ("info", "archive.test", "Accepted CT_1")
    assert line["at"].endswith("+00:00")
    assert set(line) == {"at", "level", "logger", "message"}
    assert stat.S_IMODE((tmp_path / LOG_NAME).stat().st_mode) == 0o600


def test_peers_write_no_lines_of_their_own_and_move_no_cursor(tmp_path, capsys):
    with logged("info") as log:
        log.also_to(tmp_path, LogSettings())
        LOGGER.info("From %s", 'A\nERROR forged\r\x1b[2J\x9b\u202e{"level":"error"}')
    (line,) = written(tmp_path)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    for text in (line["message"], said.rstrip("\n"), (tmp_path / LOG_NAME).read_text().rstrip("\n")):
        assert not any(hostile in text for hostile in "\n\r\x1b\x9b\u202e")


def test_what_an_exception_says_is_left_out_and_where_it_came_from_is_kept(tmp_path, capsys):
    with logged("info") as log:
        log.also_to(tmp_path, LogSettings())
        try:
            try:
                int("Doe^Jane")
            except ValueError as error:
                raise RuntimeError("of Doe^Jane") from error
        except RuntimeError:
            LOGGER.exception("It failed")
    (line,) = written(tmp_path)
    for text in (json.dumps(line), capsys.readouterr().err):
        assert "Doe" not in text
        assert "builtins.RuntimeError" in text
        assert "builtins.ValueError" in text
        assert "test_service_log.py" in text


def test_causes_that_go_in_a_circle_end():
    first, second = ValueError(), TypeError()
    first.__cause__, second.__cause__ = second, first
    assert places_of(first) == "builtins.ValueError\nbuiltins.TypeError"


def test_it_turns_over_by_size_and_keeps_so_many(tmp_path):
    with logged("error") as log:
        log.also_to(tmp_path, LogSettings(maximum_bytes=4_096, files=2))
        for number in range(200):
            LOGGER.info("line %d", number)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [LOG_NAME, f"{LOG_NAME}.1", f"{LOG_NAME}.2"]
    assert all(path.stat().st_size <= 4_096 for path in tmp_path.iterdir())
    assert written(tmp_path)[-1]["message"] == "line 199"
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())


def test_a_line_that_a_crash_cut_short_stays_alone(tmp_path):
    (tmp_path / LOG_NAME).write_text('{"cut": ')
    with logged("error") as log:
        log.also_to(tmp_path, LogSettings())
        LOGGER.info("whole")
    cut, whole = (tmp_path / LOG_NAME).read_text().splitlines()
    assert cut == '{"cut": '
    assert json.loads(whole)["message"] == "whole"


def test_a_disk_that_is_full_is_told_once_and_tried_again(tmp_path, capsys, monkeypatch):
    from archive.commands import service_log

    opened = service_log._open_for_lines
    tried = []

    def full(path, flags):
        tried.append(path)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(service_log, "_open_for_lines", full)
    with logged("error") as log:
        log.also_to(tmp_path, LogSettings())
        for number in range(50):
            LOGGER.info("line %d", number)
        until = time.monotonic() + 10
        while len(tried) < 50 and time.monotonic() < until:
            time.sleep(0.01)
        monkeypatch.setattr(service_log, "_open_for_lines", opened)
        LOGGER.info("again")
    assert [line["message"] for line in written(tmp_path)] == ["again"]
    (said,) = capsys.readouterr().err.splitlines()
    assert "noctis.jsonl cannot be written: No space left on device" in said


def test_a_symbolic_link_is_not_followed(tmp_path, capsys):
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / LOG_NAME).symlink_to(tmp_path / "elsewhere")
    with logged("error") as log:
        log.also_to(tmp_path, LogSettings())
        LOGGER.info("line")
    assert (tmp_path / "elsewhere").read_text() == "kept"
    assert "cannot be written" in capsys.readouterr().err


def test_it_ends_though_nobody_reads_stderr():
    script = (
        "import logging; from archive.commands.service_log import logged\n"
        "with logged('info'):\n"
        "    for number in range(20_000): logging.getLogger('archive.x').info('x' * 100)\n"
        "print('ended', flush=True)\n"
        "import os; os._exit(0)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    try:
        assert process.stdout.readline() == b"ended\n"
    finally:
        process.kill()
        process.communicate()


# In the service


class _Listening(RawPeer):
    """Keeps everything that it is answered: statuses and error comments."""

    def __init__(self, port):
        super().__init__(port)
        self.heard = []

    def read_pdu(self):
        self.heard.append(super().read_pdu())
        return self.heard[-1]


def test_no_patient_data_reaches_logs_events_comments_or_the_status(tmp_path):
    patient = {
        "PatientName": "Distinct^Xanthippe",
        "PatientID": "ZX-4711",
        "PatientBirthDate": "19330401",
        "AccessionNumber": "Acc-9182",
        "StudyDescription": "Rare Finding",
        "ReferringPhysicianName": "Prof^Observer",
    }
    good = instance(**patient)
    variant = instance(good.study_uid, good.series_uid, good.sop_uid, pixel_bytes=4_096, **patient)
    other = instance(good.study_uid, good.series_uid, good.sop_uid, **patient | {"PatientID": "ZX-4711-B"})
    bad = [instance(StudyInstanceUID=None, **patient), instance(SOPInstanceUID="1.2.3", **patient)]
    cut = good.data_set[: good.data_set.index(b"Distinct") + 10]
    with ReceiverProcess(tmp_path, "--jsonl", "--log-level", "debug") as receiver:
        with _Listening(receiver.port) as peer:
            assert peer.associate() == ASSOCIATE_AC
            statuses = [
                peer.store(each.sop_uid, each.data_set) for each in (good, good, variant, other, *bad)
            ]
            statuses.append(peer.store("1.2.3.4", cut))
            peer.release()
        time.sleep(0.7)  # the status is written twice a second
        status = (tmp_path / "run" / STATUS_NAME).read_text()
        code, events, said = receiver.end()
    assert code == 0
    assert statuses[0] == 0
    assert all(status for status in statuses[4:])
    logs = "".join(path.read_text() for path in (tmp_path / "log").rglob("*") if path.is_file())
    audit = "".join(path.read_text() for path in (tmp_path / "audit").iterdir())
    assert good.study_uid in audit
    assert "Refused an instance" in logs
    for mark in MARKS:
        for text in (status, json.dumps(events), said, logs, audit, repr(peer.heard)):
            assert mark not in text


def test_the_receiver_says_in_json_what_it_does(tmp_path):
    (tmp_path / "noctis.toml").write_text(
        '[receiver]\nrequire_called_ae_title = true\n[log]\nlevel = "info"\n'
    )
    with ReceiverProcess(tmp_path) as receiver:
        with RawPeer(receiver.port) as peer:
            peer.send(associate_request(called="NOT_US").replace(b"NOT_US", b"NOT\x1bUS"))
            assert peer.read_pdu()[0] == ASSOCIATE_RJ
        assert receiver.end()[0] == 0
    lines = written(tmp_path / "log")
    (refused,) = [line for line in lines if line["level"] == "warning"]
    assert refused["message"].startswith("Refused 127.0.0.1")
    assert "\x1b" not in refused["message"]
    assert lines[-1]["message"].startswith("The audit's head is ")


def test_an_error_of_our_own_ends_without_what_it_says(tmp_path):
    script = (
        "import sys; import archive.services.receiver as r\n"
        "def fail(*_): raise RuntimeError('of Doe^Jane')\n"
        "r.Receiver.start = fail\n"
        "from noctis_tui.cli import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "--archive", str(tmp_path), "receive", "--port", "0"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "Doe" not in ended.stderr
    assert "builtins.RuntimeError" in ended.stderr
    assert "Doe" not in (tmp_path / "log" / LOG_NAME).read_text()


def receives_all_the_same(receiver):
    sent = [instance() for _ in range(3)]
    with receiver:
        for _ in range(20):
            assert set(store_all(receiver.port, *sent)) == {0}
        code, _, said = receiver.end()
    assert code == 0
    assert len([line for line in said.splitlines() if "noctis.jsonl cannot be written" in line]) == 1


def test_a_log_that_cannot_be_written_does_not_stop_receiving(tmp_path):
    (tmp_path / "log" / LOG_NAME).mkdir(parents=True)
    receives_all_the_same(ReceiverProcess(tmp_path))


def test_a_full_disk_below_the_log_does_not_stop_receiving(tiny_disk, tmp_path):
    disk = tiny_disk("size=32k", "log")
    with contextlib.suppress(OSError), (disk.path / "ballast").open("wb", buffering=0) as ballast:
        while ballast.write(b"x" * 4_096):
            pass
    receives_all_the_same(ReceiverProcess(tmp_path, within=disk.within))


def test_a_full_disk_below_the_audit_does_not_stop_receiving(tiny_disk, tmp_path):
    disk = tiny_disk("size=32k", "audit")
    with contextlib.suppress(OSError), (disk.path / "ballast").open("wb", buffering=0) as ballast:
        while ballast.write(b"x" * 4_096):
            pass
    with ReceiverProcess(tmp_path, within=disk.within) as receiver:
        assert store_all(receiver.port, instance()) == [0]
        time.sleep(1.2)
        (disk.path / "ballast").unlink()
        assert store_all(receiver.port, instance()) == [0]
        code, _, said = receiver.end()
    assert code == 0
    assert len([line for line in said.splitlines() if "audit cannot be written" in line]) == 1
    events = [json.loads(line)["event"] for line in (disk.path / "audit-0000000001.jsonl").open()]
    assert events.count("instances_transferred") == 2
