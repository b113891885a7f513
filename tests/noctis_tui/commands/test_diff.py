import json

import data_sets as ds
import pytest
from click.testing import CliRunner

from noctis_tui.cli import noctis

HOSTILE = b"\x1b]0;owned\x07[red]"


@pytest.fixture
def run(tmp_path):
    def running(*arguments):
        where = ["--archive", str(tmp_path / "archive"), "--config", str(tmp_path / "config.toml")]
        return CliRunner().invoke(noctis, [*where, *map(str, arguments)])

    return running


def instance(path, name, sop="1.2.3", number=b"1 ", series="1.2.4", study="1.2"):
    path.parent.mkdir(exist_ok=True)
    extra = ds.element(0x00100010, b"PN", name) + ds.element(0x00200013, b"IS", number)
    path.write_bytes(ds.part10(ds.smallest(sop, study, series) + extra, sop=sop))
    return path


@pytest.fixture
def files(tmp_path):
    return instance(tmp_path / "a.dcm", b"Doe^Jane"), instance(tmp_path / "b.dcm", HOSTILE)


def test_exit_codes_and_lines(run, files, tmp_path):
    same = run("diff", files[0], files[0])
    assert (same.exit_code, same.output) == (0, "No difference.\n")
    differ = run("diff", *files)
    assert differ.exit_code == 1
    assert "~ (0010,0010) PN PatientName" in differ.output
    assert "Doe^Jane → ␛]0;owned␇[red]" in differ.output
    assert run("diff", *files, "--ignore", "PatientName").exit_code == 0
    for wrong in (("diff", files[0], tmp_path / "gone"), ("diff", *files, "--ignore", "PatientNam")):
        result = run(*wrong)
        assert result.exception.exit_code == 2
        assert str(result.exception).endswith((".", "?"))


def test_a_persons_own_list_is_ignored_too(run, files, tmp_path):
    (tmp_path / "config.toml").write_text('[diff]\nignore = ["PatientName"]\n')
    assert run("diff", *files).exit_code == 0
    assert run("diff", *files, "--all").exit_code == 1


def test_json_tells_everything_and_holds_no_control(run, files):
    result = run("diff", *files, "--json")
    assert result.output.isascii()
    assert "\x07" not in result.output
    document = json.loads(result.output)
    assert (document["same"], document["different"]) == (False, 1)
    (pair,) = document["pairs"]
    assert pair["matched_by"] == "uid"
    (difference,) = pair["differences"]
    assert difference["path"] == "(0010,0010)"
    assert (difference["kind"], difference["left"]) == ("changed", "Doe^Jane")
    assert json.loads(run("diff", files[0], files[0], "--json").output)["same"] is True


def test_folders_and_uids_of_the_archive(run, tmp_path):
    for number in range(3):
        instance(tmp_path / "left" / f"{number}.dcm", b"Doe", f"1.2.3.{number}", str(number).encode())
        instance(
            tmp_path / "right" / f"{number}.dcm", b"Roe", f"9.2.3.{number}", str(number).encode(), "9.1", "9"
        )
    instance(tmp_path / "left" / "more.dcm", b"Doe", "1.2.3.9", b"9")
    (tmp_path / "left" / "notes.txt").write_text("not DICOM")
    shown = run("diff", tmp_path / "left", tmp_path / "right", "--ignore", "uids")
    assert shown.exit_code == 1
    assert "3/3  Doe → Roe" in shown.output
    assert "3 of 3 instances differ, 1 have no partner." in shown.output
    for side in ("left", "right"):
        assert run("import", tmp_path / side).exit_code == 0
    document = json.loads(
        run("diff", "1.2", "9", "--json", "--ignore", "uids", "--ignore", "PatientName").output
    )
    assert len(document["pairs"]) == 3
    assert document["different"] == 0
    assert [each["sop_instance_uid"] for each in document["only_left"]] == ["1.2.3.9"]
    assert document["same"] is False
    assert run("diff", "1.2.3.0", "1.2.3.0").exit_code == 0
