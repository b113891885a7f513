from __future__ import annotations

import pytest

from archive.errors import BadInput
from archive.settings import SiteSettings, read_settings


def written(tmp_path, text: str):
    path = tmp_path / "noctis.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_means_the_defaults(tmp_path):
    assert read_settings(tmp_path / "noctis.toml") == SiteSettings()


def test_a_value_is_taken(tmp_path):
    settings = read_settings(written(tmp_path, "[receiver]\nport = 104\nae_title = 'ARCHIVE'\n"))
    assert (settings.receiver.port, settings.receiver.ae_title) == (104, "ARCHIVE")


def test_the_receiver_listens_on_loopback_unless_told():
    assert SiteSettings().receiver.host == "127.0.0.1"
    assert not SiteSettings().receiver.allow_anyone


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[receiver]\nprot = 104", "receiver.prot is not a setting; did you mean port?"),
        ("[reciever]\nport = 104", "reciever is not a setting; did you mean receiver?"),
        ("[receiver]\nzzzzzz = 1", "receiver.zzzzzz is not a setting."),
        ("[receiver]\nport = '104'", "receiver.port: Input should be a valid integer."),
        ("[receiver]\nport = 70000", "receiver.port: Input should be less than or equal to 65535."),
        ("[receiver", "is not valid TOML"),
    ],
)
def test_a_mistake_is_refused_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(BadInput) as refusal:
        read_settings(written(tmp_path, text))
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)
