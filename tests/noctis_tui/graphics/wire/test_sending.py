"""Pieces: how many at a time, in order, until something newer comes."""

from hypothesis import given
from hypothesis import strategies as st

from noctis_tui.graphics.canvas import PIECE_BYTES
from noctis_tui.graphics.wire.link import Link
from noctis_tui.graphics.wire.sending import PIECE_SECONDS, Sending

FAR = Link(0.05, 1.25e6, 0.0, 10)
LOCAL = Link(0.0005, 50e6, 0.0, 10)


def sending(pieces, *, left=lambda _: None, written=lambda _: None, is_patient=True):
    return Sending(pieces, left, owner=None, ending=bytes, written=written, is_patient=is_patient)


def rows(count, size=30_000):
    return [bytes([number % 256]) * size for number in range(count)]


def test_a_fast_terminal_gets_all_at_once():
    assert len(sending(rows(14)).take(LOCAL, 0)) == 14 * 30_000


def test_a_slow_link_gets_little_more_than_passes_in_a_round_trip():
    picture = sending(rows(14))
    ahead = 0
    while part := picture.take(FAR, ahead):
        ahead += len(part)
    assert ahead >= FAR.bytes_in(FAR.round_trip_seconds), "the link would stand still"
    assert FAR.seconds_for(ahead) <= FAR.round_trip_seconds + 3 * PIECE_SECONDS, "what is newer would wait"
    assert not picture.is_written


def test_while_nothing_is_known_little_is_sent():
    picture, ahead = sending(rows(14)), 0
    while part := picture.take(Link(), ahead):
        ahead += len(part)
    assert 0 < ahead <= 4 * PIECE_BYTES


def test_a_moving_picture_that_fits_is_one_write():
    assert len(sending(rows(2), is_patient=False).take(FAR, 0)) == 2 * 30_000


@given(
    sizes=st.lists(st.integers(1, 200_000), min_size=1, max_size=20),
    rate=st.floats(1e4, 1e8),
    is_patient=st.booleans(),
)
def test_everything_comes_in_order_and_is_counted(sizes, rate, is_patient):
    pieces = [bytes([number]) * size for number, size in enumerate(sizes)]
    counted = []
    picture = sending(pieces, written=counted.append, is_patient=is_patient)
    link, parts, ahead = Link(0.05, rate, 0.0, 10), [], 0
    while not picture.is_written:
        part = picture.take(link, ahead)
        ahead = ahead + len(part) if part else 0  # when nothing goes any more the terminal takes all in
        parts.append(part)
    assert b"".join(parts) == b"".join(pieces)
    assert sum(counted) == len(pieces)
    assert picture.take(link, 0) == b""


def test_the_rest_comes_at_once_when_it_must():
    picture = sending(rows(5))
    first = picture.take(FAR, 0)
    assert first + picture.take_all() == b"".join(rows(5))
    assert picture.is_written


def test_who_sent_it_is_told_once():
    told = []
    picture = sending(rows(9), left=told.append)
    picture.take(FAR, 0)
    picture.abandon()
    picture.finish(is_complete=True)
    assert told == [False]
    assert picture.is_written
