"""Studies that go quiet are told once: a toast for all of them together, and the terminal's notification."""

from __future__ import annotations

import dataclasses
import sys
import time

import pytest
from interface_apps import arrive, open_archive, running, screen_text, settled, worklist_app
from pseudo_terminals import PseudoTerminal
from raw_peer import ASSOCIATE_AC, RawPeer
from receiver_process import ReceiverProcess
from senders import instance

from archive.index.changes import wake_followers
from archive.index.quiet import mark_quiet, pending_studies
from archive.index.worklist import StudyRow
from archive.network.statistics import read_status
from archive.storage.layout import Layout
from noctis_tui.interface import arrivals
from noctis_tui.interface.arrivals import sentence
from noctis_tui.preferences import NotificationPreferences, Preferences

ROW = StudyRow(
    *(1, "", "1.2", "ID7", "Doe^Jane", "", "", "", "", ("CT", "SR"), "Chest routine", "", ""),
    *(3, 1240, 1, 0.0, 0.0, "quiet", None, 0),
)


@pytest.fixture(autouse=True)
def _brisk(monkeypatch):
    monkeypatch.setattr(arrivals, "GATHER_SECONDS", 0.5)


@pytest.fixture
def archive_and_lease(tmp_path):
    with open_archive(tmp_path / "archive") as held:
        yield held


def go_quiet(archive) -> int:
    pending = pending_studies(archive.index, 0)
    marked = mark_quiet(archive.index, pending.studies, pending.bound)
    wake_followers(archive.layout.run)
    return marked


def toasts(app) -> list[str]:
    return [str(notification.message) for notification in app._notifications]


async def test_a_study_that_went_quiet_is_told_with_its_patient(archive_and_lease):
    archive, lease = archive_and_lease
    async with running(worklist_app(archive), toasts=True) as pilot:
        arrive(archive, lease, 7, instances=2)
        assert go_quiet(archive) == 1
        await settled(pilot, lambda: toasts(pilot.app))
        assert toasts(pilot.app) == ["Patient, 00007 has arrived: CT Chest routine, 1 series, 2 images"]
        await settled(pilot, lambda: "Patient, 00007 has arrived" in screen_text(pilot.app))


async def test_many_that_go_quiet_together_are_one_toast_and_later_ones_wait_their_turn(archive_and_lease):
    archive, lease = archive_and_lease
    async with running(worklist_app(archive), toasts=True) as pilot:
        arrive(archive, lease, *range(30))
        go_quiet(archive)
        arrive(archive, lease, *range(30, 40), Modality="MR")
        go_quiet(archive)
        await settled(pilot, lambda: toasts(pilot.app))
        assert toasts(pilot.app) == ["40 studies have arrived: 30 CT, 10 MR, 40 images"]
        arrive(archive, lease, 50)
        go_quiet(archive)
        await pilot.pause(2)
        assert len(toasts(pilot.app)) == 1
        await settled(pilot, lambda: any("00050" in toast for toast in toasts(pilot.app)))


async def test_what_had_come_before_the_interface_was_opened_is_no_news(archive_and_lease):
    archive, lease = archive_and_lease
    arrive(archive, lease, 1, 2)
    async with running(worklist_app(archive), toasts=True) as pilot:
        assert go_quiet(archive) == 2
        await settled(pilot, lambda: pilot.app.screen._feed._sequence == 4)
        arrive(archive, lease, 3)
        go_quiet(archive)
        await settled(pilot, lambda: toasts(pilot.app))
        assert toasts(pilot.app) == ["Patient, 00003 has arrived: CT Chest routine, 1 series, 1 image"]


async def test_it_is_told_over_another_screen_too(archive_and_lease):
    archive, lease = archive_and_lease
    async with running(worklist_app(archive), toasts=True) as pilot:
        arrive(archive, lease, 1)
        await settled(pilot, lambda: pilot.app.screen.table.studies.total == 1)
        await pilot.press("question_mark")
        go_quiet(archive)
        await settled(pilot, lambda: "has arrived" in screen_text(pilot.app))


async def test_toasts_can_be_turned_off(archive_and_lease):
    archive, lease = archive_and_lease
    wished = Preferences(notifications=NotificationPreferences(toasts=False))
    async with running(worklist_app(archive, preferences=wished)) as pilot:
        arrive(archive, lease, 1)
        go_quiet(archive)
        await settled(
            pilot, lambda: not pilot.app.screen._arrivals._waiting and pilot.app.screen._feed._sequence == 2
        )
        await pilot.pause(1)
        assert toasts(pilot.app) == []


def test_a_sentence_names_nobody_unless_it_may():
    assert sentence([ROW], patient_data=False) == "A study has arrived: CT/SR, 3 series, 1 240 images"
    named = "Doe, Jane has arrived: CT/SR Chest routine, 3 series, 1 240 images"
    assert sentence([ROW], patient_data=True) == named
    long = dataclasses.replace(ROW, patient_name="x" * 900, study_description="y" * 900)
    assert len(sentence([long], patient_data=True)) < 200
    both = [ROW, dataclasses.replace(ROW, patient_name="Roe^Jim")]
    assert sentence(both, patient_data=True) == "2 studies have arrived: 2 CT/SR, 2 480 images"


def test_rare_modalities_are_counted_together():
    rows = [dataclasses.replace(ROW, modalities=(name,)) for name in ("CT", "CT", "MR", "US", "XA", "PT", "")]
    assert sentence(rows, patient_data=False).startswith(
        "7 studies have arrived: 2 CT, 1 MR, 1 US, 1 XA, 2 others"
    )


HOSTILE = "\x1b]0;PWNED\x07\x1b\\\x9c;4;1"


def store(port, *instances) -> None:
    with RawPeer(port) as peer:
        assert peer.associate(calling="EVIL;AE") == ASSOCIATE_AC
        assert [peer.store(each.sop_uid, each.data_set) for each in instances] == [0] * len(instances)
        peer.release()


def notified(tmp_path, preferences: str, *instances, attached: bool = False) -> PseudoTerminal:
    """Run the interface in a pseudo-terminal until studies that arrive have gone quiet."""
    root, config = tmp_path / "archive", tmp_path / "config.toml"
    root.mkdir()
    (root / "noctis.toml").write_text("[receiver]\nport = 0\n[worklist]\nquiet_seconds = 0.5\n")
    config.write_text(f"[notifications]\n{preferences}\n")
    service = ReceiverProcess(root) if attached else None
    try:
        command = [sys.executable, "-m", "noctis_tui", "--archive", str(root), "--config", str(config)]
        with PseudoTerminal(command, environment={"NOCTIS_GRAPHICS": "blocks", "TMUX": ""}) as terminal:
            terminal.wait_for("Receiving at")
            deadline = time.monotonic() + 20
            while (status := read_status(Layout(root))) is None:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            store(status.port, *instances)
            terminal.wait_for("arrived")
            terminal.type("\x11", 0)
            terminal.process.wait(20)
    finally:
        if service is not None:
            service.__exit__()
    assert terminal.process.returncode == 0, terminal.text[-2000:]
    return terminal


def operating_system_commands(terminal) -> list[str]:
    strings = [control for kind, control in terminal.controls() if kind == "string"]
    return [string for string in strings if not string.startswith("\x1b]22;")]  # the mouse pointer


@pytest.mark.parametrize("attached", [False, True], ids=["embedded", "attached"])
def test_a_hostile_study_cannot_break_out_of_the_terminals_notification(tmp_path, attached):
    sent = instance(PatientName=HOSTILE, StudyDescription=HOSTILE, SpecificCharacterSet="ISO_IR 100")
    terminal = notified(tmp_path, 'terminal = "osc9"\npatient_data = true', sent, attached=attached)
    (told,) = operating_system_commands(terminal)
    assert told.startswith("\x1b]9;Noctis: ")
    assert "has arrived: CT " in told
    assert "␛]0;PWNED␇␛\\" in told
    assert told.endswith("1 series, 1 image\x1b\\")
    assert not [control for kind, control in terminal.controls() if kind == "c1"]


def test_the_terminals_notification_names_nobody_by_default_and_is_off_by_default(tmp_path):
    sent = instance(PatientName="Secret^Name", StudyDescription="Secret study")
    terminal = notified(tmp_path, 'terminal = "osc777"', sent)
    told = operating_system_commands(terminal)
    assert told == ["\x1b]777;notify;Noctis;A study has arrived: CT, 1 series, 1 image\x1b\\"]
    (tmp_path / "again").mkdir()
    assert operating_system_commands(notified(tmp_path / "again", "", sent)) == []
