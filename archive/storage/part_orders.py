"""What the receiver orders from the process that writes, and what that one answers.

A message is a marshalled tuple of orders, each a tuple that begins with its kind and the part's number; an
answer is one such tuple. Both ends are the same program on the same machine.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

Detail = int | str | bytes
"""What an order or an answer is made of."""
MESSAGE_BYTES: Final = 65_536
"""No message is longer."""


class Order(IntEnum):
    """What is to be done with a part, and what follows its number."""

    BEGIN = 0
    """Name in ``incoming``, bytes before the data set."""
    APPEND = 1
    """Where the bytes lie in the shared memory, and how many."""
    CONFIRM = 2
    """Nothing: asks for an answer when all before it is done."""
    SEAL = 3
    """How many bytes the data set has: it is whole, and was understood."""
    DISCARD = 4
    """Nothing."""


class Answer(IntEnum):
    """What became of a part, and what follows its number."""

    CONFIRMED = 0
    SEALED = 1
    """Name of the journal entry, digest, bytes of the file, whether that name is durable."""
    FAILED = 2
    """Name of the class in `archive.errors`, its sentence; the part is gone."""
