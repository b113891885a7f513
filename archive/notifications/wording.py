"""What a message says: one line an event, from a template; what peers wrote is made visible."""

from __future__ import annotations

from datetime import datetime
from string import Template
from typing import TYPE_CHECKING

from archive.dicom.text import person_name, visible
from archive.index.models import Patient, Study

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from archive.index.database import Index
    from archive.notification import Notification
    from archive.notifications.outbox import Waiting

LINES = 20
"""Events of which a message tells each; of more it tells the number."""
_LONGEST = 200
_HEADLINES = {
    "study_quiet": ("A study has arrived", "{} studies have arrived"),
    "receiver_unhealthy": ("The receiver has stopped", "The receiver has stopped {} times"),
    "disk_nearly_full": ("The disk is nearly full", "The disk was nearly full {} times"),
    "association_refused": ("An association was refused", "{} associations were refused"),
}
_TEMPLATES = {
    "study_quiet": "$modalities, $series series, $instances images, $size from $calling_ae_titles"
    " (Study Instance UID $study_instance_uid)",
    "receiver_unhealthy": "$reason Nothing is received until it is started again.",
    "disk_nearly_full": "$free are free; below $reserve nothing more is received.",
    "association_refused": "$at: $calling_ae_title at $peer, calling $called_ae_title: $reason",
}


def headline(event: str, count: int) -> str:
    """Return a message's title, without who sends it."""
    one, many = _HEADLINES[event]
    return one if count == 1 else many.format(f"{count:,}")


def body(
    notification: Notification, events: Sequence[Waiting], left_out: int, index: Index, ae_title: str
) -> str:
    """Return a message's text."""
    shown = events[:LINES]
    people = _patients(index, shown) if notification.patient_data else {}
    template = Template(notification.template or _TEMPLATES[events[0].event])
    lines = [template.safe_substitute(_words(each, people, ae_title)) for each in shown]
    rest = len(events) - len(shown) + left_out
    return "\n".join([*lines, *([f"and {rest:,} more"] if rest else [])])


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def _words(waiting: Waiting, people: Mapping[str, dict[str, str]], ae_title: str) -> dict[str, str]:
    then = datetime.fromtimestamp(waiting.at).astimezone()
    words = {"event": waiting.event, "at": f"{then:%Y-%m-%d %H:%M:%S}", "ae_title": ae_title}
    words |= people.get(waiting.words.get("study_instance_uid", ""), {})
    words |= waiting.words
    return {name: visible(value, _LONGEST) for name, value in words.items()}


def _patients(index: Index, events: Sequence[Waiting]) -> dict[str, dict[str, str]]:
    uids = [each.words.get("study_instance_uid", "") for each in events]
    query = (
        Study.select(
            *(Study.study_uid, Patient.name, Patient.patient_id, Patient.birth_date),
            *(Study.study_date, Study.description, Study.accession_number),
        )
        .join(Patient)
        .where(Study.study_uid.in_(uids))
    )
    names = ("patient_id", "patient_birth_date", "study_date", "study_description", "accession_number")
    return {
        row[0]: {"patient_name": person_name(row[1])} | dict(zip(names, row[2:], strict=True))
        for row in index.rows(query)
    }
