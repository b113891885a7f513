"""Which images the terminal keeps for this process, within a limit; the least recently used gives way."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT_BYTES = 240 << 20
"""kitty keeps 320 MB a screen; beyond that it forgets what is not on the screen, and does not tell."""

_NUMBER_BITS = 10
"""Images of one process; ids of seven digits keep the commands of a picture that is there below 100 bytes."""


class Taken(NamedTuple):
    """An image of the terminal's: its id, and whether its pixels are there already."""

    image_id: int
    is_there: bool


@dataclass(slots=True, eq=False)
class _Image:
    key: bytes
    size_bytes: int
    is_kept: bool
    owner: object
    is_there: bool = False
    holders: set[object] = field(default_factory=set)


class KittyStore:
    """The images of one process in its terminal, each known by what it shows. Safe between threads.

    Who draws holds the images of a drawing until the next one is on the screen. What nobody holds is given
    up: at once, or, when it is kept, when the limit asks for it.

    Parameters
    ----------
    limit_bytes
        How much the images may take in the terminal, decoded.
    process_id
        Tells them from the images of other programs in the same terminal.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES, process_id: int | None = None) -> None:
        self.limit_bytes = limit_bytes
        self._base = ((os.getpid() if process_id is None else process_id) & 0xFFF) << _NUMBER_BITS
        self._lock = Lock()
        self._images: dict[int, _Image] = {}  # by id, the least recently used first
        self._spare: set[int] = set()
        self._unused = iter(range(self._base + 1, self._base + (1 << _NUMBER_BITS)))

    def knows(self, key: bytes, owner: object) -> bool:
        """Whether the terminal has an image of this owner's that shows this."""
        with self._lock:
            return self._find(key, owner) is not None

    def __len__(self) -> int:
        """How many images there are."""
        return len(self._images)

    @property
    def size_bytes(self) -> int:
        """What the images take in the terminal."""
        with self._lock:
            return self._size

    @property
    def _size(self) -> int:
        return sum(image.size_bytes for image in self._images.values())

    def key_of(self, image_id: int) -> bytes:
        """What an image shows; nothing when it is there no more."""
        with self._lock:
            return self._images[image_id].key if image_id in self._images else b""

    def hold(self, key: bytes, holder: object, owner: object) -> int | None:
        """Hold the owner's image that shows this; its id, None when the terminal has none."""
        with self._lock:
            return self._hold(key, holder, owner)

    def take(self, key: bytes, size_bytes: int, holder: object, owner: object, *, keep: bool) -> Taken:
        """Hold the image that shows this; when there is none, hold an id for it, in place of older ones.

        Parameters
        ----------
        key
            What it shows.
        size_bytes
            What it takes in the terminal.
        holder
            Who needs it until `release`.
        owner
            Whose it is: a view's, as a placement belongs to one.
        keep
            Whether it stays, as long as there is room, when nobody holds it any more.
        """
        with self._lock:
            known = self._hold(key, holder, owner)
            if known is not None:
                return Taken(known, is_there=True)
            self._make_room(size_bytes)
            image_id = self._spare.pop() if self._spare else self._new_id()
            self._images[image_id] = _Image(key, size_bytes, keep, owner, holders={holder})
            return Taken(image_id, is_there=False)

    def sent(self, holder: object) -> None:
        """Note that the pixels of all images of this holder were written to the terminal."""
        with self._lock:
            for image in self._images.values():
                image.is_there |= holder in image.holders

    def has(self, image_id: int, holder: object) -> bool:
        """Whether the id still stands for what this holder took it for."""
        with self._lock:
            return image_id in self._images and holder in self._images[image_id].holders

    def release(self, holder: object) -> None:
        """Hold nothing for this one any more."""
        with self._lock:
            for image_id, image in list(self._images.items()):
                image.holders.discard(holder)
                if not image.holders and not (image.is_kept and image.is_there):
                    self._give_up(image_id)

    def forget(self, owner: object) -> None:
        """Give up the images of this owner that nobody holds."""
        with self._lock:
            for image_id, image in list(self._images.items()):
                if image.owner is owner and not image.holders:
                    self._give_up(image_id)

    def is_there(self, image_id: int) -> bool:
        """Whether the pixels were sent, or are on the way."""
        with self._lock:
            return image_id in self._images and self._images[image_id].is_there

    def abandon(self, image_ids: Iterable[int]) -> None:
        """Note that these images were not sent to their end, whoever holds them by now."""
        with self._lock:
            for image_id in image_ids:
                if image_id in self._images:
                    self._give_up(image_id)

    def lost(self) -> None:
        """Note that the terminal has forgotten every image."""
        with self._lock:
            self._spare.update(self._images)
            self._images.clear()

    def spare_ids(self) -> list[int]:
        """Ids whose pixels the terminal may still have and nobody needs; they are told once."""
        with self._lock:
            spare, self._spare = self._spare, set()
            self._unused = iter([*spare, *self._unused])
            return sorted(spare)

    def _find(self, key: bytes, owner: object) -> int | None:
        for image_id, image in self._images.items():
            if image.key == key and image.owner is owner and image.is_there:
                return image_id
        return None

    def _hold(self, key: bytes, holder: object, owner: object) -> int | None:
        image_id = self._find(key, owner)
        if image_id is not None:
            image = self._images[image_id] = self._images.pop(image_id)
            image.holders.add(holder)
        return image_id

    def _make_room(self, size_bytes: int) -> None:
        idle = [image_id for image_id, image in self._images.items() if not image.holders]
        while idle and self._size + size_bytes > self.limit_bytes:
            self._give_up(idle.pop(0))

    def _new_id(self) -> int:
        for image_id in self._unused:
            return image_id
        oldest = next((image_id for image_id, image in self._images.items() if not image.holders), None)
        if oldest is None:
            raise RuntimeError("every image id of this process is in use")
        del self._images[oldest]
        return oldest

    def _give_up(self, image_id: int) -> None:
        del self._images[image_id]
        self._spare.add(image_id)


STORE = KittyStore()
"""This process's images: it has one terminal."""
