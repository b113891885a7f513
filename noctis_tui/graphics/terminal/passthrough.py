"""Sequences that tmux hands on to the terminal outside instead of reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 30_000
"""tmux before 2.9 takes no longer strings; after each it sends its modes and colours anew."""


def wrap(sequence: bytes) -> bytes:
    """Wrap one sequence for tmux's `allow-passthrough`: its escapes are doubled (tmux(1))."""
    return b"\x1bPtmux;" + sequence.replace(b"\x1b", b"\x1b\x1b") + b"\x1b\\"


def groups(commands: Sequence[bytes]) -> list[list[bytes]]:
    """Put commands together, as many as tmux takes at once."""
    grouped: list[list[bytes]] = []
    room = 0
    for command in commands:
        if len(command) > room or not grouped:
            grouped.append([])
            room = MOST_BYTES
        grouped[-1].append(command)
        room -= len(command)
    return grouped


def wrap_commands(commands: Sequence[bytes]) -> bytes:
    """Wrap commands for tmux, as many together as it takes at once."""
    return b"".join(wrap(b"".join(group)) for group in groups(commands))
