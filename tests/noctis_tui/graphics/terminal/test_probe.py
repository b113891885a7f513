import os
import pty
import re
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.terminal.probe import QUESTIONS, SENTINEL, Replies, Window, read_until, understand

XTERM_379 = (
    b"\x1bP>|XTerm(379)\x1b\\\x1b[6;17;8t\x1b[?1;0;256S\x1b[?1;0;256S\x1b[?2;0;1000;1000S"
    b"\x1b[?2026;0$y\x1b[?63;1;2;4;6;9;15;16;22;28c"
)
KITTY_026 = b"\x1bP>|kitty(0.26.5)\x1b\\\x1b_Gi=4207;OK\x1b\\\x1b[6;18;9t\x1b[?2026;2$y\x1b[?62;c"

ASK = """
import os, sys, termios
from noctis_tui.graphics.terminal.probe import Silence, probe, swallow_late_replies
before = termios.tcgetattr(0)
try:
    print("ANSWER", probe(float(sys.argv[1]), is_multiplexed="STY" in os.environ), flush=True)
except Silence:
    swallow_late_replies(float(sys.argv[2]))
    print("ANSWER silence", flush=True)
assert termios.tcgetattr(0) == before
line = sys.stdin.readline()
print("NEXT", repr(line), flush=True)
"""


def ask(replies, *, delay=0.0, timeout="2", late="0", environment=None):
    """Run the probe on a pseudo-terminal that answers like this; what it found and what was left on stdin."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update({"TERM": "xterm-256color", **(environment or {})})
        os.execv(sys.executable, [sys.executable, "-c", ASK, timeout, late])
    said = b""
    end = time.monotonic() + 20
    answered = not replies
    has_typed = False
    while time.monotonic() < end:
        try:
            said += os.read(terminal, 4096)
        except OSError:
            break
        if not answered and QUESTIONS in said:
            answered = True
            time.sleep(delay)
            half = len(replies) // 2
            os.write(terminal, replies[:half])
            time.sleep(0.05)
            os.write(terminal, replies[half:])
        if re.search(rb"ANSWER .*\n", said) and not has_typed:
            has_typed = True
            os.write(terminal, b"typed\n")
    os.close(terminal)
    os.waitpid(pid, 0)
    return said.decode()


def test_xterm_is_understood():
    assert understand(XTERM_379) == Replies(
        name="XTerm(379)",
        sixel=True,
        cell_px=(8, 17),
        color_registers=256,
        max_picture_px=(1000, 1000),
        device="63;1;2;4;6;9;15;16;22;28",
    )


def test_kitty_is_understood():
    assert understand(KITTY_026) == Replies(
        name="kitty(0.26.5)", kitty=True, cell_px=(9, 18), synchronized=True, device="62;"
    )


def test_the_last_word_on_registers_counts():
    assert understand(b"\x1b[?1;3;0S\x1b[?1;0;16S\x1b[?62;4c").color_registers == 16


def test_without_the_sentinel_nothing_is_known():
    assert understand(XTERM_379.rpartition(b"\x1b[?63")[0]) is None


def test_a_window_knows_its_cells_when_the_terminal_does_not_say():
    assert understand(b"\x1b[?62;4c", Window(24, 80, 560, 336)).cell_px == (7, 14)
    assert understand(b"\x1b[?62;4c").cell_px is None


def test_cells_are_reckoned_from_the_size_of_the_text_where_only_that_is_told():
    said = b"\x1b[4;408;640t\x1b[?62;4c"
    assert understand(said, Window(24, 80, 0, 0)).cell_px == (8, 17)
    assert understand(said).cell_px is None


@pytest.mark.parametrize(
    ("reply", "is_true"),
    [
        (b"\x1bP1$r0;38:2::1:2:3m\x1b\\", True),
        (b"\x1bP1$r38:2:1:2:3m\x1b\\", True),
        (b"\x1bP1$r0;38;2;1;2;3m\x1b\\", True),
        (b"\x1bP1$r0;38:2:0:1:2:3m\x1b\\", True),
        (b"\x1bP1$r0;38;5;16m\x1b\\", False),
        (b"\x1bP1$r0;38:2::1:2:33m\x1b\\", False),
        (b"\x1bP1+r524742=38\x1b\\", True),
        (b"\x1bP1+r5463\x1b\\", True),
        (b"\x1bP0+r524742\x1b\\", False),
    ],
)
def test_a_24_bit_colour_that_was_kept_shows_what_cells_take(reply, is_true):
    assert understand(reply + b"\x1b[?62;4c").true_color == is_true


def test_the_largest_picture_is_that_of_any_window():
    said = b"\x1b[?2;0;640;408S\x1b[?2;0;4096;4096S\x1b[?62;4c"
    assert understand(said).max_picture_px == (4096, 4096)


@given(st.binary(max_size=60))
def test_any_reply_is_survived(noise):
    replies = understand(noise + b"\x1b[?62;4c")
    assert replies is not None
    assert replies.name.isprintable()


@pytest.mark.parametrize("delay", [0.0, 0.3])
def test_replies_are_read_to_the_last_and_the_terminal_is_as_it_was(delay):
    said = ask(XTERM_379, delay=delay)
    assert "sixel=True" in said
    assert "NEXT 'typed\\n'" in said


def test_a_terminal_that_began_to_answer_is_given_as_long_again():
    reading, writing = os.pipe()
    half = len(KITTY_026) // 2
    os.write(writing, KITTY_026[:half])
    later = threading.Timer(1.2, os.write, (writing, KITTY_026[half:]))
    later.start()
    assert read_until(reading, SENTINEL, 1.0) == KITTY_026
    later.join()
    os.close(reading)
    os.close(writing)


def test_a_silent_terminal_is_given_up():
    said = ask(b"", timeout="0.2")
    assert "ANSWER silence" in said
    assert "NEXT 'typed\\n'" in said


def test_what_a_silent_terminal_says_late_does_not_stand_in_the_next_line():
    said = ask(XTERM_379, delay=0.5, timeout="0.2", late="5")
    assert "ANSWER silence" in said
    assert "NEXT 'typed\\n'" in said


def test_a_multiplexer_is_not_asked_what_only_a_terminal_understands():
    said = ask(XTERM_379, environment={"STY": "x"})
    assert "sixel=True" in said
    assert "\x1b_G" not in said
    assert "\x1bP" not in said.partition("ANSWER")[0]


def test_a_dumb_terminal_is_not_asked():
    said = ask(b"", environment={"TERM": "dumb"})
    assert "ANSWER None" in said
    assert "\x1b[>0q" not in said


def test_a_pipe_is_not_asked():
    done = subprocess.run(
        [sys.executable, "-c", "from noctis_tui.graphics.terminal.detection import detect; print(detect())"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NOCTIS_GRAPHICS": ""},
    )
    assert "protocol='blocks'" in done.stdout
    assert "\x1b" not in done.stdout
