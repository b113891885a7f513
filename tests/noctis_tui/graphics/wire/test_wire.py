"""What reaches the terminal byte by byte: a pseudo-terminal that answers as late as the test likes."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

import picture_app
import pytest
from sixel_reader import read_sixel

from noctis_tui.graphics.kitty.commands import shrink
from noctis_tui.graphics.terminal.probe import QUESTIONS
from noctis_tui.graphics.wire.pacing import FRAMES_IN_FLIGHT
from noctis_tui.graphics.wire.wire import FENCE

KITTY = b"\x1bP>|kitty(0.26.5)\x1b\\\x1b_Gi=4207;OK\x1b\\\x1b[6;16;8t\x1b[?2026;2$y\x1b[?62;c"
XTERM = b"\x1bP>|XTerm(379)\x1b\\\x1b[6;16;8t\x1b[?1;0;256S\x1b[?2;0;200;150S\x1b[?62;4c"
LARGE_XTERM = XTERM.replace(b"200;150S", b"4000;4000S")
COLUMNS, ROWS = 40, 12
PLACE = re.compile(rb"\x1b\[(\d+);(\d+)H\x1bP0;1;0q.*?\x1b\\", re.DOTALL)


class PretendedTerminal:
    """Runs the picture app; `fences` counts the questions that it did not answer yet."""

    def __init__(self, replies, columns=COLUMNS, rows=ROWS, delay_seconds=0.0):
        self.said, self.fences = b"", 0
        self._answered = self._fences_seen = 0
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.environ.update(TERM="xterm-256color")
            os.environ.pop("COLUMNS", None)
            os.environ.pop("LINES", None)
            self._resize(0, columns, rows)
            os.execv(sys.executable, [sys.executable, picture_app.__file__, "one"])
        self._read_until(lambda: QUESTIONS in self.said)
        time.sleep(delay_seconds)
        os.write(self._terminal, replies)

    @staticmethod
    def _resize(terminal, columns, rows):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, columns * 8, rows * 16))

    def resize(self, columns, rows):
        self._resize(self._terminal, columns, rows)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._terminal)
        try:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def _read(self, seconds):
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        try:
            self.said += os.read(self._terminal, 1 << 16)
        except OSError:
            return False
        self.fences = self.said.count(FENCE.encode()) - self._answered
        return True

    def _read_until(self, holds, seconds=15):
        end = time.monotonic() + seconds
        while not holds() and time.monotonic() < end:
            self._read(0.1)
        assert holds(), self.said[-300:]

    def wait_for_fence(self):
        """A picture is fenced before and behind it."""
        self._read_until(lambda: self.fences > 1)

    def listen(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._read(0.05)

    def answer(self):
        self._answered += 1
        self.fences -= 1
        os.write(self._terminal, b"\x1b[1;1R")

    def answer_all(self):
        while self.fences:
            self.answer()

    def wait_for_rest(self):
        """Answer everything until nothing more is said."""
        still = 0
        while still < 4:
            self.answer_all()
            still = 0 if self._read(0.1) else still + 1

    def press(self, key):
        os.write(self._terminal, key)

    def end(self):
        """Answer everything until the app has ended; its exit status."""
        end = time.monotonic() + 15
        while time.monotonic() < end:
            self.answer_all()
            if not self._read(0.2) and (ended := os.waitpid(self._pid, os.WNOHANG))[0]:
                return os.waitstatus_to_exitcode(ended[1])
        raise AssertionError("the app does not end")


@pytest.mark.parametrize("replies", [KITTY, XTERM])
def test_a_slow_terminal_never_has_more_than_two_frames_before_it(replies):
    with PretendedTerminal(replies) as terminal:
        terminal.wait_for_fence()
        for _ in range(8):
            terminal.press(b"n")
            terminal.listen(0.03)
        terminal._read_until(lambda: terminal.fences >= 2 * FRAMES_IN_FLIGHT)
        terminal.listen(0.3)
        assert terminal.fences <= 2 * (FRAMES_IN_FLIGHT + 1), "two frames, and a repair of the first"
        written = terminal.said
        terminal.listen(0.3)
        assert terminal.said == written, "something is written although nothing was read"
        terminal.answer_all()
        terminal.press(b"n")
        terminal._read_until(lambda: len(terminal.said) > len(written))
        terminal.press(b"q")
        assert terminal.end() == 0


@pytest.mark.parametrize(("key", "status"), [(b"q", 0), (b"x", 1)])
def test_kitty_is_left_without_a_picture(key, status):
    with PretendedTerminal(KITTY) as terminal:
        terminal.wait_for_fence()
        for _ in range(4):
            terminal.answer_all()
            terminal.press(b"n")
            terminal.wait_for_fence()
        terminal.press(key)
        assert terminal.end() == status
        sent = set(map(int, re.findall(rb"a=t,i=(\d+),f=100", terminal.said)))
        assert len(sent) >= 4
        for image_id in sent:
            freed = terminal.said.rfind(shrink(image_id))
            assert freed > terminal.said.rfind(b"a=p,i=%d," % image_id), "a placement follows the clean-up"
            assert freed > terminal.said.rfind(b"a=t,i=%d,f=100" % image_id), "it is sent after the clean-up"


def test_sixel_pictures_are_tiles_that_the_terminal_takes_and_leave_the_last_row():
    with PretendedTerminal(XTERM) as terminal:
        terminal.wait_for_fence()
        terminal.press(b"q")
        assert terminal.end() == 0
        tiles = list(PLACE.finditer(terminal.said))
        area = 0
        for tile in tiles:
            row, column = int(tile[1]) - 1, int(tile[2]) - 1
            height, width = read_sixel(tile[0][tile[0].index(b"\x1bP") :]).shape[:2]
            assert width <= 200
            assert -(-height // 6) * 6 <= 150
            assert row + -(-height // 16) <= ROWS - 1
            assert column + -(-width // 8) <= COLUMNS
            area += height * width
        assert area % (COLUMNS * 8 * (ROWS - 1) * 16) == 0


@pytest.mark.parametrize("replies", [KITTY, XTERM])
def test_a_frame_restores_the_cursor_and_is_one_update_where_the_terminal_holds_its_screen(replies):
    with PretendedTerminal(replies) as terminal:
        terminal.wait_for_fence()
        terminal.press(b"q")
        terminal.end()
        start = terminal.said.index(b"a=t," if replies is KITTY else b"\x1bP0;1;0q")
        before, after = terminal.said[:start], terminal.said[start:]
        assert before.rfind(b"\x1b7") > before.rfind(b"\x1b8")
        assert after.index(b"\x1b8") < after.index(FENCE.encode())
        held = before.rfind(b"\x1b[?2026h\x1b7") > before.rfind(b"\x1b[?2026l")
        assert held == (replies is KITTY)
        if held:
            assert after.index(b"\x1b8\x1b[?2026l") < after.index(FENCE.encode())


def test_the_app_leaves_when_the_terminal_has_answered_or_never_will():
    with PretendedTerminal(KITTY) as terminal:
        terminal.wait_for_fence()
        terminal.press(b"q")
        terminal.listen(0.3)
        assert b"\x1b[?1049l" not in terminal.said, "an answer would arrive in the shell"
        terminal.answer_all()
        terminal._read_until(lambda: b"\x1b[?1049l" in terminal.said)
    with PretendedTerminal(KITTY) as terminal:
        terminal.wait_for_fence()
        terminal.press(b"q")
        terminal._read_until(lambda: b"\x1b[?1049l" in terminal.said)


def test_nothing_is_sent_ahead_while_the_app_leaves():
    with PretendedTerminal(KITTY) as terminal:
        terminal.wait_for_fence()
        terminal.wait_for_rest()
        terminal.press(b"a")
        terminal.wait_for_fence()
        terminal.press(b"q")
        terminal.listen(0.2)
        asked = terminal.said.count(FENCE.encode())
        while terminal.fences:
            terminal.answer()
            terminal.listen(0.15)
        assert terminal.end() == 0
        assert terminal.said.count(FENCE.encode()) == asked, "an answer would arrive in the shell"


def test_a_picture_is_sent_again_after_the_app_was_stopped():
    with PretendedTerminal(KITTY) as terminal:
        terminal.wait_for_fence()
        terminal.answer_all()
        sent = terminal.said.count(b"a=t,")
        os.kill(terminal._pid, signal.SIGTSTP)
        terminal._read_until(lambda: b"\x1b[?1049l" in terminal.said)
        time.sleep(0.2)
        os.kill(terminal._pid, signal.SIGCONT)
        terminal._read_until(lambda: terminal.said.count(b"a=t,") > sent)
        terminal._read_until(lambda: terminal.said.rfind(b"a=p,") > terminal.said.rfind(b"a=t,"))
        terminal.press(b"q")
        assert terminal.end() == 0


def picture_bytes(said):
    return sum(len(tile[0]) for tile in PLACE.finditer(said))


class TerminalBehindLine(PretendedTerminal):
    """Answers by itself, as late as behind 10 Mbit/s and a round trip of 50 ms."""

    def live(self, seconds):
        """Live for so long, or until so much has passed without a word."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._read(0.005)
            self._schedule()
            while self._due and self._due[0] <= time.monotonic():
                self._due.pop(0)
                self.answer()

    def rest(self):
        said = -1
        while said != len(self.said) or self.fences:
            said = len(self.said)
            self.live(0.6)

    _due, _seen, _free_at = (), 0, 0.0

    def _schedule(self):
        self._due = list(self._due)
        while (at := self.said.find(FENCE.encode(), self._seen)) >= 0:
            self._free_at = max(self._free_at, time.monotonic()) + (at - self._seen) / 1.25e6
            self._due.append(self._free_at + 0.05)
            self._seen = at + len(FENCE)


def test_behind_a_slow_line_a_draft_comes_first_and_nothing_newer_waits_for_the_rest():
    with TerminalBehindLine(LARGE_XTERM, 120, 50, delay_seconds=0.1) as terminal:
        terminal.rest()
        for _ in range(2):
            begun = len(terminal.said)
            terminal.press(b"n")
            terminal.rest()
        parts = [part for part in map(picture_bytes, terminal.said[begun:].split(FENCE.encode())) if part]
        assert parts[0] < sum(parts) / 2, "no draft"
        assert max(parts) < 200_000, "one write holds too much"
        begun = len(terminal.said)
        terminal.press(b"n")
        terminal.live(0.4)
        terminal.press(b"n")
        terminal.rest()
        assert picture_bytes(terminal.said[begun:]) < 1.8 * sum(parts), "nothing was left out"
        terminal.press(b"q")
        assert terminal.end() == 0


def test_a_terminal_that_never_answers_is_waited_for_once():
    with PretendedTerminal(KITTY) as terminal:
        terminal.wait_for_fence()
        terminal.listen(3.5)
        sent, asked = terminal.said.count(b"a=t,"), terminal.said.count(FENCE.encode())
        for _ in range(6):
            terminal.press(b"n")
            terminal.listen(0.2)
        assert terminal.said.count(b"a=t,") >= sent + 5
        assert terminal.said.count(FENCE.encode()) <= asked + 2
        terminal.press(b"q")
        assert terminal.end() == 0


def test_answers_to_nothing_are_no_keys_and_end_nothing():
    with PretendedTerminal(KITTY) as terminal:
        terminal.wait_for_fence()
        terminal.answer_all()
        terminal.wait_for_rest()
        sent = terminal.said.count(b"a=t,")
        terminal.press(b"\x1b[5;5R\x1b[1;1R" * 5)
        terminal.listen(0.3)
        assert terminal.said.count(b"a=t,") == sent
        terminal.press(b"n")
        terminal.wait_for_fence()
        terminal.press(b"q")
        assert terminal.end() == 0


def test_a_terminal_that_is_resized_while_a_picture_is_on_its_way_gets_one_of_its_size():
    with PretendedTerminal(LARGE_XTERM, 120, 50, delay_seconds=0.1) as terminal:
        terminal.wait_for_fence()
        terminal.listen(0.3)
        terminal.resize(60, 20)
        terminal.listen(0.3)
        resized = len(terminal.said)
        terminal.wait_for_rest()
        terminal.press(b"n")
        terminal.wait_for_rest()
        tiles = list(PLACE.finditer(terminal.said[resized:]))
        assert tiles
        for tile in tiles[-5:]:
            height, width = read_sixel(tile[0][tile[0].index(b"\x1bP") :]).shape[:2]
            assert int(tile[1]) - 1 + -(-height // 16) <= 19
            assert int(tile[2]) - 1 + -(-width // 8) <= 60
        terminal.press(b"q")
        assert terminal.end() == 0
