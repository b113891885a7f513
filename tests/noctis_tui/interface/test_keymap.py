"""Keymaps: sequences, modes, several keys, layers, and refusals that offer the nearest name."""

from __future__ import annotations

import re

import pytest

from archive.errors import BadInput
from noctis_tui.interface.actions import Action, ActionRegistry
from noctis_tui.interface.key_names import key_label, parse_keys
from noctis_tui.interface.keymap import Keymap, Pending
from noctis_tui.interface.keymap_profiles import layers_of
from noctis_tui.interface.registry import every_action

REGISTRY = ActionRegistry(
    [
        Action("quit", "Leave", "All", "everywhere"),
        Action("read", "Read", "Study", "worklist"),
        Action("tags", "Tags", "Study", "worklist"),
        Action("next_finding", "Next finding", "Study", "worklist"),
        Action("window_mode", "Window", "Window", "worklist", mode="window"),
        Action("wider", "Wider", "Window", "window"),
    ]
)
LAYER = {
    "everywhere": {"quit": ["ctrl+q", "q"]},
    "worklist": {"read": "enter", "tags": "d", "next_finding": "]q", "window_mode": "w"},
    "window": {"wider": "d"},
}


def test_a_key_finds_its_action_and_several_keys_may():
    keymap = Keymap(REGISTRY, [LAYER])
    assert keymap.find(("worklist", "everywhere"), ("enter",)) == REGISTRY.find("worklist", "read")
    for key in ("ctrl+q", "q"):
        assert keymap.find(("worklist", "everywhere"), (key,)) == REGISTRY.find("everywhere", "quit")
    assert keymap.find(("worklist", "everywhere"), ("x",)) is None


def test_a_sequence_is_pending_until_it_is_complete():
    keymap = Keymap(REGISTRY, [LAYER])
    assert keymap.find(("worklist",), ("]",)) == Pending(("]",))
    assert keymap.find(("worklist",), ("]", "q")) == REGISTRY.find("worklist", "next_finding")
    assert keymap.find(("worklist",), ("]", "x")) is None


def test_the_keys_of_a_mode_come_before_those_of_the_screen():
    keymap = Keymap(REGISTRY, [LAYER])
    assert keymap.find(("window", "worklist"), ("d",)) == REGISTRY.find("window", "wider")
    assert keymap.find(("worklist",), ("d",)) == REGISTRY.find("worklist", "tags")


def test_a_person_s_keys_replace_those_of_the_action_and_take_them_from_others():
    keymap = Keymap(REGISTRY, [LAYER, {"worklist": {"read": "d"}}])
    assert keymap.find(("worklist",), ("d",)) == REGISTRY.find("worklist", "read")
    assert keymap.find(("worklist",), ("enter",)) is None
    tags = REGISTRY.find("worklist", "tags")
    assert tags is not None
    assert keymap.labels_of(tags) == ()


def test_no_key_unbinds_an_action():
    keymap = Keymap(REGISTRY, [LAYER, {"worklist": {"tags": []}}])
    assert keymap.find(("worklist",), ("d",)) is None


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ({"worklst": {}}, "did you mean worklist?"),
        ({"worklist": {"reed": "r"}}, "did you mean read?"),
        ({"worklist": {"read": "entr"}}, "did you mean enter?"),
        ({"worklist": {"read": "crtl+d"}}, "did you mean ctrl"),
        ({"worklist": {"read": ""}}, 'write "space"'),
        ({"worklist": {"read": "x", "tags": "x"}}, "because x is read"),
        ({"worklist": {"read": "g", "tags": "g g"}}, "because g is read"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_nearest_offer(layer, sentence):
    with pytest.raises(BadInput, match=re.escape(sentence)):
        Keymap(REGISTRY, [LAYER, layer])


@pytest.mark.parametrize(
    ("text", "keys", "label"),
    [
        ("[q", ("[", "q"), "[q"),
        ("g g", ("g", "g"), "gg"),
        ("Ctrl+D", ("ctrl+d",), "Ctrl+D"),
        ("shift+UP", ("shift+up",), "Shift+↑"),
        ("pgdn", ("pagedown",), "PgDn"),
        ("G", ("G",), "G"),
        ("ctrl++", ("ctrl++",), "Ctrl++"),
        ("+", ("+",), "+"),
    ],
)
def test_keys_are_read_and_shown_as_a_person_writes_them(text, keys, label):
    assert parse_keys(text) == keys
    assert key_label(keys) == label


def test_the_built_in_keymap_fits_the_registry():
    Keymap(every_action(), layers_of("noctis"))
