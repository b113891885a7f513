import os
import pty
import re
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.probe import QUESTIONS, Replies, understand

XTERM_379 = (
    b"\x1bP>|XTerm(379)\x1b\\\x1b[6;17;8t\x1b[?1;0;256S\x1b[?1;0;256S\x1b[?2;0;1000;1000S"
    b"\x1b[?2026;0$y\x1b[?63;1;2;4;6;9;15;16;22;28c"
)
KITTY_026 = b"\x1bP>|kitty(0.26.5)\x1b\\\x1b_Gi=4207;OK\x1b\\\x1b[6;18;9t\x1b[?2026;2$y\x1b[?62;c"

ASK = """
import sys, termios
from noctis_tui.graphics.probe import probe
before = termios.tcgetattr(0)
print("ANSWER", probe(float(sys.argv[1])), flush=True)
assert termios.tcgetattr(0) == before
line = sys.stdin.readline()
print("NEXT", repr(line), flush=True)
"""


def ask(replies, *, delay=0.0, timeout="2", environment=None):
    """Run the probe on a pseudo-terminal that answers like this; what it found and what was left on stdin."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update({"TERM": "xterm-256color", **(environment or {})})
        os.execv(sys.executable, [sys.executable, "-c", ASK, timeout])
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
    )


def test_kitty_is_understood():
    assert understand(KITTY_026) == Replies(
        name="kitty(0.26.5)", kitty=True, cell_px=(9, 18), synchronized=True
    )


def test_the_last_word_on_registers_counts():
    assert understand(b"\x1b[?1;3;0S\x1b[?1;0;16S\x1b[?62;4c").color_registers == 16


def test_without_the_sentinel_nothing_is_known():
    assert understand(XTERM_379.rpartition(b"\x1b[?63")[0]) is None


def test_a_window_knows_its_cells_when_the_terminal_does_not_say():
    assert understand(b"\x1b[?62;4c", (7, 14)).cell_px == (7, 14)


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


def test_a_terminal_that_answers_slowly_is_waited_for():
    assert "kitty=True" in ask(KITTY_026, delay=0.3, timeout="0.33")


def test_a_silent_terminal_is_given_up():
    said = ask(b"", timeout="0.2")
    assert "ANSWER None" in said
    assert "NEXT 'typed\\n'" in said


@pytest.mark.parametrize("name", ["TMUX", "STY"])
def test_a_multiplexer_is_not_asked_for_kitty(name):
    said = ask(XTERM_379, environment={name: "x"})
    assert "sixel=True" in said
    assert "\x1b_G" not in said


def test_a_dumb_terminal_is_not_asked():
    said = ask(b"", environment={"TERM": "dumb"})
    assert "ANSWER None" in said
    assert "\x1b[>0q" not in said


def test_a_pipe_is_not_asked():
    done = subprocess.run(
        [sys.executable, "-c", "from noctis_tui.graphics.detection import detect; print(detect())"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NOCTIS_GRAPHICS": ""},
    )
    assert "protocol='blocks'" in done.stdout
    assert "\x1b" not in done.stdout
