import os
import pty
import re
import sys
import time

from noctis_tui.graphics.terminal.passthrough import wrap

MEASURE = """
import sys
from noctis_tui.graphics.terminal.detection import TerminalGraphics
from noctis_tui.graphics.terminal.speed import measure
graphics = TerminalGraphics("kitty", 8, 17, 256, "test", placeholders=sys.argv[1])
print("SPEED", measure(graphics, b"picture" * int(sys.argv[2])), flush=True)
print("NEXT", repr(sys.stdin.readline()), flush=True)
"""
CPR = (b"\x1b[6n", b"\x1b[1;1R")
KITTY = (wrap(b"\x1b_Gi=4208,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"), b"\x1b_Gi=4208;OK\x1b\\")


def measured(fence, answer, *, placeholders="", delay=0.0, repeated=1000):
    """Measure on a pseudo-terminal that answers fences like this; all that it wrote."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", MEASURE, placeholders, str(repeated)])
    said, answered, has_typed = b"", 0, False
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            said += os.read(terminal, 65536)
        except OSError:
            break
        while answer and said.count(fence) > answered:
            answered += 1
            time.sleep(delay)
            os.write(terminal, answer)
        if re.search(rb"SPEED .*\n", said) and not has_typed:
            has_typed = True
            os.write(terminal, b"typed\n")
    os.close(terminal)
    os.waitpid(pid, 0)
    return said.decode()


def value(said, name):
    return float(re.search(rf"{name}=([\d.]+)", said)[1])


def test_the_round_trip_is_what_the_answer_took():
    said = measured(*CPR, delay=0.05)
    assert 0.05 <= value(said, "round_trip_seconds") < 1
    assert value(said, "burst_bytes") == 7000
    assert value(said, "bytes_per_second") > 0


def test_what_is_drawn_to_measure_is_gone_and_no_answer_is_left():
    said = measured(*CPR)
    assert said.count("\x1b[?1049h") == said.count("\x1b[?1049l") == 1
    assert (
        said.index("\x1b[?1049h") < said.index("picture") < said.rindex("picture") < said.index("\x1b[?1049l")
    )
    assert "NEXT 'typed\\n'" in said


def test_kitty_behind_tmux_is_asked_itself():
    said = measured(*KITTY, placeholders="frames")
    assert "\x1b[6n" not in said
    assert value(said, "bytes_per_second") > 0
    assert "NEXT 'typed\\n'" in said


def test_a_terminal_that_does_not_answer_is_not_measured():
    said = measured(CPR[0], b"")
    assert "round_trip_seconds=None" in said
    assert "picture" not in said


def test_nothing_is_drawn_without_a_picture():
    said = measured(*CPR, repeated=0)
    assert "\x1b[?1049h" not in said
    assert "bytes_per_second=None" in said
    assert value(said, "round_trip_seconds") > 0
