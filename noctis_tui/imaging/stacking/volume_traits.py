"""The attributes that tell the volumes of a series apart, and what a person calls each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from noctis_tui.imaging.stacking.stack_frame import StackFrame

FEWEST_SLICES = 3
"""Of a volume: two slices have one distance, and nothing shows that it is even."""
_LONGEST_NAME = 40
_SAYS_NOTHING = frozenset({"", "NONE", "OTHER"})


class Trait(NamedTuple):
    """An attribute that may part a group, and what a value of it is called."""

    of: Callable[[StackFrame], Hashable]
    name: Callable[[Hashable, int, int], str]


def dimension_traits(frames: Sequence[StackFrame]) -> list[Trait]:
    """Return a trait for each dimension of an enhanced image; those that are space part no repeats."""
    count = min((len(frame.acquisition.dimension_index_values) for frame in frames), default=0)
    return [
        Trait(
            lambda frame, column=column: frame.acquisition.dimension_index_values[column],  # type: ignore[misc]
            _counted("part"),
        )
        for column in range(count)
    ]


def _echo(frame: StackFrame) -> Hashable:
    time = frame.acquisition.echo_time_ms
    return frame.acquisition.echo_number, None if time is None else round(time, 1)


def _echo_name(value: Hashable, number: int, _count: int) -> str:
    assert isinstance(value, tuple)
    _, time_ms = value
    return f"echo {number}" if time_ms is None else f"echo {number} ({time_ms:g} ms)"


def _b_value(frame: StackFrame) -> Hashable:
    value = frame.acquisition.diffusion_b_value
    return None if value is None else round(value)


def _gradient(frame: StackFrame) -> Hashable:
    return tuple(round(part, 4) for part in frame.acquisition.diffusion_gradient) or None


def _kind_name(value: Hashable, number: int, _count: int) -> str:
    assert isinstance(value, tuple)
    text = " ".join(str(part) for part in value[2:] if part not in _SAYS_NOTHING)
    return visible(text, _LONGEST_NAME).lower() or f"kind {number}"


def _kernel_name(value: Hashable, number: int, _count: int) -> str:
    assert isinstance(value, tuple)
    return visible(" ".join(value), _LONGEST_NAME) or f"kernel {number}"


def _counted(what: str) -> Callable[[Hashable, int, int], str]:
    return lambda _value, number, count: f"{what} {number}/{count}"


TEMPORAL_POSITION = Trait(lambda each: each.acquisition.temporal_position, _counted("time"))
ACQUISITION = Trait(
    lambda each: each.acquisition.acquisition_number,
    lambda value, number, _: f"acquisition {number if value is None else value}",
)
CONTRASTS = (
    Trait(lambda each: each.acquisition.image_type, _kind_name),
    Trait(_echo, _echo_name),
    Trait(_b_value, lambda value, _number, _count: f"b = {'?' if value is None else value} s/mm²"),
    Trait(_gradient, lambda _value, number, count: f"gradient {number}/{count}"),
    Trait(lambda each: each.acquisition.convolution_kernel, _kernel_name),
)
COUNTS = (
    TEMPORAL_POSITION,
    Trait(lambda each: each.times.frame_reference_time_ms, _counted("time")),
    Trait(lambda each: each.times.trigger_time_ms, _counted("phase")),
    ACQUISITION,
    Trait(lambda each: each.times.acquisition_time, _counted("time")),
)
