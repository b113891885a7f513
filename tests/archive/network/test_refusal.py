from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from raw_peer import CT, VERIFICATION, associate_request

from archive.network.refusal import proposed_abstract_syntaxes


def test_what_a_request_proposes_is_read_each_once_and_in_order():
    contexts = ((1, CT, ("1.2",)), (3, VERIFICATION, ("1.2",)), (5, CT, ("1.2.3",)))
    assert proposed_abstract_syntaxes(associate_request(contexts)[6:]) == (CT, VERIFICATION)


@given(st.binary(max_size=300))
def test_nothing_makes_it_fail(data):
    assert len(proposed_abstract_syntaxes(bytes(68) + data)) <= 128


@given(st.data())
def test_what_was_cut_is_read_as_far_as_it_goes(data):
    body = associate_request(tuple((number, f"1.2.{number}", ("1.2",)) for number in range(1, 40, 2)))[6:]
    cut = data.draw(st.integers(0, len(body)))
    read = proposed_abstract_syntaxes(body[:cut])
    assert [uid[:4] for uid in read] == ["1.2."] * len(read) or cut < len(body)
