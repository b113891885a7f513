import stat
import struct
import zipfile

import data_sets as ds
import pytest

from archive.importing import zip_members


def write_zip(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def test_members_count_one_by_one(bring, source):
    members = {
        "a/one.dcm": ds.part10(ds.smallest()),
        "a/": b"",
        "two": ds.part10(ds.smallest(sop="1.2.3.2")),
        "bare": ds.smallest(sop="1.2.3.3"),
        "text": b"no image",
        "cut": ds.part10(ds.smallest())[:-3],
    }
    write_zip(source / "study.bin", members)
    counts, reasons = bring(source)
    assert counts == {"imported": 3, "skipped": 1, "quarantined": 1}
    assert set(reasons) == {"study.bin: text", "study.bin: cut"}


def test_quarantine_keeps_a_members_bytes(archive, bring, source):
    broken = ds.part10(ds.smallest())[:-3]
    bring(write_zip(source / "study.zip", {"cut": broken}))
    assert [file.read_bytes() for file in archive.layout.quarantine.glob("*.dcm")] == [broken]
    assert not list(archive.layout.incoming.iterdir())


@pytest.mark.parametrize("name", ["../../outside.dcm", "/absolute.dcm", "..\\win.dcm", "\x1b[2J.dcm"])
def test_a_members_name_never_becomes_a_path(bring, source, tmp_path, name):
    before = {path for path in tmp_path.rglob("*") if "archive" not in path.parts}
    write_zip(source / "evil.zip", {name: ds.part10(ds.smallest())})
    assert bring(source)[0] == {"imported": 1}
    after = {path for path in tmp_path.rglob("*") if "archive" not in path.parts}
    assert after - before == {source / "evil.zip"}


def test_a_member_without_a_name_is_a_member(bring, source):
    raw = bytearray(write_zip(source / "nameless.zip", {"q": ds.part10(ds.smallest())}).read_bytes())
    local, central = raw.index(b"PK\x03\x04"), raw.index(b"PK\x01\x02")
    for lengths in (local + 26, central + 28):  # the name becomes an extra field
        struct.pack_into("<HH", raw, lengths, 0, 1)
    (source / "nameless.zip").write_bytes(raw)
    assert bring(source)[0] == {"imported": 1}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO])
def test_links_and_devices_are_skipped(bring, source, kind):
    member = zipfile.ZipInfo("link")
    member.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(source / "evil.zip", "w") as opened:
        opened.writestr(member, ds.part10(ds.smallest()))
    assert bring(source)[0] == {"skipped": 1}


def test_a_bomb_is_stopped_by_real_bytes(archive, bring, source, monkeypatch):
    monkeypatch.setattr(zip_members, "FREE_INFLATED_BYTES", 1 << 20)
    pixels = ds.element(0x7FE00010, b"OW", bytes(32 << 20))
    members = {
        "bomb": ds.part10(ds.smallest() + pixels),
        "after": ds.part10(ds.smallest()),
    }
    counts, reasons = bring(write_zip(source / "bomb.zip", members))
    assert counts == {"quarantined": 1, "skipped": 1}
    assert "inflates" in reasons["bomb.zip: bomb"][1]
    assert not list(archive.layout.incoming.iterdir())


def test_a_table_of_contents_without_end_is_not_loaded(bring, source, monkeypatch):
    monkeypatch.setattr(zip_members, "MAXIMUM_DIRECTORY_BYTES", 1 << 16)
    path = write_zip(source / "many.zip", {f"{number:060}": b"" for number in range(2000)})
    assert bring(path)[0] == {"skipped": 1}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions(bring, source, compression):
    write_zip(source / "study.zip", {"one": ds.part10(ds.smallest())}, compression)
    assert bring(source)[0] == {"imported": 1}


def test_damage_is_said_and_the_rest_imported(bring, source):
    path = write_zip(
        source / "study.zip", {"one": ds.part10(ds.smallest()), "two": b"text"}, zipfile.ZIP_STORED
    )
    damaged = bytearray(path.read_bytes())
    damaged[300] ^= 0xFF
    path.write_bytes(damaged)
    counts, reasons = bring(path)
    assert sum(counts.values()) == 2
    assert "damaged" in reasons["study.zip: one"][1]


def test_an_encrypted_member_is_skipped(bring, source):
    path = write_zip(source / "study.zip", {"one": ds.part10(ds.smallest())}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert bring(path)[0] == {"skipped": 1}


def test_every_cut_of_a_zip_ends_in_counts(bring, source):
    whole = write_zip(source / "study.zip", {"one": ds.part10(ds.smallest())}).read_bytes()
    for length in range(4, len(whole), 7):
        (source / "study.zip").write_bytes(whole[:length])
        assert bring(source)[0] == {"skipped": 1}


def test_members_that_share_their_bytes_count_as_real_bytes(bring, source, monkeypatch):
    """Overlapping members: thousands of entries of the table of contents that lead to one member."""
    monkeypatch.setattr(zip_members, "FREE_INFLATED_BYTES", 1 << 18)
    path = write_zip(source / "one.zip", {"one": b"\0" * (1 << 16)})
    content = path.read_bytes()
    begin, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    table = content[begin:end] * 50
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 50, 50, len(table), begin, 0)
    path.write_bytes(content[:begin] + table + tail)
    assert bring(path)[0] == {"skipped": 50}
