"""How associations and peers read in a row."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from archive.dicom.text import visible
from noctis_tui.interface.receiver.facts import count
from noctis_tui.interface.worklist.cells import fit, moment, number, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.network.association_log import AssociationEntry
    from archive.network.peer_counts import PeerCounts

WIDE = 100
"""Cells from which counts have columns of their own."""
_TIME, _TITLE, _COUNT, _SIZE = 8, 16, 8, 8
_WORDS = 64
"""Cells beyond which counts would be too far from the words that they belong to."""
_BROKEN_OFF = {
    "aborted_by_peer": "aborted by the peer",
    "aborted_by_us": "ended by us",
    "connection_lost": "connection lost",
}


def association_titles(width: int) -> str:
    """Return the titles above the associations."""
    facts = ("Time", "AE title", "Address", "What happened")
    return "".join(text for text, _ in _row(facts, ("Images", "Size", "Seconds"), width))


def association_cells(entry: AssociationEntry, width: int) -> Iterator[tuple[str, str]]:
    """Draw an association for a width."""
    facts = (
        moment(entry.at.timestamp(), _today()),
        peer_name(entry.calling_ae_title),
        visible(entry.address, 60),
        what_happened(entry, brief=width >= WIDE),
    )
    counts = (number(entry.stored), size(entry.bytes), f"{entry.seconds:.1f}")
    yield from _row(facts, () if entry.ending == "refused" else counts, width, ending_style(entry))


def peer_name(ae_title: str) -> str:
    """Return an AE title as it is shown; a peer may have given none."""
    return visible(ae_title, 16) or "no AE title"


def ending_style(entry: AssociationEntry) -> str:
    """Return the style of how an association ended."""
    if entry.ending == "refused":
        return "warning"
    if entry.ending in _BROKEN_OFF:
        return "error"
    return "warning" if entry.refused_instances else "muted"


def what_happened(entry: AssociationEntry, *, brief: bool) -> str:
    """Return how an association ended; a brief one leaves out what has columns."""
    if entry.ending == "refused":
        times = f" ({entry.times} more times)" if entry.times > 1 else ""
        return f"refused: {visible(entry.reason, 200)}{times}"
    ending = _BROKEN_OFF.get(entry.ending, visible(entry.ending.replace("_", " "), 40))
    parts = [ending]
    if entry.refused_instances:
        parts.append(f"{count(entry.refused_instances, 'image')} refused")
    if not brief and entry.stored:
        parts.insert(0, f"{count(entry.stored, 'image')}, {size(entry.bytes)}")
    if entry.ending == "aborted_by_us":
        parts.append(visible(entry.reason, 200))
    return ", ".join(parts)


def _row(
    facts: tuple[str, ...], counts: tuple[str, ...], width: int, style: str = "muted"
) -> Iterator[tuple[str, str]]:
    """Draw a row; words may take the room of counts that are not there."""
    then, title, address, words = facts
    address_cells = 15 if width < WIDE else 22
    yield f" {fit(then, _TIME)}  ", "muted"
    yield f"{fit(title, _TITLE)}  ", "bright"
    yield f"{fit(address, address_cells)}  ", "text"
    shown = counts if width >= WIDE else ()
    used = 1 + _TIME + _TITLE + address_cells + 3 * 2 + len(shown) * (_COUNT + 2)
    room = max(0, width - used)
    yield fit(words, min(room, _WORDS) if shown else room), style
    for text, style_name in zip(shown, ("text", "muted", "muted"), strict=False):
        yield f"  {fit(text, _COUNT, right=True)}", style_name


def peer_titles(width: int) -> str:
    """Return the titles above the peers."""
    return "".join(
        text
        for text, _ in _peer_row(
            ("Peer", "Address", "Images", "Size", "Associations", "Refused", "Last"), width
        )
    )


def peer_cells(peer: PeerCounts, width: int) -> Iterator[tuple[str, str]]:
    """Draw a peer for a width."""
    refused = peer.refused_associations + peer.refused_instances
    facts = (
        peer_name(peer.calling_ae_title),
        visible(peer.address, 60),
        number(peer.instances),
        size(peer.bytes),
        number(peer.associations),
        number(refused) if refused else "",
        moment(peer.last_seen_at, _today()),
    )
    yield from _peer_row(facts, width)


def _peer_row(facts: tuple[str, ...], width: int) -> Iterator[tuple[str, str]]:
    title, address, images, received, associations, refused, last = facts
    yield f" {fit(title, _TITLE)}  ", "bright"
    yield f"{fit(address, 15 if width < WIDE else 22)}  ", "text"
    yield f"{fit(images, 9, right=True)}  ", "text"
    yield f"{fit(received, _SIZE, right=True)}  ", "muted"
    if width >= WIDE:
        yield f"{fit(associations, 12, right=True)}  ", "muted"
    yield f"{fit(refused, 7, right=True)}  ", "warning"
    yield fit(last, _TIME, right=True), "muted"


def _today() -> date:
    return datetime.now().date()  # noqa: DTZ005 - the clock on the wall
