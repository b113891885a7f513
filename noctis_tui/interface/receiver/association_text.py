"""Everything that is known of one association, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from archive.dicom.sop_classes import uid_name
from archive.dicom.text import visible
from noctis_tui.interface.receiver.facts import count, factor_name
from noctis_tui.interface.receiver.log_rows import ending_style, peer_name, what_happened
from noctis_tui.interface.worklist.cells import number, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archive.network.association_log import AssociationEntry
    from archive.network.diagnosis import Diagnosis

_OUTCOMES = {
    "recorded": "stored",
    "duplicate": "stored before, the same bytes",
    "variant": "kept beside other bytes",
}
_MOST_NAMES = 8
_LABEL = 14


def association_text(
    entry: AssociationEntry, diagnosis: Diagnosis | None, colors: Mapping[str, str], width: int
) -> Text:
    """Return a line for each fact, wrapped below its own column."""
    text, console = Text(), Console(width=width)
    for label, words, style in _facts(entry, diagnosis):
        lines = Text(words, style=colors[style]).wrap(console, max(20, width - _LABEL))
        for place, line in enumerate(lines):
            text.append(f"{'' if place else label:<{_LABEL}}", style=colors["muted"])
            text.append_text(line).append("\n")
    text.right_crop(1)
    return text


def heading(entry: AssociationEntry) -> str:
    """Return who called whom."""
    called = visible(entry.called_ae_title, 16)
    calling = f", calling {called}" if called else ""
    return f"{peer_name(entry.calling_ae_title)} at {visible(entry.address, 60)}{calling}"


def _facts(entry: AssociationEntry, diagnosis: Diagnosis | None) -> Iterator[tuple[str, str, str]]:
    yield "When", f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}{_duration(entry)}", "foreground"
    if diagnosis is not None and diagnosis.why:
        yield "Why", diagnosis.why, "warning"
    else:
        style = {"muted": "foreground"}.get(ending_style(entry), ending_style(entry))
        yield "Outcome", _sentence(what_happened(entry, brief=True)), style
    if entry.factor:
        yield "Decided by", factor_name(entry.factor), "foreground"
    if diagnosis is not None and diagnosis.advice:
        yield "What helps", diagnosis.advice, "bright"
    if diagnosis is not None and diagnosis.command:
        yield "As command", diagnosis.command, "accent"
    yield from _counts(entry)
    if entry.contexts:
        yield "It proposed", _names(entry.contexts), "foreground"
    if entry.refused_contexts:
        yield "Not accepted", _names(entry.refused_contexts), "foreground"


def _counts(entry: AssociationEntry) -> Iterator[tuple[str, str, str]]:
    if entry.bytes:
        yield "Brought", size(entry.bytes), "foreground"
    for outcome, times in entry.instances.items():
        fate = _OUTCOMES.get(outcome) or f"refused: {factor_name(outcome)}"
        yield "", f"{count(times, 'image')} {fate}", "foreground" if outcome in _OUTCOMES else "warning"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")


def _duration(entry: AssociationEntry) -> str:
    if entry.times > 1:
        return f", the last of {number(entry.times)} times"
    return "" if entry.ending == "refused" else f", after {entry.seconds:.1f} s"


def _names(contexts: Sequence[str]) -> str:
    names = []
    for context in contexts[:_MOST_NAMES]:
        uid, _, why = context.partition(" ")
        names.append(visible(f"{uid_name(uid)} {why}".strip(), 100))
    more = len(contexts) - _MOST_NAMES
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
