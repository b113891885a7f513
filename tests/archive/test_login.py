"""The name of who is logged in is one that annotations and audits take, whatever the environment says."""

import pytest

from archive.annotations.edits import MAXIMUM_NAME
from archive.login import LONGEST, login_name


@pytest.fixture(autouse=True)
def forgotten():
    login_name.cache_clear()
    yield
    login_name.cache_clear()


@pytest.mark.parametrize("said", [b"x" * 300, b"M\xfcller"])
def test_any_environment_gives_a_name(monkeypatch, said):
    monkeypatch.setenv("LOGNAME", said.decode(errors="surrogateescape"))
    name = login_name()
    assert 0 < len(name) <= LONGEST == MAXIMUM_NAME
    assert name.encode()
