from __future__ import annotations

import pytest

from archive.errors import BadInput
from archive.facility import Facility
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


def test_facilities_are_read_in_their_order(tmp_path):
    text = """
[[facility]]
name = "CT"
calling_ae_titles = ["CT1", "CT2"]
addresses = ["10.1.0.0/16", "fd00::1"]
certificates = ["%s"]
operations = ["echo", "store"]
bytes_per_second = 1_000_000
[[facility]]
name = "anyone near"
addresses = ["192.168.0.0/24"]
"""
    colons = ":".join(["AB"] * 32)
    ct, near = read_settings(written(tmp_path, text % colons)).facility
    assert ct.calling_ae_titles == ("CT1", "CT2")
    assert ct.certificates == ("ab" * 32,)
    assert ct.bytes_per_second == 1_000_000
    assert near == Facility(name="anyone near", addresses=("192.168.0.0/24",))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[facility]]\nname='a'\nadress=[]", "facility.1.adress is not a setting; did you mean addresses?"),
        ("[[facility]]\nname='a'\n[[facility]]\nname='a'", "two facilities are called a"),
        ("[[facility]]\naddresses=[]", "facility.1.name: Field required"),
        ("[[facility]]\nname=''", "facility.1.name: a facility's name is"),
        ("[[facility]]\nname='a\u202e'", "facility.1.name: a facility's name is"),
        ("[[facility]]\nname='a'\naddresses=['10.0.0.1/8']", "has host bits set"),
        ("[[facility]]\nname='a'\naddresses='10.0.0.1'", "facility.1.addresses: Input should be an array."),
        ("[[facility]]\nname='a'\naddresses=[1]", "facility.1.addresses.1: Input should be a valid string"),
        ("[[facility]]\nname='a'\ncalling_ae_titles=['A\\\\B']", "an AE title is 1 to 16"),
        ("[[facility]]\nname='a'\ncertificates=['ab']", "SHA-256 fingerprint"),
        ("[[facility]]\nname='a'\noperations=['stor']", "Input should be 'echo', 'store'"),
        ("[[facility]]\nname='a'\nsop_classes=['CT']", "a SOP class is named by its UID"),
        ("[[facility]]\nname='a'\nmaximum_associations=0", "greater than or equal to 1"),
        ("[facility]\nname='a'", "facility: Input should be an array."),
        ("[receiver.tls]\ncertificate='a'\nkey='b'\nca_file='c'", "receiver.tls.ca_file is not a setting"),
        ("[receiver.tls]\ncertificate='a'", "receiver.tls.key: Field required."),
    ],
)
def test_a_mistake_in_who_may_call_is_refused_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(BadInput) as refusal:
        read_settings(written(tmp_path, text))
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = " + "[" * 5_000, "nested deeper"),
        ("a" + ".a" * 100_000 + " = 1", "longer than settings"),
        ("# comment\n" * 200_000, "longer than settings"),
    ],
)
def test_what_costs_more_than_settings_may_is_refused(tmp_path, text, sentence):
    with pytest.raises(BadInput, match=sentence):
        read_settings(written(tmp_path, text))
