"""Fixtures that every folder of tests shares."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import mounts
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


_MAY_SLEEP = {
    "shared_data": SHARED.is_dir,
    "tiny_disk": mounts.can_mount_tiny_disks,
    "image_disk": mounts.can_mount_images,
}
"""Fixtures whose tests may skip even there, and what tells that they need not."""


def pytest_report_header() -> str:
    tiny = "real" if mounts.can_mount_tiny_disks() else "simulated (no user namespaces)"
    power = "real" if mounts.can_mount_images() else "simulated (no root, or no loop device)"
    return f"faults: full and read-only disks are {tiny}, power loss is {power}"


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
    if NOTHING_MAY_SLEEP and report.skipped and not _may_sleep(item):
        report.outcome = "failed"
        report.longrepr = f"skipped where everything must run: {report.longrepr}"
    return report


def _may_sleep(item) -> bool:
    wanted = set(getattr(item, "fixturenames", ()))
    return any(not possible() for name, possible in _MAY_SLEEP.items() if name in wanted)


@pytest.fixture
def tiny_disk(tmp_path):
    """Mounts a tmpfs: `tiny_disk("size=6m")` returns a `mounts.TinyDisk`."""
    if not mounts.can_mount_tiny_disks():
        pytest.skip("this machine gives us no namespace of our own")
    with ExitStack() as stack:

        def mount(options: str, name: str = "archive") -> mounts.TinyDisk:
            return stack.enter_context(mounts.TinyDisk(tmp_path / name, options))

        yield mount


@pytest.fixture
def image_disk(tmp_path):
    """An ext4 file system of its own, not yet mounted: a `mounts.ImageDisk`."""
    if not mounts.can_mount_images():
        pytest.skip("this machine does not let us mount an image")
    with mounts.ImageDisk(tmp_path) as disk:
        yield disk


@pytest.fixture(scope="session")
def faulty_calls(tmp_path_factory) -> Path:
    """The library of `faulty_calls.c`, to be loaded before libc."""
    require_program("gcc")
    library = tmp_path_factory.mktemp("shim") / "faulty_calls.so"
    source = Path(__file__).parent / "faulty_calls.c"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    return library
