"""What somebody did to a trail is found, and the record named where it began."""

from __future__ import annotations

import pytest
from audit_trails import fill, lines, only_segment, trail_in

from archive.audit.files import segments
from archive.audit.reading import read_records
from archive.audit.verification import verify


def every_line_once(trail, change):
    """Apply a change to each line in turn; yield its number and the verdict."""
    path = only_segment(trail)
    whole = path.read_bytes()
    for number, _ in enumerate(whole.splitlines(), 1):
        changed = whole.splitlines(keepends=True)
        change(changed, number - 1)
        path.write_bytes(b"".join(changed))
        yield number, verify(trail)
    path.write_bytes(whole)


def test_every_flipped_byte_is_found_and_its_record_named(trail):
    fill(trail, 4)
    path = only_segment(trail)
    whole = path.read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << (position % 8)
        path.write_bytes(changed)
        verdict = verify(trail)
        number = whole[:position].count(b"\n") + 1
        assert verdict.bad_sequence == number, (position, verdict)
        assert f"ecord {number} " in verdict.finding or f"ecords {number} to" in verdict.finding


def test_a_deleted_record_is_found(trail):
    fill(trail, 5)
    for number, verdict in every_line_once(trail, lambda records, place: records.pop(place)):
        assert verdict.bad_sequence == number
        assert "missing" in verdict.finding


def test_two_records_that_changed_places_are_found(trail):
    fill(trail, 5)

    def swap(records, place):
        other = (place + 1) % len(records)
        records[place], records[other] = records[other], records[place]

    for number, verdict in every_line_once(trail, swap):
        assert verdict.bad_sequence == (number if number < 5 else 1)


def test_a_record_written_twice_is_found(trail):
    fill(trail, 3)
    for number, verdict in every_line_once(
        trail, lambda records, place: records.insert(place, records[place])
    ):
        assert verdict.bad_sequence == number + 1


def test_a_record_of_another_archive_is_found(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = trail_in(tmp_path / "a"), trail_in(tmp_path / "b")
    fill(one, 3)
    fill(other, 3)
    foreign = lines(other)[1]
    for number, verdict in every_line_once(one, lambda records, place: records.__setitem__(place, foreign)):
        assert verdict.bad_sequence == number


def test_a_record_of_another_course_of_events_is_found(trail):
    """Same key, same number, but what came before it was put back and written anew."""
    fill(trail, 2)
    saved = {path: path.read_bytes() for path in trail.folder.iterdir()}
    fill(trail, 3, first=100)
    others = lines(trail)
    for path, content in saved.items():
        path.write_bytes(content)
    fill(trail, 3, first=3)
    for number, verdict in every_line_once(
        trail, lambda records, place: records.__setitem__(place, others[place])
    ):
        if number > 2:
            assert verdict.bad_sequence == {3: 4, 4: 4, 5: 5}[number]


def test_truncation_at_every_byte_is_found(trail):
    fill(trail, 4)
    path = only_segment(trail)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert verify(trail).bad_sequence == whole[:size].count(b"\n") + 1, size


@pytest.mark.parametrize("removed", [0, 1, -1])
def test_a_removed_segment_is_found(tmp_path, removed):
    trail = trail_in(tmp_path, segment_bytes=700)
    fill(trail, 9)
    first, path = segments(tmp_path)[removed]
    path.unlink()
    verdict = verify(trail)
    assert verdict.bad_sequence == first
    assert "missing" in verdict.finding


def test_a_gap_stays_when_the_chain_goes_on(trail):
    fill(trail, 5)
    path = only_segment(trail)
    path.write_bytes(b"".join(lines(trail)[:3]))
    fill(trail_in(trail.folder), 4, first=6)
    verdict = verify(trail)
    assert verdict.bad_sequence == 4
    assert verdict.finding == "Records 4 to 5 are missing before record 6, or the order was changed."
    assert next(iter(read_records(trail.folder)))["sequence"] == 9


def test_a_gap_stays_when_everything_was_removed_but_the_head(trail):
    fill(trail, 3)
    only_segment(trail).unlink()
    fill(trail_in(trail.folder), 1)
    assert verify(trail).finding == "Records 1 to 3 are missing before record 4, or the order was changed."


@pytest.mark.parametrize("how", ["removed", "changed"])
def test_a_lost_head_is_found_and_stays_found(trail, how):
    fill(trail, 4)
    head = trail.folder / "head"
    only_segment(trail).write_bytes(b"".join(lines(trail)[:3]))
    head.unlink() if how == "removed" else head.write_bytes(head.read_bytes().replace(b'":4', b'":3'))
    assert "head" in verify(trail).finding
    fill(trail_in(trail.folder), 3)
    verdict = verify(trail)
    assert verdict.bad_sequence == 4
    assert "head was missing" in verdict.finding


def test_a_head_that_was_noted_elsewhere_shows_that_all_was_put_back(trail):
    fill(trail, 3)
    saved = {path: path.read_bytes() for path in trail.folder.iterdir()}
    fill(trail, 3)
    noted = verify(trail)
    assert verify(trail, (noted.records, noted.last)).finding == ""
    for path, content in saved.items():
        path.write_bytes(content)
    assert verify(trail).finding == ""
    assert (
        verify(trail, (noted.records, noted.last)).finding
        == "Records 4 to 6 are missing: they were there once."
    )
    fill(trail, 3, first=7)
    assert verify(trail, (noted.records, noted.last)).finding == "Record 6 is not the one that was noted."
