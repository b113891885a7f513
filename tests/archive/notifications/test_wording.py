from __future__ import annotations

import pytest

from archive.local_archive import LocalArchive
from archive.notification import FIELDS, Notification
from archive.notifications.outbox import Waiting
from archive.notifications.wording import LINES, body, headline


@pytest.fixture
def index():
    with LocalArchive.temporary() as archive:
        yield archive.index


def notification(template="", event="study_quiet"):
    return Notification(name="x", url_env="X", events=(event,), template=template)


def waiting(count, event="study_quiet", **words):
    known = dict.fromkeys(FIELDS[event] - {"event", "at", "ae_title"}, "?")
    return [
        Waiting(number, "x", event, 0.0, known | {"instances": str(number)} | words)
        for number in range(count)
    ]


def test_every_event_has_a_line_of_its_own_that_leaves_no_word_open(index):
    for event in FIELDS:
        text = body(notification(event=event), waiting(1, event), 0, index, "ARCHIVE")
        assert text
        assert "$" not in text


def test_a_message_tells_so_many_and_counts_the_rest(index):
    lines = body(notification("$instances"), waiting(LINES + 5), 1_000, index, "ARCHIVE").splitlines()
    assert lines == [*map(str, range(LINES)), "and 1,005 more"]
    assert headline("study_quiet", 1) == "A study has arrived"
    assert headline("association_refused", 1_234) == "1,234 associations were refused"


def test_what_a_peer_wrote_is_made_visible_and_is_no_template(index):
    hostile = waiting(1, calling_ae_titles="\x1b[2J\r\n$instances")
    text = body(notification("$ae_title: $calling_ae_titles"), hostile, 0, index, "ARCHIVE")
    assert text == "ARCHIVE: ␛[2J␍␊$instances"
