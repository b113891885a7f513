"""The audit trail that the tests of this folder fill."""

from __future__ import annotations

import pytest
from audit_trails import trail_in


@pytest.fixture
def trail(tmp_path):
    return trail_in(tmp_path)
