"""Keymaps by name: those that ship reach every action without conflict; those of packages are asked for."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from archive.errors import BadInput
from noctis_tui.interface import keymap_profiles
from noctis_tui.interface.actions import EVERYWHERE
from noctis_tui.interface.key_names import parse_keys
from noctis_tui.interface.keymap import Keymap
from noctis_tui.interface.keymap_profiles import BUILT_IN, GROUP, keymap_of, layers_of, profiles
from noctis_tui.interface.registry import every_action
from noctis_tui.preferences import Preferences

REGISTRY = every_action()
MODES = {action.mode for action in REGISTRY if action.mode}
UNRELIABLE = {"ctrl+tab", "ctrl+enter", "ctrl+i", "ctrl+m", "ctrl+h", "ctrl+c", "ctrl+s", "ctrl+[", "^"}
"""What terminals drop, take for another key, or keep for themselves."""


def _keymap(name):
    return Keymap(REGISTRY, layers_of(name))


def _contexts(context):
    screen = context.partition("_")[0] if context in MODES else context
    return tuple(dict.fromkeys((context, screen, EVERYWHERE)))


def _is_reached(keymap, contexts, action):
    return any(keymap.find(contexts, keys) == action for keys in keymap.keys_of(action))


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_keymap_reaches_every_action_that_has_a_key(name):
    keymap, plain = _keymap(name), _keymap("noctis")
    for action in REGISTRY:
        if plain.keys_of(action):
            assert _is_reached(keymap, _contexts(action.context), action), (
                f"{name} never reaches {action.name}"
            )


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_there_everywhere_is_there_on_every_screen(name):
    keymap = _keymap(name)
    for context in set(REGISTRY.contexts) - MODES:
        for action in REGISTRY.of(EVERYWHERE):
            if action.name in {"help", "palette", "back", "quit", "cancel"}:
                reached = _is_reached(keymap, (context, EVERYWHERE), action)
                assert reached or context == "preset", f"{name}, {context}: {action.name}"


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_key_is_one_that_terminals_drop(name):
    for layer in layers_of(name):
        for bindings in layer.values():
            for written in bindings.values():
                for text in [written] if isinstance(written, str) else written:
                    for key in parse_keys(text):
                        assert key not in UNRELIABLE
                        assert not re.fullmatch(r"ctrl\+shift\+.|alt\+(shift\+)?(up|down|left|right)", key)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        (
            "weasis",
            {
                "rotate_left": "alt+l",
                "overlays": "i",
                "crosshair_tool": "h",
                "pan_tool": "t",
                "key_image": "k",
            },
        ),
        (
            "horos",
            {
                "pan_tool": "m",
                "rotate_right": "i",
                "flip_horizontally": "h",
                "arrow_tool": "q",
                "length_tool": "l",
            },
        ),
        (
            "ohif",
            {
                "rotate_left": "l",
                "flip_vertically": "v",
                "next_series": "pagedown",
                "reset": "space",
                "undo_mark": "ctrl+z",
            },
        ),
    ],
)
def test_they_are_true_to_what_those_programs_publish(name, keys):
    keymap = _keymap(name)
    for action, key in keys.items():
        assert keymap.find(("reading", EVERYWHERE), (key,)) == REGISTRY.find("reading", action)


def test_every_built_in_keymap_cites_where_it_comes_from():
    for name in set(BUILT_IN) - {"noctis"}:
        assert "https://" in BUILT_IN[name]().partition("[")[0]


def test_the_package_registers_its_own_as_others_do():
    project = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'[project.entry-points."{GROUP}"]' in project
    for name, function in BUILT_IN.items():
        assert f'{name} = "{function.__module__}:{function.__name__}"' in project


def test_single_keys_of_a_person_are_above_the_keymap():
    preferences = Preferences(keymap="ohif", keys={"reading": {"cine": "l"}})
    keymap = keymap_of(preferences)
    assert keymap.find(("reading",), ("l",)) == REGISTRY.find("reading", "cine")
    assert keymap.find(("reading",), ("h",)) == REGISTRY.find("reading", "flip_horizontally")


def test_an_unknown_keymap_is_refused_with_the_nearest():
    with pytest.raises(BadInput, match="there is no keymap weasi: did you mean weasis"):
        keymap_of(Preferences(keymap="weasi"))
    with pytest.raises(BadInput, match="there are noctis, weasis, horos, ohif"):
        keymap_of(Preferences(keymap="qqqq"))


def own() -> str:
    return '[reading]\ncine = "f9"\n'


def unreadable() -> str:
    return "[reading"


def failing() -> str:
    raise RuntimeError("it is broken")


@pytest.fixture
def installed(monkeypatch):
    def install(function):
        point = EntryPoint("clinic", f"{__name__}:{function.__name__}", GROUP)
        monkeypatch.setattr(EntryPoint, "load", lambda _: function)
        monkeypatch.setattr(keymap_profiles, "_installed", lambda: {"clinic": point})

    return install


def test_a_package_may_bring_a_keymap(installed):
    installed(own)
    assert profiles()[-1] == "clinic"
    keymap = keymap_of(Preferences(keymap="clinic"))
    assert keymap.find(("reading",), ("f9",)) == REGISTRY.find("reading", "cine")
    assert keymap.find(("reading",), ("w",)) == REGISTRY.find("reading", "window_tool")


@pytest.mark.parametrize(
    ("function", "sentence"), [(unreadable, "not valid TOML"), (failing, "cannot be loaded: it is broken")]
)
def test_a_keymap_that_does_not_load_is_said_by_name(installed, function, sentence):
    installed(function)
    with pytest.raises(BadInput, match=f"keymap clinic .*{sentence}"):
        keymap_of(Preferences(keymap="clinic"))
