import pytest

from noctis_tui.graphics.terminal.evidence import Evidence
from noctis_tui.graphics.terminal.probe import Replies
from noctis_tui.graphics.terminal.true_color import colors_of, tell_libraries


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Evidence(environment={"COLORTERM": "truecolor"}), "COLORTERM=truecolor"),
        (Evidence(environment={"COLORTERM": "24bit"}), "COLORTERM=24bit"),
        (Evidence(Replies(name="XTerm(379)", true_color=True)), "XTerm(379) says so"),
        (Evidence(Replies(name="ghostty 1.0")), "Ghostty is known"),
        (Evidence(environment={"TERM": "xterm-direct"}), "TERM=xterm-direct"),
    ],
)
def test_24_bit_colours_are_known_without_colorterm(evidence, reason):
    colors = colors_of(evidence)
    assert colors.true_color
    assert reason in colors.reason
    assert not colors.remedy


def test_a_terminal_that_says_nothing_has_256_colours_and_a_line_that_mends_it():
    colors = colors_of(Evidence(Replies(name="XTerm(330)"), None, {"TERM": "xterm-256color"}))
    assert not colors.true_color
    assert colors.remedy.startswith("export COLORTERM=truecolor")


def test_screen_is_not_believed_what_its_terminal_can_do():
    environment = {"STY": "1.pts", "COLORTERM": "truecolor"}
    assert not colors_of(Evidence(Replies(device="1;2"), None, environment)).true_color


def test_libraries_hear_what_was_found():
    environment = {"TERM": "xterm"}
    tell_libraries(true_color=True, environment=environment)
    assert environment["COLORTERM"] == "truecolor"
    tell_libraries(true_color=False, environment=environment)
    assert environment == {"TERM": "xterm"}
