"""The line that the benchmarks measure through is as slow as it says, and hears what it should."""

import json
import sys
import time
from pathlib import Path

import pytest
from link import Listener, Way
from pseudo_terminals import PseudoTerminal

LINK = Path(__file__).parents[2] / "benchmarks" / "link.py"


def test_bytes_leave_as_fast_as_the_line_and_arrive_a_delay_later():
    way = Way(1000, 0.5, 600)
    way.put(b"a" * 500, 10.0)
    way.put(b"b" * 500, 10.0)

    assert way.next_at(10.0) == pytest.approx(10.5)
    assert not way.arrived(10.99)
    assert way.arrived(11.0) == b"a" * 500
    way.took(200)
    assert way.arrived(11.0) == b"a" * 300
    way.took(300)
    assert not way.arrived(11.4)
    assert way.arrived(11.5) == b"b" * 500


def test_who_writes_waits_for_room_and_what_is_on_its_way_takes_none():
    way = Way(1000, 5.0, 600)
    way.put(b"a" * 500, 0.0)
    assert way.has_room(0.0)
    way.put(b"b" * 500, 0.0)
    assert not way.has_room(0.1)
    assert way.has_room(0.6), "the first has left and is on its way"
    assert not way.has_room(6.0), "both have arrived and nobody reads"


def heard(tmp_path, calls):
    listener = Listener(tmp_path / "log", None)
    for number, (side, block) in enumerate(calls):
        getattr(listener, side)(block, float(number))
    return [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]


def test_fences_are_heard_once_wherever_blocks_are_cut(tmp_path):
    sixels = b'\x1b[7;1H\x1bP0;1q"1;1;2;12#0~~\x1b\\\x1b[9;3H\x1bP0;1;0q#0~~\x1b\\'
    png = b"\x1b_Gi=3,a=T,f=100;AA\x1b\\"
    stream = b"\x1b[6n".join([b"text", sixels, png, b"\x1b_Gi=3,m=0;AA\x1b\\", b""])
    for size in (1, 2, 3, 7, 1000):
        blocks = [("down", stream[at : at + size]) for at in range(0, len(stream), size)]
        events = heard(tmp_path, blocks)
        assert [event["pictures"] for event in events] == [[], [[7, 12], [9, None]], [[9, None]], []], size
        assert [event["offset"] for event in events] == [
            at + 4 for at in range(len(stream)) if stream[at : at + 4] == b"\x1b[6n"
        ], size


def test_answers_are_no_keys(tmp_path):
    stream = b"\x1b[?62;4c\x1b[3;7R\x1b_Gi=4;OK\x1b\\\x1b[?2026;2$y\x1bP>|XTerm(379)\x1b\\\x1b[6;17;8t"
    for size in (2, 3, 5, 1000):
        blocks = [("up", stream[at : at + size]) for at in range(0, len(stream), size)]
        events = heard(tmp_path, blocks)
        assert [event["what"] for event in events] == ["taken"], size


def test_keys_are_heard(tmp_path):
    events = heard(
        tmp_path, [("up", b"j"), ("up", b"\x1b[3;7Rk\x1b[A"), ("up", b"\x1b"), ("up", b"\x1b[106;;106u")]
    )
    keys = [event["sent"] for event in events if event["what"] == "key"]
    assert keys == ["j", "k\x1b[A", "\x1b", "\x1b[106;;106u"]


def test_a_program_behind_the_link_has_the_terminals_size_and_its_exit_status(tmp_path):
    script = "import os, sys; print(os.get_terminal_size()); sys.exit(int(input()))"
    command = [sys.executable, str(LINK), "--delay-ms", "60", "--log", str(tmp_path / "log"), "--"]
    with PseudoTerminal([*command, sys.executable, "-c", script], columns=77, rows=33) as terminal:
        terminal.wait_for("columns=77, lines=33")
        began = time.monotonic()
        terminal.type("5\r", then=0)
        assert terminal.process.wait(10) == 5
    assert time.monotonic() - began > 0.12, "there and back"


def test_a_megabit_takes_its_time(tmp_path):
    script = "import sys; sys.stdout.write('x' * 50_000); print('end')"
    with PseudoTerminal(
        [sys.executable, str(LINK), "--mbit", "1", "--", sys.executable, "-c", script]
    ) as terminal:
        terminal.wait_for("x")
        began = time.monotonic()
        terminal.wait_for("end")
    assert time.monotonic() - began > 0.3
