"""The receiver's screen as a person meets it: empty, busy, filtered, asked why, admitting, read-only."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, replace

import pytest
from interface_apps import NoReception, open_archive, running, screen_text, settled, worklist_app
from receiver_process import ReceiverProcess
from senders import run_program

from archive.facilities import facilities
from archive.local_archive import LocalArchive
from archive.network.association_log import LOG_NAME, AssociationLog
from archive.network.events import Event
from archive.network.receiver_record import RECORD_NAME
from archive.network.statistics import STATUS_NAME, Statistics, read_status
from noctis_tui.interface.app import NoctisApp
from noctis_tui.interface.receiver.child import Attached, Stopped
from noctis_tui.interface.receiver.screen import ReceiverScreen
from noctis_tui.interface.receiver.status_line import Vitals

NOTIFIED = []


@pytest.fixture(autouse=True)
def _look_often(monkeypatch):
    NOTIFIED.clear()
    monkeypatch.setattr(NoctisApp, "notify", lambda _, message, **_options: NOTIFIED.append(message))
    monkeypatch.setattr("noctis_tui.interface.receiver.screen._TICK_SECONDS", 0.1)


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path / "archive") as (archive, _):
        yield archive


def who(title, address="10.0.0.7", port=5):
    return {"peer": f"{address}:{port}", "calling_ae_title": title, "called_ae_title": "NOCTIS_SCP"}


def rejected(title, factor="calling_ae_title", reason="no facility has its calling AE title", **values):
    return Event("association_rejected", who(title) | {"factor": factor, "reason": reason} | values)


def stored(title, images=3, ending="released", refused=None):
    yield Event("association_accepted", who(title))
    for _ in range(images):
        yield Event("instance_stored", who(title) | {"bytes": 500_000, "outcome": "recorded"})
    if refused:
        yield Event("instance_refused", who(title) | {"status": refused, "reason": "The disk is full."})
    yield Event("association_ended", who(title) | {"ending": ending, "reason": "it fell silent"})


def log(archive, *events):
    lines = AssociationLog(archive.layout)
    lines.start()
    for event in events:
        lines.hear(event)
    lines.close()


def publish(archive, *events):
    """Leave what a running receiver would: its status, and its record."""
    statistics = Statistics("127.0.0.1", 11112, "NOCTIS_SCP", lambda: 2, lambda: 3)
    for event in events:
        statistics.hear(event)
    record = statistics.record()
    (archive.layout.run / STATUS_NAME).write_bytes(statistics._encode())
    (archive.layout.log / RECORD_NAME).write_text(json.dumps(asdict(record)))


async def opened(pilot):
    await pilot.press("l")
    await settled(pilot, lambda: isinstance(pilot.app.screen, ReceiverScreen))
    await settled(pilot, lambda: pilot.app.screen._activity is not None)


async def says(pilot, *sentences):
    try:
        await settled(pilot, lambda: all(sentence in screen_text(pilot.app) for sentence in sentences))
    except AssertionError:
        raise AssertionError(f"no {sentences} on\n{screen_text(pilot.app)}") from None


async def told(pilot, sentence):
    """Wait for a notification: a terminal that is not there shows none."""
    await settled(pilot, lambda: any(sentence in message for message in NOTIFIED))


async def test_an_archive_that_nobody_called_says_how_to_try(archive):
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await says(pilot, "Nobody has called yet.", "echoscu -aec NOCTIS_SCP 127.0.0.1 11112")
        await says(pilot, "0 images", "nobody and nothing")
        await pilot.press("q")
        assert not isinstance(pilot.app.screen, ReceiverScreen)


async def test_what_comes_is_counted_by_peer_and_listed_newest_first(archive):
    events = [*stored("CT01"), rejected("EVIL"), *stored("MR01", 5, "connection_lost")]
    log(archive, *events)
    publish(archive, *events)
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await says(pilot, "8 images, 4.0 MB", "2 open associations", "3 images to be written")
        await says(pilot, "1 calling AE title", "connection lost", "refused: no facility has")
        entries = [entry.calling_ae_title for entry in pilot.app.screen.associations._rows]
        assert entries == ["MR01", "EVIL", "CT01"]
        peers = [(peer.calling_ae_title, peer.instances) for peer in pilot.app.screen.peers._rows]
        assert peers == [("MR01", 5), ("CT01", 3), ("EVIL", 0)]


async def test_the_log_grows_while_one_looks_and_the_cursor_stays(archive):
    log(archive, rejected("A1"), rejected("A2"))
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await says(pilot, "A1", "A2")
        await pilot.press("j")
        assert pilot.app.screen.associations.row.calling_ae_title == "A1"
        log(archive, rejected("A3"))
        await says(pilot, "A3")
        assert pilot.app.screen.associations.row.calling_ae_title == "A1"
        await pilot.press("g")
        assert pilot.app.screen.associations.row.calling_ae_title == "A3"


async def test_filters_narrow_by_ending_period_text_and_peer(archive):
    log(
        archive,
        *stored("CT01"),
        rejected("EVIL"),
        *stored("MR01", 1, "aborted_by_us"),
        *stored("US01", refused="A700"),
    )

    def titles():
        return [entry.calling_ae_title for entry in pilot.app.screen.associations._rows]

    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        for keys, expected in (
            ("5", ["EVIL"]),
            ("6", ["MR01", "EVIL"]),
            ("0", ["US01", "MR01", "EVIL", "CT01"]),
            ("7", ["US01", "MR01", "EVIL"]),
            ("7", ["US01", "MR01", "EVIL", "CT01"]),
            ("1", ["US01", "MR01", "EVIL", "CT01"]),
            ("p", ["US01"]),
            ("p", ["US01", "MR01", "EVIL", "CT01"]),
        ):
            await pilot.press(*keys)
            await settled(pilot, lambda expected=expected: titles() == expected)
        await pilot.press("/", *"silent")
        await settled(pilot, lambda: len(titles()) == 3)
        await pilot.press("enter", "escape")
        await settled(pilot, lambda: len(titles()) == 4)


async def test_nothing_that_matches_is_said_and_left_by_escape(archive):
    log(archive, rejected("EVIL"))
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await pilot.press("4")
        await says(pilot, "No association matches.", "Esc shows all again.")
        await pilot.press("escape")
        await says(pilot, "EVIL")
        await pilot.press("j", "enter")
        await says(pilot, "EVIL at 10.0.0.7, calling NOCTIS_SCP")


async def test_the_peers_are_a_pane_of_their_own(archive):
    events = [*stored("CT01"), *stored("MR01", 5)]
    log(archive, *events)
    publish(archive, *events)
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await pilot.press("tab", "j", "enter")
        await says(pilot, "only CT01")
        rows = pilot.app.screen.associations
        await settled(pilot, lambda: [entry.calling_ae_title for entry in rows._rows] == ["CT01"])
        assert rows.has_focus


async def test_enter_says_why_a_peer_was_refused_and_what_it_wanted(archive):
    log(archive, rejected("CT99", contexts=("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.1")))
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await says(pilot, "CT99")
        await pilot.press("enter")
        await says(
            pilot, "CT99 at 10.0.0.7, calling NOCTIS_SCP", "CT99 at 10.0.0.7 was refused: no facility has"
        )
        await says(pilot, "CT Image Storage", "Verification", "admit it")
        await pilot.press("escape")
        await settled(pilot, lambda: isinstance(pilot.app.screen, ReceiverScreen))


async def test_one_key_admits_a_peer_after_showing_what_is_written(archive):
    log(archive, rejected("CT99"))
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await says(pilot, "CT99")
        await settled(pilot, lambda: pilot.app.screen.associations.row is not None)
        await pilot.press("a")
        await says(pilot, "This is added to", "It is the first facility")
        await says(pilot, 'calling_ae_titles = ["CT99"]', 'addresses = ["10.0.0.7"]')
        assert facilities(archive.root) == ()
        await pilot.press("escape")
        assert facilities(archive.root) == ()
        await pilot.press("enter")
        await says(pilot, "admit it")
        await pilot.press("a")
        await says(pilot, "This is added to")
        await pilot.press("y")
        await settled(pilot, lambda: facilities(archive.root))
        (facility,) = facilities(archive.root)
        assert (facility.name, facility.calling_ae_titles) == ("CT99", ("CT99",))
        assert facility.addresses == ("10.0.0.7",)
        await told(pilot, "CT99 is admitted as soon as a receiver starts")
        await settled(pilot, lambda: isinstance(pilot.app.screen, ReceiverScreen))
        await pilot.press("a")
        await told(pilot, "It is admitted by now, as one of CT99: let it try again.")


async def test_what_no_facility_mends_is_said(archive):
    log(archive, rejected("", factor="protocol", reason="the first byte of a PDU is 47H"), *stored("CT01"))
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await says(pilot, "no AE title")
        await pilot.press("a")
        await told(pilot, "this peer is admitted.")
        await pilot.press("j", "a")
        await told(pilot, "No facility helps here. Nothing admits what does not speak DICOM")
        assert facilities(archive.root) == ()


class Reception(NoReception):
    def __init__(self, **vitals):
        self.vitals = replace(Vitals(Attached("A test holds the archive."), None, None), **vitals)


async def test_a_read_only_archive_says_so_and_is_not_written_to(archive):
    log(archive, rejected("CT99"))
    async with running(worklist_app(archive, Reception(writable=False))) as pilot:
        await opened(pilot)
        await says(pilot, "This archive is read-only.", "CT99")
        await pilot.press("a")
        await told(pilot, "This archive is read-only.")
        assert isinstance(pilot.app.screen, ReceiverScreen)


async def test_a_full_disk_is_said_on_both_screens(archive):
    events = list(stored("CT01", refused="A700"))
    publish(archive, *events)
    reception = Reception(status=read_status(archive.layout))
    async with running(worklist_app(archive, reception)) as pilot:
        await says(pilot, "Images are refused (A700). The disk is full.", "worklist")
        await opened(pilot)
        await says(pilot, "Images are refused (A700). The disk is full.", "no room or failing disk (A700)")


async def test_nobody_receives_is_said_with_what_was_counted_before(archive):
    publish(archive, *stored("CT01"))
    (archive.layout.run / STATUS_NAME).unlink()
    stopped = Stopped("Port 11112 is taken.")
    async with running(worklist_app(archive, Reception(state=stopped))) as pilot:
        await opened(pilot)
        await says(pilot, "Not receiving: Port 11112 is taken.", "3 images, 1.5 MB", "CT01")


async def test_a_log_that_cannot_be_read_is_said(archive):
    (archive.layout.log / LOG_NAME).mkdir()
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await says(pilot, "The association log cannot be read: Is a directory")


async def test_hostile_titles_are_shown_not_obeyed(archive):
    title = "[/b]\x1b]0;x\x07\x9b"
    log(archive, rejected(title, reason=f"its calling AE title {title} is none"))
    publish(archive, rejected(title))
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await says(pilot, "[/b]␛]0;x␇")
        await pilot.press("enter")
        await says(pilot, "[/b]␛]0;x␇")
        text = screen_text(pilot.app)
        assert not {character for character in text if character < " " and character != "\n"}


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 36), (200, 60)])
async def test_every_line_fits_every_size(archive, size):
    events = [*stored("CT01"), *(rejected(f"PEER{number}") for number in range(40))]
    log(archive, *events)
    publish(archive, *events)
    async with running(worklist_app(archive), size) as pilot:
        await opened(pilot)
        await says(pilot, "PEER39")
        assert all(len(line) <= size[0] for line in screen_text(pilot.app).splitlines())
        await pilot.press("t")
        if size[0] > 40:
            await says(pilot, "images/s", "24 h")
        await pilot.press("enter")
        await says(pilot, "PEER39 at 10.0.0.7")


async def test_a_screen_opened_later_has_a_graph(archive):
    publish(archive, *stored("CT01", 200))
    async with running(worklist_app(archive)) as pilot:
        await opened(pilot)
        await settled(pilot, lambda: max(pilot.app.screen._images._bars.data) > 0)
        await says(pilot, "200 peak in 5 min")


async def test_the_key_admits_a_peer_to_a_running_receiver(tmp_path):
    root = tmp_path / "archive"
    root.mkdir()
    (root / "noctis.toml").write_text('# ours\n[[facility]]\nname = "CT"\ncalling_ae_titles = ["CT01"]\n')
    with ReceiverProcess(root) as service, LocalArchive.open(root) as archive:

        def echo():
            return run_program("echoscu", "-aet", "CT99", "127.0.0.1", service.port)[0]

        async with running(worklist_app(archive)) as pilot:
            assert await asyncio.to_thread(echo) != 0
            await opened(pilot)
            await says(pilot, "CT99", "refused")
            await pilot.press("a")
            await says(pilot, 'calling_ae_titles = ["CT99"]')
            await pilot.press("y")
            await told(pilot, "CT99 is admitted: the receiver has read the settings again.")
            assert await asyncio.to_thread(echo) == 0
        assert (root / "noctis.toml").read_text().startswith("# ours")
