import stat

from archive.deidentification import site_key
from archive.storage.layout import Layout


def test_the_key_is_made_once_for_this_user_only(tmp_path):
    layout = Layout(tmp_path)
    key = site_key(layout)
    assert len(key) == 32
    assert site_key(layout) == key
    assert stat.S_IMODE(layout.deidentification_key.stat().st_mode) == 0o600
    layout.deidentification_key.unlink()
    assert site_key(layout) != key
