"""docs/preferences.md names every setting with its default and when it holds, and its examples read."""

import re
import tomllib
from pathlib import Path

import pytest

from archive.strict_toml import Table, parse_toml
from noctis_tui.interface.keymap_profiles import keymap_of
from noctis_tui.interface.preferences.settings import SETTINGS
from noctis_tui.preferences import Preferences

PAGE = (Path(__file__).parents[2] / "docs" / "preferences.md").read_text(encoding="utf-8")
ROWS = {
    name: (default, holds)
    for name, default, holds in re.findall(r"^\| `([\w.]+)` \| (.+?) \| (.+?) \|", PAGE, flags=re.MULTILINE)
}
EXAMPLES = re.findall(r"```toml\n(\[(?:\[preset|keys).*?)```", PAGE, flags=re.DOTALL)


def _settings(table=Preferences, path=()):
    for name, field in table.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Table):
            yield from _settings(kind, (*path, name))
        else:
            yield ".".join((*path, name)), field.get_default(call_default_factory=True)


def test_every_setting_stands_in_the_table_with_its_default():
    settings = dict(_settings())
    assert set(ROWS) == set(settings)
    for name, default in settings.items():
        written = ROWS[name][0]
        if written == "none":
            assert not default
        else:
            assert tomllib.loads(f"value = {written.strip('`')}")["value"] == default


def test_when_a_setting_holds_is_what_the_screen_says():
    for setting in SETTINGS:
        assert ROWS[setting.key][1] == setting.takes_effect


@pytest.mark.parametrize(
    "example", re.findall(r"```toml\n(\[(?:\[preset|keys).*?)```", PAGE, flags=re.DOTALL)
)
def test_the_examples_read(example):
    keymap_of(parse_toml(example, Preferences, "the example"))


def test_there_are_examples():
    assert len(EXAMPLES) == 2
