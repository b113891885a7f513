"""The delivering process against real servers: what it sends, what it refuses, and when it is given up."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from outside import Webhook, free_port, mail_server

from archive.notification import NotificationTargets
from archive.notifications.courier import Parcel, deliver

HERE = NotificationTargets(schemas=("json", "mailto"), hosts=("127.0.0.1",))
SECRET = "s3cr3t-t0k3n"


def send(*urls, targets=HERE, seconds=20):
    return deliver([Parcel(url, "NOCTIS: a title", "a body") for url in urls], targets, seconds)


def test_a_webhook_gets_title_and_text():
    with Webhook() as webhook:
        (receipt,) = send(webhook.url())
    assert (receipt.sent, receipt.reason, receipt.hosts) == (True, "", ("127.0.0.1",))
    assert (webhook.posted[0]["title"], webhook.posted[0]["message"]) == ("NOCTIS: a title", "a body")


def test_a_mail_server_gets_a_letter():
    with mail_server() as (port, letters):
        (receipt,) = send(
            f"mailto://127.0.0.1:{port}/?from=noctis@example.org&to=ward@example.org&format=text"
        )
    assert receipt.sent, receipt
    (letter,) = letters
    assert letter["Subject"] == "NOCTIS: a title"
    assert "ward@example.org" in letter["To"]
    assert "a body" in str(letter.get_payload(decode=True) or letter)


@pytest.mark.parametrize(
    ("behavior", "reason"),
    [
        (500, "it answered with HTTP status 500"),
        (403, "it answered with HTTP status 403"),
        ("http://127.0.0.1/elsewhere", "it answered with a redirect (307), which is not followed"),
    ],
)
def test_what_a_server_answered_is_told(behavior, reason):
    with Webhook(behavior) as webhook:
        (receipt,) = send(webhook.url(f"/{SECRET}"))
    assert (receipt.sent, receipt.reason) == (False, reason)
    assert webhook.requests == 1


@pytest.mark.parametrize("query", ["", "?redirect=yes"])
def test_a_redirect_is_never_followed_whatever_the_url_asks_for(query):
    with Webhook() as elsewhere, Webhook(f"http://127.0.0.1:{elsewhere.port}/") as webhook:
        (receipt,) = send(webhook.url(query=query))
    assert not receipt.sent
    assert elsewhere.requests == 0


@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        (NotificationTargets(), "its schema json is not in notification_targets.schemas"),
        (NotificationTargets(schemas=("json",)), "its host 127.0.0.1 is not in notification_targets.hosts"),
        (
            NotificationTargets(schemas=("json",), hosts=("example.org",)),
            "its host 127.0.0.1 is not in notification_targets.hosts",
        ),
        (
            NotificationTargets(schemas=("slack",), hosts=("127.0.0.1",)),
            "its schema json is not in notification_targets.schemas",
        ),
    ],
)
def test_nothing_is_sent_to_what_the_site_has_not_listed(targets, reason):
    with Webhook() as webhook:
        (receipt,) = send(webhook.url(), targets=targets)
    assert (receipt.refused, receipt.sent, receipt.reason) == (True, False, reason)
    assert webhook.requests == 0


def test_a_chat_service_is_known_by_its_own_hosts():
    url = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#x"
    (parcel,) = [Parcel(url)]
    (outside,) = deliver([parcel], NotificationTargets(schemas=("slack",), hosts=("example.org",)))
    assert outside.refused
    assert "hosts" in outside.reason
    (listed,) = deliver([parcel], NotificationTargets(schemas=("slack",), hosts=("hooks.slack.com",)))
    assert not listed.refused
    assert "hooks.slack.com" in listed.hosts


def test_what_is_no_url_is_refused_without_being_quoted():
    for url in ("", SECRET, f"nosuch://{SECRET}@host", f"json://:{SECRET}@/"):
        (receipt,) = send(url)
        assert receipt.refused, url
        assert SECRET not in receipt.reason


def test_a_server_that_hangs_holds_up_nobody_else_and_is_given_up():
    with Webhook("drip") as slow, Webhook("hang") as silent, Webhook() as good:
        receipts = send(slow.url(), silent.url(), good.url(), seconds=9)
        assert [receipt.sent for receipt in receipts] == [False, False, True]
        assert [receipt.reason for receipt in receipts[:2]] == ["it did not answer in time"] * 2
        assert len(good.posted) == 1


def test_nobody_at_the_door_is_told_in_words():
    (receipt,) = send(f"json://user:{SECRET}@127.0.0.1:{free_port()}/{SECRET}?x={SECRET}")
    assert (receipt.sent, receipt.reason) == (False, "it cannot be reached")


def test_a_way_round_that_is_not_listed_is_closed_in_the_delivering_process_too(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.2:9/")
    monkeypatch.delenv("no_proxy", raising=False)
    with Webhook() as webhook:
        (receipt,) = send(webhook.url())
    assert not receipt.sent
    assert receipt.reason == "a connection to 127.0.0.2 is not allowed by notification_targets.hosts"


GATE = """
    import socket, subprocess, sys
    from archive.notifications.delivery import NotAllowedError, _Gate
    {before}
    _Gate(["127.0.0.1", "localhost"]).close()
    try:
        {attempt}
    except NotAllowedError as error:
        print("refused", error)
    else:
        print("through")
"""


@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        ("socket.getaddrinfo('example.org', 80)", "refused"),
        ("socket.create_connection(('192.0.2.1', 80), 1)", "refused"),
        ("socket.socket().connect(('192.0.2.1', 80))", "refused"),
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))", "refused"),
        ("socket.socket(socket.AF_UNIX).connect('/nowhere')", "refused"),
        ("subprocess.run(['true'])", "refused"),
        ("socket.create_connection(('localhost', int(sys.argv[1])), 5)", "through"),
        ("socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)", "through"),
    ],
)
def test_the_gate_holds_wherever_a_connection_is_made(attempt, outcome):
    program = textwrap.dedent(GATE).format(attempt=attempt, before="")
    with Webhook() as webhook:
        done = subprocess.run(
            [sys.executable, "-c", program, str(webhook.port)], capture_output=True, text=True, check=False
        )
    assert done.stdout.split(" ")[0].strip() == outcome, done.stdout + done.stderr


def test_the_receivers_side_never_loads_the_library():
    program = "import sys, archive.notifications.notifier; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"apprise", "requests"} & set(done.stdout.split())
