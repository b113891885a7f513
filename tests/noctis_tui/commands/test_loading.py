"""Loading leaves the collector as it was, with nothing of what was loaded to look through."""

from __future__ import annotations

import gc

import pytest

from noctis_tui.commands.loading import loading


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.unfreeze()


def test_no_garbage_is_looked_for_while_modules_load():
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000


def test_a_failed_import_leaves_the_collector_on():
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
