import pytest
from recorded_terminals import (
    RECORDED,
    TMUX_33_OLD_KITTY,
    TMUX_33_XTERM,
    TMUX_35_KITTY,
    TMUX_35_XTERM,
)

from archive.errors import BadInput
from noctis_tui.graphics.terminal.detection import Wish, choose, detect, wished
from noctis_tui.graphics.terminal.evidence import Evidence
from noctis_tui.graphics.terminal.probe import Replies, Window, understand
from noctis_tui.graphics.terminal.tmux_client import understand_tmux

TMUX_33 = Replies(name="tmux 3.3a", device="1;2")
TMUX_35 = Replies(name="tmux 3.5a", sixel=True, color_registers=1024, cell_px=(8, 17), device="1;2;4")
NEW_KITTY = TMUX_35_KITTY.format("on")


def through_tmux(said, replies=TMUX_35, **environment):
    variables = {"TMUX": "/tmp/x,1,0", "TERM": "tmux-256color", **environment}
    return choose(Evidence(replies, understand_tmux(said), variables))


@pytest.mark.parametrize("terminal", RECORDED, ids=lambda terminal: terminal.name)
def test_each_terminal_gets_what_it_draws_best(terminal):
    environment = {"TERM": "xterm-256color"} | terminal.environment
    graphics = choose(Evidence(understand(terminal.replies, Window(24, 80, 0, 0)), None, environment))

    assert graphics.protocol == terminal.protocol
    assert graphics.true_color == (terminal.color_bits == 24)
    assert graphics.color_reason
    assert bool(graphics.color_remedy) <= (not graphics.true_color)
    assert terminal.remedy in graphics.remedy
    assert bool(terminal.remedy) == bool(graphics.remedy)
    if terminal.protocol != "blocks":
        assert (graphics.cell_width_px, graphics.cell_height_px) == terminal.cell_px
    assert not graphics.placeholders


def test_the_reason_names_the_reply_that_decided():
    xterm = choose(Evidence(understand(RECORDED[0].replies)))
    assert xterm.reason == "XTerm(379) reports sixel graphics (4 in DA1 63;1;2;4;6;9;15;16;22;28)"
    assert xterm.max_picture_px == (4096, 4096)
    assert xterm.color_registers == 256


# ---- tmux


def test_tmux_that_knows_a_sixel_client_sends_sixel():
    graphics = through_tmux(TMUX_35_XTERM)
    assert graphics.protocol == "sixel"
    assert graphics.whole_bands
    assert "feature sixel for XTerm(398)" in graphics.reason


def test_kitty_outside_tmux_gets_placeholders_through_the_passthrough():
    graphics = through_tmux(NEW_KITTY)
    assert graphics.protocol == "kitty"
    assert graphics.placeholders
    assert not graphics.whole_bands
    assert "allow-passthrough is on" in graphics.reason


@pytest.mark.parametrize(
    ("said", "replies", "reason", "remedy"),
    [
        (TMUX_35_KITTY.format("off"), TMUX_35, "allow-passthrough is off", "set -g allow-passthrough on"),
        (TMUX_33_OLD_KITTY, TMUX_33, "kitty(0.26.5) cannot", "kitty 0.28 or newer"),
        (TMUX_33_XTERM, TMUX_33, "tmux 3.3a passes no sixel", "tmux 3.4 or newer"),
        (TMUX_35_XTERM.replace("sixel,", ""), TMUX_35, "XTerm(398), outside tmux", "XTerm*decTerminalID"),
        (TMUX_35_XTERM.replace("sixel,", ""), Replies("tmux 3.5a"), "built without sixel", "--enable-sixel"),
        ("3.5a|on\nfoo|256|8|17|WezTerm 2024\n", TMUX_35, "does not know that WezTerm", "terminal-features"),
        ("3.5a|on\nvt220|256|0|0|\n", TMUX_35, "vt220, outside tmux, has no graphics", "outside tmux"),
        ("3.5a|on\n", TMUX_35, "no terminal is attached", "NOCTIS_GRAPHICS"),
        ("", TMUX_35, "does not say", "NOCTIS_GRAPHICS"),
    ],
)
def test_tmux_without_pictures_says_what_would_give_some(said, replies, reason, remedy):
    graphics = through_tmux(said, replies)
    assert graphics.protocol == "blocks"
    assert reason in graphics.reason
    assert remedy in graphics.remedy


def test_of_several_clients_the_one_that_can_least_counts():
    both = NEW_KITTY + TMUX_33_XTERM.splitlines(keepends=True)[1]
    assert understand_tmux(NEW_KITTY).answer == "kitty(0.41.1)"
    assert understand_tmux(both).answer == "XTerm(379)"
    assert through_tmux(both).protocol == "blocks"


def test_tmux_makes_256_colours_unless_its_client_has_24_bit_ones():
    graphics = through_tmux(TMUX_33_OLD_KITTY, TMUX_33, COLORTERM="truecolor")
    assert not graphics.true_color
    assert "set -as terminal-features ',xterm-kitty:RGB'" in graphics.color_remedy
    assert through_tmux(NEW_KITTY).true_color


def test_a_terminal_that_was_started_from_tmux_is_not_inside_it():
    xterm = understand(RECORDED[0].replies)
    assert choose(Evidence(xterm, None, {"TMUX": "/tmp/x,1,0"})).protocol == "sixel"
    assert choose(Evidence(xterm, None, {"STY": "1.pts"})).protocol == "sixel"


def test_a_client_that_calls_itself_what_it_likes_is_taken_at_its_printable_word():
    client = understand_tmux("3.5a|on\nxterm|256|x|17|evil|\x1b[2Jname\n")
    assert client.answer == "evil|[2Jname"
    assert client.cell_px is None


# ---- no terminal, or none that answers


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Evidence(), "this is not a terminal"),
        (Evidence(environment={"TERM": "dumb"}), "TERM=dumb"),
        (Evidence(environment={"TERM": "linux"}), "TERM=linux"),
        (Evidence(environment={"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}), "textual-serve"),
        (Evidence(silent=True), "did not answer"),
    ],
)
def test_who_does_not_answer_shows_cells(evidence, reason):
    graphics = choose(evidence)
    assert graphics.protocol == "blocks"
    assert reason in graphics.reason
    assert graphics.answers_late == evidence.silent


# ---- wishes


@pytest.mark.parametrize("wanted", ["sixel", "kitty", "blocks"])
def test_a_wish_is_followed_even_into_a_pipe(wanted):
    graphics = choose(Evidence(), Wish(wanted, "--graphics"))
    assert graphics.protocol == wanted
    assert graphics.cell_width_px >= 1
    assert graphics.reason == "--graphics asked for it"


def test_the_command_line_outranks_the_environment_and_that_the_preferences():
    environment = {"NOCTIS_GRAPHICS": "kitty"}
    assert wished("sixel", "blocks", environment) == Wish("sixel", "--graphics")
    assert wished(None, "blocks", environment) == Wish("kitty", "NOCTIS_GRAPHICS")
    assert wished(None, "blocks", {}) == Wish("blocks", "your preferences")
    assert wished(None, "auto", {}) is None


def test_kitty_is_wished_through_tmux_with_placeholders():
    evidence = Evidence(TMUX_33, None, {"TMUX": "/tmp/x,1,0"})
    assert choose(evidence, Wish("kitty", "--graphics")).placeholders


def test_an_unknown_wish_is_refused(monkeypatch):
    with pytest.raises(BadInput, match="sixel, kitty, blocks"):
        detect("regis")
    monkeypatch.setenv("NOCTIS_GRAPHICS", "bitmaps")
    with pytest.raises(BadInput, match="bitmaps"):
        detect()
