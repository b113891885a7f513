"""Thinks of things for a restless reader to do: random keys, mouse, sizes, fonts and stops.

A plan is a list of what `restless_reader.Reader.do` takes.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

FEWEST = 3
"""Hypothesis begins with the simplest thing to do, which is not worth a terminal."""
ARROWS = ("Left", "Right", "Up", "Down")
MOVES = ("j", "k", "shift+j", "shift+k", "g", "shift+g", "Left", "Right", "Home", "End")
DIALOGS = (
    *("question", "comma", "colon", "ctrl+p", "shift+f", "shift+m"),
    *("numbersign", "shift+i", "ctrl+w", "shift+d", "F1", "ctrl+x"),
)
KEYS = (
    *("Escape", "Return", "Tab", "shift+Tab", "space", "BackSpace"),
    *ARROWS,
    *(f"shift+{arrow}" for arrow in ARROWS),
    *"abcdefhilmnoprstuvwxyz0123456789",
    *(f"shift+{letter}" for letter in "abcdefhilmnprstuvwxyz"),
    *("period", "asterisk", "numbersign", "percent", "apostrophe", "ampersand", "bar", "plus", "minus"),
    *("equal", "parenleft", "parenright", "less", "greater", "asciitilde", "bracketleft", "bracketright"),
    *("ctrl+b", "ctrl+r", "ctrl+e", "ctrl+k", "ctrl+d", "ctrl+u", "ctrl+l"),
    *MOVES,
    *DIALOGS,
)
"""All but q and Ctrl+Q, which leave."""

share = st.floats(0, 1, width=16)
point = st.tuples(share, share).map(list)


class Restless(RuleBasedStateMachine):
    """Thinks of things to do; `act` gets them all when there are enough of them."""

    def __init__(self) -> None:
        super().__init__()
        self.plan: list[list[Any]] = []

    def act(self, plan: list[list[Any]]) -> None:
        """Do it in a terminal."""
        raise NotImplementedError

    def _do(self, *what: Any) -> None:
        self.plan.append(list(what))

    def teardown(self) -> None:
        if len({json.dumps(each) for each in self.plan}) >= FEWEST:
            self.act(self.plan)

    @rule(keys=st.lists(st.sampled_from(KEYS), min_size=1, max_size=5))
    def press(self, keys: list[str]) -> None:
        self._do("keys", *keys)

    @rule(key=st.sampled_from(MOVES), count=st.integers(5, 30))
    def hold(self, key: str, count: int) -> None:
        self._do("keys", *[key] * count)

    @rule(tool=st.sampled_from("wzt"), keys=st.lists(st.sampled_from("hjkl"), min_size=2, max_size=12))
    def adjust(self, tool: str, keys: list[str]) -> None:
        self._do("keys", tool, *keys)

    @rule(rows=st.integers(1, 3), columns=st.integers(1, 3))
    def lay_out(self, rows: int, columns: int) -> None:
        self._do("keys", "shift+f", str(rows), str(columns))

    @rule(key=st.sampled_from(DIALOGS), rest=st.sampled_from([0.0, 0.1, 0.4]))
    def open_dialog(self, key: str, rest: float) -> None:
        self._do("keys", key)
        self._do("rest", rest)

    @rule(key=st.sampled_from(DIALOGS), then=st.sampled_from(MOVES))
    def open_and_close(self, key: str, then: str) -> None:
        self._do("keys", key)
        self._do("rest", 0.1)
        self._do("keys", "Escape")
        self._do("keys", then)

    @rule(
        tool=st.sampled_from(["d", "a", "e", "b", "p"]),
        keys=st.lists(st.sampled_from(["shift+Left", "shift+Down", "Return"])),
    )
    def measure(self, tool: str, keys: list[str]) -> None:
        self._do("keys", tool, "Return", *keys, "Return")

    @rule(text=st.text("abc 12", min_size=1, max_size=6))
    def type(self, text: str) -> None:
        self._do("type", text)

    @rule(key=st.sampled_from(["shift+c", "asterisk", "ctrl+k", "u", "n", "bracketleft"]))
    def be_told(self, key: str) -> None:
        self._do("keys", key)

    @rule(seconds=st.sampled_from([0.05, 0.15, 0.5]))
    def rest(self, seconds: float) -> None:
        self._do("rest", seconds)

    @rule(width=st.integers(150, 1200), height=st.integers(60, 800))
    def resize(self, width: int, height: int) -> None:
        self._do("resize", width, height)

    @rule(sizes=st.lists(st.tuples(st.integers(400, 900), st.integers(300, 600)), min_size=2, max_size=5))
    def pull_the_corner(self, sizes: list[tuple[int, int]]) -> None:
        for size in sizes:
            self._do("resize", *size)

    @rule(step=st.sampled_from([-1, 1]))
    def change_font(self, step: int) -> None:
        self._do("font", step)

    @rule(words=st.sampled_from(["", "a shell's line\r\n", "\x1b[2J\x1b[H$ fg\r\n"]))
    def stop(self, words: str) -> None:
        self._do("stop", words)

    @rule(button=st.sampled_from([1, 2, 3]), start=point, end=point)
    def drag(self, button: int, start: list[float], end: list[float]) -> None:
        self._do("drag", button, start, end)

    @rule(button=st.sampled_from([1, 1, 3, 4, 5]), at=point, times=st.integers(1, 4))
    def click(self, button: int, at: list[float], times: int) -> None:
        self._do("click", button, at, times)
