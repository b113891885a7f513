"""The volumes of a series, loaded in a thread while they are already looked at."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message

from archive.errors import NoctisError
from archive.progress import Cancelled, CancelToken, Progress
from noctis_tui.reading.volume_loading import DEFAULT_OPTIONS, load_volume, plan_volumes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from noctis_tui.imaging.volume import Volume
    from noctis_tui.reading.volume_filling import PartialVolume
    from noctis_tui.reading.volume_loading import LoadingOptions, SeriesPlan

log = logging.getLogger(__name__)

KEPT_BYTES = 2 << 30
"""Phases beyond, or beyond what a volume may take, are loaded again when they are asked for."""


class FromLoading(Message):
    """Something became of a loading."""

    def __init__(self, loading: VolumeLoading) -> None:
        super().__init__()
        self.loading = loading


class Planned(FromLoading):
    """The headers are read: it is known what the volumes are, and what is none."""

    def __init__(self, loading: VolumeLoading, plan: SeriesPlan) -> None:
        super().__init__(loading)
        self.plan = plan


class Filled(FromLoading):
    """So much of a volume is there: all of it where `part` is `volume` itself."""

    def __init__(self, loading: VolumeLoading, number: int, volume: Volume, part: Volume) -> None:
        super().__init__(loading)
        self.number = number
        self.volume = volume
        self.part = part


class NotLoaded(FromLoading):
    """A volume, or all of them for None, cannot be loaded; the sentence says why."""

    def __init__(self, loading: VolumeLoading, number: int | None, sentence: str) -> None:
        super().__init__(loading)
        self.number = number
        self.sentence = sentence


class VolumeLoading:
    """Loads volumes, the wanted one first, until it is closed.

    Parameters
    ----------
    paths
        The files of the series.
    post
        Takes messages from any thread.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        post: Callable[[Message], object],
        options: LoadingOptions = DEFAULT_OPTIONS,
    ) -> None:
        self._paths = paths
        self._post = post
        self._options = options
        self._kept_bytes = min(KEPT_BYTES, options.memory_limit_bytes)
        self._token = CancelToken()
        self._changed = threading.Condition()
        self._wanted: int | None = 0
        self._failed: dict[int, str] = {}
        self._loaded: OrderedDict[int, Volume] = OrderedDict()
        self.progress: Progress | None = None
        """What goes on now; None while nothing does."""

    def start(self) -> None:
        """Begin, in a thread of its own."""
        threading.Thread(target=self._run, name="volumes", daemon=True).start()

    def close(self) -> None:
        """Stop at the next slice."""
        self._token.cancel()
        with self._changed:
            self._changed.notify_all()

    def want(self, number: int) -> Volume | None:
        """Return a volume that is there; else load it before any other."""
        with self._changed:
            known = self._loaded.get(number)
            if known is not None:
                self._loaded.move_to_end(number)
            else:
                self._wanted = number
                self._changed.notify_all()
            return known

    def failure(self, number: int) -> str:
        """Return why a volume could not be loaded; empty for others."""
        return self._failed.get(number, "")

    # ---- in the thread

    def _run(self) -> None:
        try:
            plan = plan_volumes(self._paths, listener=self._hear, token=self._token, options=self._options)
            self._post(Planned(self, plan))
            while (number := self._next(plan)) is not None:
                self._load(plan, number)
        except Cancelled:
            pass
        except (NoctisError, OSError) as error:
            self._post(NotLoaded(self, None, str(error)))
        except Exception as error:
            log.exception("loading a volume failed")
            self._post(NotLoaded(self, None, f"The volume cannot be loaded ({type(error).__name__})."))

    def _hear(self, progress: Progress) -> None:
        self.progress = progress

    def _next(self, plan: SeriesPlan) -> int | None:
        """Wait for something to do; None when there will be nothing any more."""
        with self._changed:
            self.progress = None
            while not self._token.cancelled:
                number = self._due(len(plan.volumes))
                if number is not None:
                    self._wanted = None
                    return number
                self._changed.wait()
            return None

    def _due(self, count: int) -> int | None:
        missing = [place for place in range(count) if place not in self._loaded and place not in self._failed]
        if self._wanted in missing:
            return self._wanted
        sizes = [volume.stored_values.nbytes for volume in self._loaded.values()]
        has_room = not sizes or sum(sizes) + max(sizes) <= self._kept_bytes
        return missing[0] if missing and has_room else None

    def _load(self, plan: SeriesPlan, number: int) -> None:
        try:
            volume = load_volume(
                plan,
                number,
                listener=self._hear,
                token=self._token,
                publish=lambda partial: self._publish(number, partial),
                options=self._options,
            )
        except (NoctisError, OSError) as error:
            self._failed[number] = str(error)
            self._post(NotLoaded(self, number, str(error)))
            return
        with self._changed:
            self._loaded[number] = volume
            while len(self._loaded) > 1 and self._bytes() > self._kept_bytes:
                self._loaded.popitem(last=False)
        self._post(Filled(self, number, volume, volume))

    def _bytes(self) -> int:
        return sum(volume.stored_values.nbytes for volume in self._loaded.values())

    def _publish(self, number: int, partial: PartialVolume) -> None:
        self._post(Filled(self, number, partial.volume, slices_of(partial)))


def slices_of(partial: PartialVolume) -> Volume:
    """Return the slices that are filled as a volume of their own."""
    volume = partial.volume
    affine = volume.index_to_patient.copy()
    affine[:3, 3] = volume.patient_point(partial.first, 0, 0)
    return replace(
        volume,
        stored_values=volume.stored_values[partial.first : partial.stop],
        index_to_patient=affine,
        source_sop_instance_uids=volume.source_sop_instance_uids[partial.first : partial.stop],
    )
