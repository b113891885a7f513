import pytest

from archive.importing import import_paths
from archive.local_archive import LocalArchive
from archive.settings import SiteSettings, StorageSettings


@pytest.fixture
def archive(tmp_path):
    with LocalArchive.open(tmp_path / "archive") as opened:
        storage = StorageSettings(minimum_free_bytes=0, minimum_free_percent=0, fsync=False)
        opened.settings = SiteSettings(storage=storage)
        yield opened


@pytest.fixture
def bring(archive):
    """Import paths; returns the counts that are not 0, and hears why the others were not imported."""

    def imported(*paths, **options):
        reasons = {}

        def tell(ending, origin, reason):
            reasons[origin.rpartition("/")[2]] = (ending.value, reason)

        with archive.hold("test") as lease:
            counts = import_paths(archive, lease, paths, tell=tell, **options)
        names = ("imported", "duplicate", "variant", "skipped", "quarantined")
        found = {name: getattr(counts, name) for name in names if getattr(counts, name)}
        return found, reasons

    return imported


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    return folder
