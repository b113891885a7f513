"""docs/keys.md is what the registry and the keymaps say now."""

from pathlib import Path

from noctis_tui.interface.keys_document import keys_document
from noctis_tui.interface.registry import every_action

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"


def test_the_page_is_current():
    made = "run: python -m noctis_tui.interface.keys_document docs/keys.md"
    assert PAGE.read_text(encoding="utf-8") == keys_document(), made


def test_every_action_stands_in_it():
    document = keys_document()
    for action in every_action():
        assert f"| `{action.name}` |" in document
