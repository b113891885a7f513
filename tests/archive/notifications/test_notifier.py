"""Notifications of a real receiver: told once, kept while nobody takes them, never in its way."""

from __future__ import annotations

import contextlib
import signal
import time

import pytest
from arrivals import sent, spooled
from outside import Webhook, free_port, mail_server
from raw_peer import ASSOCIATE_AC, ASSOCIATE_RJ, RawPeer
from receiver_process import ReceiverProcess, run_noctis
from senders import instance

from archive.index.quiet import mark_quiet, pending_studies
from archive.ingest import accept
from archive.local_archive import LocalArchive
from archive.network.events import Event
from archive.notifications import notifier as notifier_module
from archive.notifications import sender
from archive.notifications.notifier import Notifier
from archive.notifications.outbox import OUTBOX_NAME, Outbox

SECRET = "s3cr3t-t0k3n"


def configure(root, url, events=("study_quiet",), hosts=("127.0.0.1",), more="", receiver=""):
    root.mkdir(exist_ok=True)
    listed = ", ".join(f'"{event}"' for event in events)
    allowed = ", ".join(f'"{host}"' for host in hosts)
    where = url if "=" in url.split("://")[0] else f'url = "{url}"'
    (root / "noctis.toml").write_text(
        f"[worklist]\nquiet_seconds = 0.5\n[receiver]\n{receiver}\n"
        f'[notification_targets]\nschemas = ["json", "mailto"]\nhosts = [{allowed}]\n'
        f'[[notification]]\nname = "ward"\n{where}\nevents = [{listed}]\nseconds_between = 1\n{more}\n'
    )


def store(port, *instances):
    with RawPeer(port) as peer:
        assert peer.associate() == ASSOCIATE_AC
        statuses = [peer.store(each.sop_uid, each.data_set) for each in instances]
        peer.release()
    assert statuses == [0] * len(instances)


def told(webhook):
    titles = [message["title"].removeprefix("NOCTIS_SCP: ").split()[0] for message in webhook.posted]
    return sum(int(word) if word.isdigit() else 1 for word in titles)


def until_told(webhook, count):
    deadline = time.monotonic() + 40
    while told(webhook) < count:
        assert time.monotonic() < deadline, webhook.posted
        time.sleep(0.05)


def test_studies_that_go_quiet_together_are_one_message_without_patient_data(tmp_path):
    studies = [instance(PatientName="Secret^Name", PatientID="SECRET") for _ in range(25)]
    with Webhook() as webhook:
        configure(tmp_path, webhook.url(f"/{SECRET}"))
        with ReceiverProcess(tmp_path, "--log-level", "debug") as receiver:
            store(receiver.port, *studies)
            until_told(webhook, 25)
            code, _, errors = receiver.end()
        with ReceiverProcess(tmp_path) as receiver:
            time.sleep(4.5)
            receiver.end()
    assert code == 0
    assert told(webhook) == 25
    assert len(webhook.posted) <= 2  # on a slow machine they do not go quiet within one gathering
    first = webhook.posted[0]["message"]
    assert first.startswith("CT, 1 series, 1 images, ")
    assert "from RAW_PEER (Study Instance UID 1.2." in first
    assert "ecret" not in str(webhook.posted)
    assert SECRET not in errors
    for log in (tmp_path / "log").iterdir():
        assert SECRET not in log.read_text(errors="replace")


@pytest.fixture
def brisk(monkeypatch):
    monkeypatch.setattr(notifier_module, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(sender, "GATHER_SECONDS", 0.3)
    monkeypatch.setattr(sender, "FIRST_RETRY_SECONDS", 0.5)


@contextlib.contextmanager
def notifying(root):
    """Run a notifier over an archive that the test itself writes to."""
    with (
        LocalArchive.open(root) as archive,
        archive.hold("test") as lease,
        Notifier(archive, "ARCHIVE") as notifier,
    ):
        yield archive, lease, notifier


def go_quiet(archive, lease, number, **attributes):
    arrival = spooled(
        archive, sent(study=f"1.{number}", series=f"1.{number}.1", sop=f"1.{number}.1.1", **attributes)
    )
    assert not isinstance(accept(archive, lease, [arrival])[0], Exception)
    pending = pending_studies(archive.index, 0)
    assert mark_quiet(archive.index, pending.studies, pending.bound) == 1


def eventually(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_mail_names_the_patient_where_the_site_says_so(tmp_path, brisk):
    more = 'patient_data = true\ntemplate = "$patient_name ($patient_id): $study_description"'
    with mail_server() as (port, letters):
        configure(
            tmp_path, f"mailto://127.0.0.1:{port}/?from=a@example.org&to=b@example.org&format=text", more=more
        )
        with notifying(tmp_path) as (archive, lease, _):
            go_quiet(archive, lease, 1, PatientName="Doe^Jane", PatientID="P\x1b7", StudyDescription="Chest")
            eventually(lambda: letters)
    assert "Doe, Jane (P␛7): Chest" in letters[0].get_payload(decode=True).decode()


def test_what_nobody_takes_is_tried_again_kept_over_a_restart_and_told_once(tmp_path, brisk, caplog):
    port = free_port()
    configure(tmp_path, f"json://127.0.0.1:{port}/{SECRET}")
    with notifying(tmp_path) as (archive, lease, _):
        go_quiet(archive, lease, 1)
        eventually(lambda: caplog.text.count("Could not send to ward: it cannot be reached") >= 2)
    assert SECRET not in caplog.text
    with Webhook(port=port) as webhook, notifying(tmp_path) as (archive, lease, _):
        (message,) = webhook.until_posted(1)
        assert message["message"].endswith("(Study Instance UID 1.1)")
        go_quiet(archive, lease, 2)
        webhook.until_posted(2)
        assert webhook.posted[1]["title"] == "ARCHIVE: A study has arrived"


def test_a_reload_takes_up_another_target_and_refuses_one_outside_the_list(tmp_path, brisk, caplog):
    with Webhook() as first, Webhook() as second:
        (tmp_path / "secret").write_text(f"{first.url()}\n")
        configure(tmp_path, 'url_file = "secret"')
        with notifying(tmp_path) as (archive, lease, notifier):
            (tmp_path / "secret").write_text(f"json://192.0.2.1/{SECRET}")
            notifier.hear(Event("settings_reloaded", {}))
            eventually(lambda: "The notifications stay as they are" in caplog.text)
            go_quiet(archive, lease, 1)
            first.until_posted(1)
            (tmp_path / "secret").write_text(second.url())
            notifier.hear(Event("settings_reloaded", {}))
            eventually(lambda: not notifier._reload_wanted and second.url() in notifier._plan.urls.values())
            go_quiet(archive, lease, 2)
            second.until_posted(1)
    assert len(first.posted) == 1
    assert "Notification ward: its host 192.0.2.1 is not in notification_targets.hosts" in caplog.text
    assert SECRET not in caplog.text


def test_an_index_that_was_rebuilt_counts_anew(tmp_path, brisk):
    with Webhook() as webhook:
        configure(tmp_path, webhook.url())
        Outbox(tmp_path / OUTBOX_NAME).add((), (), 1_000)
        with notifying(tmp_path) as (archive, lease, _):
            go_quiet(archive, lease, 1)
            webhook.until_posted(1)


def test_a_server_that_hangs_is_not_in_the_way_of_receiving(tmp_path):
    with Webhook("hang") as webhook:
        configure(tmp_path, webhook.url())
        with ReceiverProcess(tmp_path, "--jsonl") as receiver:
            store(receiver.port, instance())
            eventually(lambda: webhook.requests)
            for _ in range(5):
                store(receiver.port, *[instance() for _ in range(5)])
            code, events, errors = receiver.end()
    assert code == 0
    assert sum(event["event"] == "instance_stored" for event in events) == 26
    assert "Traceback" not in errors


def test_refused_associations_are_told_together(tmp_path):
    with Webhook() as webhook:
        configure(
            tmp_path, webhook.url(), ("association_refused",), receiver="require_called_ae_title = true"
        )
        with ReceiverProcess(tmp_path) as receiver:
            for _ in range(30):
                with RawPeer(receiver.port) as peer:
                    assert peer.associate(called="OTHER") == ASSOCIATE_RJ
            until_told(webhook, 30)
            receiver.end()
    assert len(webhook.posted) <= 2
    assert told(webhook) == 30
    assert "RAW_PEER at 127.0.0.1" in webhook.posted[0]["message"]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            f"json://user:{SECRET}@192.0.2.1/{SECRET}",
            "its host 192.0.2.1 is not in notification_targets.hosts",
        ),
        (f"xml://user:{SECRET}@127.0.0.1/{SECRET}", "its schema xml is not in notification_targets.schemas"),
        ("url_env = 'NOT_SET_ANYWHERE'", "the variable of url_env is not set"),
        ("url_file = 'nowhere'", "its url_file cannot be read"),
    ],
)
def test_a_start_with_a_target_outside_the_list_is_refused_in_a_sentence(tmp_path, url, sentence):
    configure(tmp_path, url)
    refused = run_noctis(tmp_path, "receive", "--port", 0)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"Notification ward: {sentence}" in refused.stderr
    assert SECRET not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_reload_brings_the_first_notification(tmp_path):
    with Webhook() as webhook:
        tmp_path.joinpath("noctis.toml").write_text("[worklist]\nquiet_seconds = 0.5\n")
        with ReceiverProcess(tmp_path) as receiver:
            configure(tmp_path, webhook.url())
            receiver.process.send_signal(signal.SIGHUP)
            time.sleep(3)
            store(receiver.port, instance())
            webhook.until_posted(1)
            assert receiver.end()[0] == 0


def test_a_dying_receivers_word_is_sent_before_it_ends(tmp_path, brisk):
    with Webhook() as webhook:
        configure(tmp_path, webhook.url(), ("receiver_unhealthy", "disk_nearly_full"))
        with LocalArchive.open(tmp_path) as archive, Notifier(archive, "ARCHIVE") as notifier:
            notifier.hear(
                Event("disk_nearly_full", {"free_bytes": 3_000_000_000, "reserve_bytes": 2 * 10**9})
            )
            webhook.until_posted(1)
            notifier.hear(Event("instance_stored", {}))
            notifier.hear(Event("receiver_unhealthy", {"reason": "The archive's disk is failing."}))
        full, dying = webhook.posted
    assert (full["title"], dying["title"]) == (
        "ARCHIVE: The disk is nearly full",
        "ARCHIVE: The receiver has stopped",
    )
    assert full["message"].startswith("3.0 GB are free; below 2.0 GB nothing more is received.")
    assert dying["message"].startswith("The archive's disk is failing. Nothing is received until")


def test_hearing_costs_the_event_loop_next_to_nothing(tmp_path):
    with LocalArchive.open(tmp_path) as archive, Notifier(archive, "ARCHIVE") as notifier:
        notifier.hear(Event("association_rejected", {}))
        assert not notifier._heard
        assert notifier._thread is None


def test_the_command_tries_what_is_configured_and_says_what_happened(tmp_path):
    with Webhook() as webhook:
        configure(tmp_path, webhook.url(f"/{SECRET}"))
        tried = run_noctis(tmp_path, "notify", "test")
        assert (tried.returncode, tried.stdout) == (0, "ward: sent by 127.0.0.1\n")
        assert webhook.posted[0]["title"] == "NOCTIS_SCP: a test"
        webhook.behavior = 401
        tried = run_noctis(tmp_path, "notify", "test", "ward", "--json")
        assert tried.returncode == 1
        assert '"reason": "it answered with HTTP status 401"' in tried.stdout
        assert SECRET not in tried.stdout + tried.stderr
        other = run_noctis(tmp_path, "notify", "test", "other")
        assert other.returncode == 2
        assert "There is no notification other; there are: ward." in other.stderr
        listed = run_noctis(tmp_path, "notify", "list", "--json")
        assert listed.stdout == '[{"name": "ward", "events": ["study_quiet"], "patient_data": false}]\n'


def test_the_command_without_any_says_how(tmp_path):
    tried = run_noctis(tmp_path, "notify", "test")
    assert tried.returncode == 2
    assert "docs/notifications.md" in tried.stderr
