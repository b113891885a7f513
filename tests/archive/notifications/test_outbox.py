from __future__ import annotations

import os
import sqlite3
import time

import pytest

from archive.notifications import outbox as module
from archive.notifications.outbox import OLDEST_SECONDS, Item, Outbox

WISHES = {("mail", "study_quiet"), ("chat", "study_quiet"), ("chat", "receiver_unhealthy")}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "notifications.sqlite"


def items(count, event="study_quiet", at=None):
    return [Item(event, at or time.time(), {"number": str(number)}) for number in range(count)]


def numbers(outbox, target):
    return [each.words["number"] for each in outbox.waiting(target)]


def test_each_gets_what_it_wishes_for(path):
    outbox = Outbox(path)
    outbox.add([*items(2), *items(1, "receiver_unhealthy")], WISHES, 5)
    assert numbers(outbox, "mail") == ["0", "1"]
    assert [each.event for each in outbox.waiting("chat")] == ["study_quiet"] * 2 + ["receiver_unhealthy"]
    assert outbox.quiet_sequence == 5


def test_what_waits_survives_the_process_and_is_for_this_user_only(path):
    outbox = Outbox(path)
    assert outbox.quiet_sequence is None
    outbox.add(items(3), WISHES, 7)
    again = Outbox(path)  # the first was never closed
    assert (numbers(again, "mail"), again.quiet_sequence) == (["0", "1", "2"], 7)
    assert os.stat(path).st_mode & 0o777 == 0o600  # noqa: PTH116 - its mode


def test_what_is_sent_is_gone(path):
    outbox = Outbox(path)
    outbox.add(items(3), WISHES, None)
    outbox.remove(outbox.waiting("mail")[:2])
    assert numbers(outbox, "mail") == ["2"]
    assert numbers(outbox, "chat") == ["0", "1", "2"]


def test_it_is_bounded_and_counts_what_it_leaves_out(path, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 10)
    outbox = Outbox(path)
    for _ in range(3):
        outbox.add(items(9), {("mail", "study_quiet")}, None)
    assert len(outbox.waiting("mail")) == 10
    assert outbox.left_out("mail", "study_quiet") == 17
    assert numbers(outbox, "mail")[-1] == "8"
    outbox.remove(outbox.waiting("mail"))
    assert outbox.left_out("mail", "study_quiet") == 0


def test_what_is_old_or_for_nobody_is_forgotten(path):
    outbox = Outbox(path)
    outbox.add(items(1, at=time.time() - OLDEST_SECONDS - 1), WISHES, None)
    outbox.add(items(2), WISHES, None)
    outbox.tidy(["mail"])
    assert (len(outbox.waiting("mail")), outbox.waiting("chat")) == (2, [])


def test_a_disk_that_takes_nothing_makes_it_one_in_memory(path, monkeypatch, caplog):
    outbox = Outbox(path)
    outbox.add(items(1), WISHES, 3)
    outbox._database.execute("PRAGMA query_only = 1")
    outbox.add(items(2), WISHES, 4)
    assert (numbers(outbox, "mail"), outbox.quiet_sequence) == (["0", "1"], 4)
    assert "in memory only" in caplog.text


def test_a_damaged_file_is_no_reason_to_be_silent(path):
    path.write_bytes(b"no database" * 1000)
    outbox = Outbox(path)
    outbox.add(items(2), WISHES, 4)
    assert len(outbox.waiting("mail")) == 2


def test_a_file_that_is_a_link_is_not_followed(path, tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"")
    path.symlink_to(tmp_path / "elsewhere")
    Outbox(path).add(items(1), WISHES, None)
    assert (tmp_path / "elsewhere").read_bytes() == b""
    with pytest.raises(sqlite3.Error):
        sqlite3.connect(tmp_path / "elsewhere").execute("SELECT * FROM waiting")
