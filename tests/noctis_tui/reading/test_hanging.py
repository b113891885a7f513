from importlib.metadata import EntryPoint
from itertools import product

import pytest

from archive.errors import BadInput
from noctis_tui.imaging.patient_space import EdgeLetters, opposite_letters, turn_to_show, turned
from noctis_tui.reading import hanging
from noctis_tui.reading.grid import Grid
from noctis_tui.reading.hanging import builtin, checked_hangings, every_rule, parse_hangings
from noctis_tui.reading.hanging_candidates import Candidate

RULES = parse_hangings(builtin(), "the built-in layouts")


def first_fitting(modalities, candidates, rules=RULES, description=""):
    """The name of the rule that would hang a study, and what it puts where."""
    for name, rule in rules.items():
        if rule.automatic and rule.may_fit(modalities, description):
            hung = rule.hung(candidates)
            if hung is not None:
                return name, hung
    return None


def views(*names):
    return [Candidate(n, "MG", view=name[1:], laterality=name[0]) for n, name in enumerate(names)]


def test_mammograms_hang_back_to_back_whatever_order_they_come_in():
    name, hung = first_fitting({"MG"}, views("LMLO", "RMLO", "LCC", "RCC"))
    assert name == "mammography"
    assert [candidate.laterality + candidate.view for candidate in hung] == ["RCC", "LCC", "RMLO", "LMLO"]
    rule = RULES[name]
    assert rule.grid == Grid(2, 2)
    assert [rule.orientation_of(pane) for pane in range(4)] == [
        *(("P", "L"), ("A", "R"), ("P", "F"), ("A", "F"))
    ]


def test_a_missing_view_leaves_its_pane_empty_and_a_single_one_is_not_hung():
    _, hung = first_fitting({"MG"}, views("RCC", "LCC", "LMLO"))
    assert [candidate and candidate.series_id for candidate in hung] == [0, 1, None, 2]
    assert first_fitting({"MG"}, views("RCC")) is None


@pytest.mark.parametrize("modality", ["CT", "MR", "US"])
def test_most_studies_open_in_one_pane(modality):
    name, hung = first_fitting({modality}, [Candidate(n, modality) for n in range(6)])
    assert RULES[name].grid.count == 1
    assert hung[0].series_id == 0


def test_pet_hangs_beside_its_ct_and_two_views_beside_each_other():
    name, hung = first_fitting({"CT", "PT"}, [Candidate(1, "PT"), Candidate(2, "CT"), Candidate(3, "CT")])
    assert (name, [candidate.series_id for candidate in hung]) == ("pet-ct", [2, 1])
    name, hung = first_fitting({"DX"}, [Candidate(1, "DX"), Candidate(2, "DX")])
    assert (name, len(hung)) == ("radiography", 2)
    assert first_fitting({"CR"}, [Candidate(1, "CR")]) is None


def test_every_built_in_rule_fits_its_layout():
    for name, rule in RULES.items():
        assert len(rule.panes) <= rule.grid.count, name
        assert rule.least <= rule.grid.count, name


def test_the_users_rule_takes_the_place_of_the_built_in_one_and_is_asked_first():
    own = {
        "mine": {"title": "Heads", "modality": ["CT"], "study_description": ["head"], "layout": "2x3"},
        "radiography": {"title": "One at a time", "modality": ["CR", "DX"]},
    }
    rules, refused = every_rule(own, "config.toml")
    assert (list(rules)[:2], refused) == (["mine", "radiography"], "")
    heads = [Candidate(1, "CT")]
    assert first_fitting({"CT"}, heads, rules, "CT HEAD w/o")[0] == "mine"
    assert first_fitting({"CT"}, heads, rules, "CT chest")[0] == "ct"
    assert rules["radiography"].grid.count == 1


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"titel": "x"}, "did you mean title"),
        ({"title": "x", "layot": "2x2"}, "did you mean layout"),
        ({"title": "x", "layout": "4x4"}, "from 1x1 to 3x3"),
        ({"title": "x", "panes": [{"viev": "CC"}]}, "did you mean view"),
        ({"title": "x", "panes": [{"laterality": "B"}]}, "laterality"),
        ({"title": "x", "panes": [{"plane": "axail"}]}, "axial"),
        ({"title": "x", "least": 0}, "least"),
        ({"title": 3}, "title"),
        ({}, "title"),
        ({"title": "x", "panes": [{}] * 10}, "panes"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_nearest_name(rule, sentence):
    with pytest.raises(BadInput, match=sentence) as caught:
        checked_hangings({"mine": rule}, "config.toml")
    assert str(caught.value).startswith("config.toml: hanging.mine")


def test_packages_bring_layouts_and_broken_ones_are_left_out(monkeypatch):
    good = EntryPoint("good", "package:rules", hanging.GROUP)
    bad = EntryPoint("bad", "package:broken", hanging.GROUP)
    texts = {"good": '[hanging.theirs]\ntitle = "T"\nlayout = "3x3"\n', "bad": "[hanging.x]\nlayout = 1"}
    monkeypatch.setattr(EntryPoint, "load", lambda point: texts[point.name])
    monkeypatch.setattr(hanging, "entry_points", lambda group: [good, bad])
    rules, refused = every_rule({}, "config.toml")
    assert rules["theirs"].grid == Grid(3, 3)
    assert "bad" in refused


@pytest.mark.parametrize(("right", "bottom"), [("P", "L"), ("A", "R"), ("P", "F"), ("A", "F")])
def test_every_way_a_breast_may_be_stored_is_turned_as_it_should_hang(right, bottom):
    for turns, mirrored in product(range(4), (False, True)):
        upright = EdgeLetters(opposite_letters(right), right, opposite_letters(bottom), bottom)
        stored = turned(upright, turns, mirrored)
        found = turn_to_show(stored, right, bottom)
        shown = turned(stored, *found)
        assert (shown.right, shown.bottom) == (right, bottom)
    assert turn_to_show(EdgeLetters(), right, bottom) is None
