"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# No test asserts a time, and one that fails for an example of its own fails again for it.
settings.register_profile("noctis", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("noctis")

REPOSITORY = Path(__file__).parent.parent
SHARED = REPOSITORY.parent / "shared" / "data"
# The folders of tests have the packages' names: a program that a test starts from here must still find ours.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))

NOTHING_MAY_SLEEP = os.environ.get("NOCTIS_NOTHING_MAY_SLEEP") == "1"
"""Set by .ci/run: a test that skips for want of a program is then a failure."""


def require_program(*names: str) -> None:
    """Skip the test when a program of Debian's is not installed."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (see .ci/run for the Debian packages)")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The corpus of real studies beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("needs the corpus of real studies in ../shared/data")
    return SHARED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if NOTHING_MAY_SLEEP and report.skipped and not (_wants_corpus(item) and not SHARED.is_dir()):
        report.outcome = "failed"
        report.longrepr = f"skipped where everything must run: {report.longrepr}"
    return report


def _wants_corpus(item) -> bool:
    return "shared_data" in getattr(item, "fixturenames", ())
