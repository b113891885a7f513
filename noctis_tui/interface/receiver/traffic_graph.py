"""Bars of what came in each moment, with the scale said in words above them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeAlias

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Sparkline, Static

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from archive.network.rate_history import Rates

Moment: TypeAlias = tuple[float, float]
Span: TypeAlias = tuple[float, str]


class TrafficGraph(Vertical):
    """One quantity over time, newest on the right; as many moments as there are columns.

    Parameters
    ----------
    unit
        What the bars count, such as `images/s`.
    words
        Says a value as people read it.
    """

    def __init__(self, unit: str, words: Callable[[float], str]) -> None:
        super().__init__(classes="traffic-graph")
        self._unit = unit
        self._words = words
        self._caption = Static(markup=False, classes="line")
        self._bars = Sparkline([0.0, 0.0])
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the words above the bars."""
        yield self._caption
        yield self._bars

    @property
    def columns(self) -> int:
        """How many bars there is room for."""
        return max(2, self._bars.size.width)

    def show(self, counts: Sequence[int], rates: Rates, moment: Moment, span: Span) -> None:
        """Show the counts of one quantity of `rates`.

        Parameters
        ----------
        moment
            Now, in seconds since the epoch, and the rate a second that is said beside the bars.
        span
            How many seconds the graph covers, and how that is said.
        """
        seconds, name = span
        now, rate = moment
        bars = bar_rates(counts, rates, now, seconds, self.columns)
        peak = max(rate, *(count / rates.step_seconds for count in counts), 0.0)
        shown = (bars, peak, self._words(rate), name)
        if shown == self._shown:
            return
        self._shown = shown
        self._bars.data = bars
        colors = self.app.theme_variables
        caption = Text(f"{self._unit}  ", style=colors["muted"], no_wrap=True, overflow="ellipsis")
        caption.append(f"{self._words(rate)} now", style=colors["bright"])
        caption.append(f"   {self._words(peak)} peak in {name}", style=colors["muted"])
        self._caption.update(caption)


def bar_rates(counts: Sequence[int], rates: Rates, now: float, seconds: float, columns: int) -> list[float]:
    """Return rates per second for so many columns, the first of which is 0: the bars' common ground.

    Columns begin at multiples of their own length of time: a bar keeps its height while it wanders left. The
    step that is not over yet is left out.
    """
    step_seconds = rates.step_seconds
    steps = int(seconds / step_seconds)
    per_bar = max(1, -(-steps // (columns - 1)))
    newest = int(now / step_seconds) - 1
    last_bar = newest // per_bar
    sums = [0] * columns
    for number, count in zip(
        itertools.count(int(rates.until / step_seconds), -1), reversed(counts), strict=False
    ):
        place = columns - 1 - (last_bar - number // per_bar)
        if place < 1 or number <= newest - steps:
            break
        if number <= newest:
            sums[place] += count
    whole = per_bar * step_seconds
    unfinished = (newest + 1 - last_bar * per_bar) * step_seconds
    return [*(total / whole for total in sums[:-1]), sums[-1] / unfinished]
