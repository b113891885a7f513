import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_terminals import RECORDED

from noctis_tui.graphics.terminal.late_replies import PATIENCE_SECONDS, LateReplies

PARSER = """
import sys, time
from textual._xterm_parser import XTermParser
from noctis_tui.graphics.terminal.late_replies import pass_over_late_replies
pass_over_late_replies()
pass_over_late_replies()
parser = XTermParser()
found = []
for piece in eval(sys.argv[1]):
    found += parser.feed(piece)
time.sleep(0.3)
for _ in range(3):
    found += parser.tick()
    time.sleep(0.15)
found += parser.feed("")
print([getattr(event, "key", type(event).__name__) for event in found])
"""


def keys(*pieces):
    """What Textual hears of input in pieces; in a process of its own, whose parser is then another."""
    command = [sys.executable, "-c", PARSER, repr(list(pieces))]
    return eval(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("terminal", RECORDED, ids=lambda terminal: terminal.name)
def test_no_letter_of_a_real_terminals_replies_is_left(terminal):
    late = LateReplies()
    typed = late.feed("j" + terminal.replies.decode() + "k")
    assert typed.replace("\x1b[?2026;2$y", "").replace("\x1b[?2026;0$y", "") == "jk"


@given(st.lists(st.integers(1, 30), max_size=40))
def test_replies_come_in_any_pieces(lengths):
    replies = RECORDED[3].replies.decode().replace("\x1b[?2026;2$y", "")
    late, typed, start = LateReplies(), "", 0
    for length in [*lengths, len(replies)]:
        piece = replies[start : start + length]
        start += length
        typed += late.feed(piece)
    assert typed == ""


def test_what_only_begins_like_a_reply_is_typed_after_a_moment():
    late = LateReplies()
    assert late.feed("a\x1bP") == "a"
    assert late.give_up() == ""
    time.sleep(PATIENCE_SECONDS)
    assert late.give_up() == "\x1bP"
    assert late.give_up() == ""


@pytest.mark.parametrize("typed", ["\x1b[A", "\x1b[1;1R", "\x1b[<0;3;4M", "\x1bOP", "j\x1b[106;3u", "\x1b[I"])
def test_keys_pass(typed):
    assert LateReplies().feed(typed) == typed


def test_an_endless_reply_is_not_held_for_ever():
    assert LateReplies().feed("\x1b_G" + "A" * 5000)


def test_textual_hears_keys_and_no_replies():
    said = RECORDED[3].replies.decode()
    half = len(said) // 2
    assert keys("j", said[:half], said[half:], "k", "\x1b[A") == [
        "j",
        "TerminalSupportsSynchronizedOutput",
        "k",
        "up",
    ]
    assert keys("\x1b") == ["escape"]
