from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index.packing import pack_uid, packed_range, unpack_uid

UIDS = st.text("0123456789.", min_size=1, max_size=64)


@given(UIDS)
def test_unpacking_gives_the_uid_back(uid):
    assert unpack_uid(pack_uid(uid)) == uid
    assert len(pack_uid(uid)) == (len(uid) + 1) // 2


@given(UIDS, UIDS)
def test_packed_uids_are_ordered_as_their_texts(one, other):
    assert (pack_uid(one) < pack_uid(other)) == (one < other)


@given(UIDS, UIDS)
def test_the_range_holds_exactly_what_begins_with_the_prefix(prefix, uid):
    lowest, above = packed_range(prefix)
    assert (lowest <= pack_uid(uid) < above) == uid.startswith(prefix)


@given(UIDS, st.text("0123456789.", max_size=20))
def test_the_range_holds_every_longer_uid(prefix, rest):
    uid = (prefix + rest)[:64]
    lowest, above = packed_range(prefix)
    assert lowest <= pack_uid(uid) < above


@pytest.mark.parametrize("text", ["", "1" * 65, "1.2a", "../x", "1\n", "１.２", " 1"])
def test_what_is_no_uid_is_not_packed(text):
    with pytest.raises(ValueError, match="not a UID"):
        pack_uid(text)
