import json

import data_sets as ds
import pytest
from click.testing import CliRunner

from noctis_tui.cli import noctis

HOSTILE = b"\x1b]0;owned\x07[red]\x9b31m\xe2\x80\xae"


@pytest.fixture
def run(tmp_path):
    def running(*arguments):
        return CliRunner().invoke(noctis, ["--archive", str(tmp_path / "archive"), *map(str, arguments)])

    return running


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "one.dcm"
    private = ds.element(0x00090010, b"LO", HOSTILE) + ds.element(0x00091001, b"LO", b"x" * 5000)
    nested = ds.element(0x00081140, b"SQ", ds.item(ds.element(0x00081155, b"UI", b"1.2.9\0")))
    path.write_bytes(ds.part10(ds.smallest() + nested + private))
    return path


def test_every_element_is_a_line_and_nothing_obeys(run, file):
    shown = run("tags", file).output
    assert "(0008,0018) UI SOPInstanceUID" in shown
    assert "  (0008,1155) UI ReferencedSOPInstanceUID" in shown
    assert "␛]0;owned␇[red]\\x9b31m" in shown
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
    assert max(map(len, shown.splitlines())) < 250


def test_grep_is_caseless_and_a_bad_one_is_said(run, file):
    assert run("tags", file, "--grep", "sopinstanceuid$|sopinstanceuid +1").output.count("\n") == 3
    bad = run("tags", file, "--grep", "(")
    assert bad.exit_code == 2


def test_json_is_one_array_without_a_control_byte(run, file):
    output = run("tags", file, "--json").output
    assert output.isascii()
    assert "\x7f" not in output
    rows = json.loads(output)
    assert {"path", "tag", "vr", "keyword", "name", "depth", "length", "value"} == set(rows[0])
    assert json.loads(run("tags", file, "--json", "--grep", "nothing at all").output) == []


def test_a_uid_or_the_beginning_of_one(run, file):
    assert "imported" in run("import", file).output
    for target in ("1.2.3", "1.2."):
        assert "(0008,0018)" in run("tags", target).output


def test_what_is_not_there_is_a_sentence(run, tmp_path):
    for target in (tmp_path, tmp_path / "gone", "9.9.9"):
        result = run("tags", target)
        assert str(result.exception).endswith(".")
        assert type(result.exception).__module__ == "archive.errors"
