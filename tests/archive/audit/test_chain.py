"""Lines of the chain: what was written reads back, and nothing else does, whatever it is."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from archive.audit.chain import BEGINNING, head_line, read_head, read_record, record_line, unchecked

KEY = bytes(range(32))
VALUES = st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.none())


@given(VALUES, st.binary(min_size=32, max_size=32))
def test_a_record_reads_back_after_its_own_past_only(values, previous):
    written = {"sequence": 1} | values | {"sequence": 1}
    written.pop("mac", None)
    line, mac = record_line(KEY, previous, written)
    read, read_mac = read_record(KEY, previous, line)
    assert line.isascii()
    assert b"\n" not in line
    assert read == written | {"mac": mac.hex()}
    assert read_mac == mac
    assert read_record(KEY[::-1], previous, line) == (None, b"")
    assert read_record(KEY, bytes(32) if any(previous) else b"1" * 32, line) == (None, b"")


@given(st.binary() | st.builds(lambda body: b'{"sequence":%s,"mac":"%s"}' % (body, b"0" * 64), st.binary()))
def test_nothing_else_reads_and_nothing_raises(line):
    assert read_record(KEY, BEGINNING, line) == (None, b"")
    assert read_head(KEY, line) is None
    said = unchecked(line)
    assert said is None or isinstance(said["sequence"], int)


def test_a_record_is_no_head_and_a_head_no_record():
    values = {"sequence": 1}
    assert read_head(KEY, record_line(KEY, b"", values)[0]) is None
    assert read_record(KEY, b"", head_line(KEY, values)) == (None, b"")


def test_numbers_and_nesting_beyond_all_measure_are_no_record():
    for body in ("9" * 10_000, "[" * 100_000):
        assert unchecked(f'{{"sequence":{body},"mac":"{"0" * 64}"}}'.encode()) is None
    assert unchecked(json.dumps({"sequence": 1}).encode()) is None
