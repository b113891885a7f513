"""How much came in each step of time: a ring that forgets its oldest step when a new one begins."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rates:
    """What came in equal steps of time, oldest first; the last step is the one that `until` lies in.

    Attributes
    ----------
    step_seconds
        How long each step is.
    until
        Seconds since the epoch.
    instances, bytes
        Counts of each step; both are equally long. Steps before the first one were empty.
    """

    step_seconds: float
    until: float = 0.0
    instances: list[int] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)


class RateHistory:
    """Counts instances and bytes in the last steps of a clock that never jumps; `add` is cheap.

    Parameters
    ----------
    step_seconds, steps
        How long a step is, and how many are remembered.
    """

    def __init__(self, step_seconds: float, steps: int) -> None:
        self._step_seconds = step_seconds
        self._steps = steps
        self._instances = [0] * steps
        self._bytes = [0] * steps
        self._newest = 0

    def add(self, now: float, instances: int, byte_count: int) -> None:
        """Count what came at `now`, in monotonic seconds."""
        step = int(now / self._step_seconds)
        if step > self._newest:
            self._advance(step)
        place = self._newest % self._steps
        self._instances[place] += instances
        self._bytes[place] += byte_count

    def rates(self, now: float, wall: float) -> Rates:
        """Return what is remembered, without the empty steps it begins with.

        Parameters
        ----------
        now, wall
            The same moment in monotonic seconds and in seconds since the epoch.
        """
        self.add(now, 0, 0)
        first = self._newest + 1
        places = [(first + step) % self._steps for step in range(self._steps)]
        instances = [self._instances[place] for place in places]
        began = next((index for index, count in enumerate(instances) if count), len(places))
        counts = [self._bytes[place] for place in places[began:]]
        return Rates(self._step_seconds, wall, instances[began:], counts)

    def restore(self, rates: Rates, now: float, wall: float) -> None:
        """Take over what another process remembered, as long ago as it is; before anything is added."""
        gap = max(0, int(wall / self._step_seconds) - int(rates.until / self._step_seconds))
        self.add(now, 0, 0)
        counts = list(zip(rates.instances, rates.bytes, strict=False))[-self._steps :]
        for age, (instances, byte_count) in enumerate(reversed(counts), gap):
            if age >= self._steps:
                return
            place = (self._newest - age) % self._steps
            self._instances[place] += instances
            self._bytes[place] += byte_count

    def _advance(self, step: int) -> None:
        for passed in range(max(self._newest + 1, step - self._steps + 1), step + 1):
            self._instances[passed % self._steps] = 0
            self._bytes[passed % self._steps] = 0
        self._newest = step
