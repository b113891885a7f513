from __future__ import annotations

import pytest

from archive.facility import Facility
from archive.network.permission import may, may_store, operation_of

CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.mark.parametrize(
    ("abstract_syntax", "operation"),
    [
        ("1.2.840.10008.1.1", "echo"),
        (CT, "store"),
        ("1.2.840.10008.5.1.4.1.2.1.1", "find"),
        ("1.2.840.10008.5.1.4.1.2.2.2", "move"),
        ("1.2.840.10008.5.1.4.1.2.1.3", "get"),
        ("1.2.840.10008.5.1.4.31", "find"),
        ("1.2.3.4", "store"),
    ],
)
def test_what_a_context_is_for(abstract_syntax, operation):
    assert operation_of(abstract_syntax) == operation


def test_nothing_said_means_everything():
    assert may(None, "store")
    assert may(Facility(name="a"), "move")
    assert may_store(None, CT)
    assert may_store(Facility(name="a"), CT)


def test_what_is_said_is_all():
    assert may(Facility(name="a", operations=("echo",)), "echo")
    assert not may(Facility(name="a", operations=("echo",)), "store")
    assert not may_store(Facility(name="a", sop_classes=("1.2.3",)), CT)
