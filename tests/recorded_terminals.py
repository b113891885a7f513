"""What real terminals answered to the questions of `noctis_tui.graphics.terminal.probe`, byte for byte.

Recorded under Xvfb on Debian 12 and 13; `documented` ones are put together from what their projects write.
"""

from __future__ import annotations

from dataclasses import dataclass, field

KITTY_OK = b"\x1b_Gi=4207;OK\x1b\\"
_SIXEL_XTERM = b"\x1b[?1;0;256S\x1b[?1;0;256S\x1b[?2;0;640;408S\x1b[?2;0;4096;4096S\x1b[?2026;0$y"


@dataclass(frozen=True)
class Recorded:
    """A terminal's replies, its variables, and what must come of them."""

    name: str
    replies: bytes
    protocol: str
    color_bits: int
    environment: dict[str, str] = field(default_factory=dict)
    remedy: str = ""
    cell_px: tuple[int, int] = (8, 17)
    documented: bool = False


RECORDED = (
    Recorded(
        "xterm 379 -ti vt340",
        b"\x1bP1$r0;38:2::1:2:3m\x1b\\\x1bP>|XTerm(379)\x1b\\\x1b[6;17;8t\x1b[4;408;640t"
        + _SIXEL_XTERM
        + b"\x1b[?63;1;2;4;6;9;15;16;22;28c",
        "sixel",
        24,
    ),
    Recorded(
        "xterm 379 -ti vt100",
        b"\x1bP1$r0;38:2::1:2:3m\x1b\\\x1bP>|XTerm(379)\x1b\\\x1b[6;17;8t\x1b[4;408;640t"
        b"\x1b[?1;3S\x1b[?1;3S\x1b[?2;3S\x1b[?2;3S\x1b[?2026;0$y\x1b[?1;2c",
        "blocks",
        24,
        remedy="XTerm*decTerminalID: vt340",
    ),
    Recorded(
        "xterm 398 -ti vt340",
        b"\x1bP1$r0;38:2::1:2:3m\x1b\\\x1bP>|XTerm(398)\x1b\\\x1b[6;17;8t\x1b[4;408;640t"
        + _SIXEL_XTERM
        + b"\x1b[?63;1;2;4;6;9;15;16;22;28c",
        "sixel",
        24,
    ),
    Recorded(
        "kitty 0.26.5",
        KITTY_OK
        + b"\x1bP0+r524742\x1b\\\x1bP0+r5463\x1b\\\x1bP1$r38:2:1:2:3m\x1b\\\x1bP>|kitty(0.26.5)\x1b\\"
        b"\x1b[6;17;8t\x1b[4;408;640t\x1b[?2026;2$y\x1b[?62;c",
        "kitty",
        24,
        {"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"},
    ),
    Recorded(
        "kitty 0.41.1",
        KITTY_OK
        + b"\x1bP0+r524742\x1b\\\x1bP1+r5463\x1b\\\x1bP1$r38:2:1:2:3m\x1b\\\x1bP>|kitty(0.41.1)\x1b\\"
        b"\x1b[6;17;8t\x1b[4;408;640t\x1b[?2026;2$y\x1b[?62;c",
        "kitty",
        24,
        {"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"},
    ),
    Recorded(
        "mlterm 3.9.0",
        b"\x1bP0+r\x1b\\\x1bP1$r0;38;5;16m\x1b\\\x1b[6;19;8t\x1b[4;456;640t\x1b[?1;0;1024S\x1b[?1;0;1024S"
        b"\x1b[?1;3;0S\x1b[?1;3;0S\x1b[?2026;0$y\x1b[?63;1;2;3;4;6;7;15;18;22;29c",
        "sixel",
        8,
        {"TERM": "mlterm", "MLTERM": "3.9.0"},
        cell_px=(8, 19),
    ),
    Recorded(
        "foot 1.21.0",
        b"\x1bP1+r524742=38\x1b\\\x1bP1+r5463\x1b\\\x1bP1$r0;38:2::1:2:3m\x1b\\\x1bP>|foot(1.21.0)\x1b\\"
        b"\x1b[6;17;8t\x1b[4;408;640t\x1b[?1;0;256S\x1b[?1;0;256S\x1b[?2;0;640;408S\x1b[?2;0;10000;10000S"
        b"\x1b[?2026;2$y\x1b[?62;4;22;28c",
        "sixel",
        24,
        {"TERM": "foot"},
    ),
    Recorded(
        "Konsole 22.12.3",
        KITTY_OK + b"\x1bP>|Konsole 22.12.3\x1b\\\x1b[6;18;8t\x1b[4;504;880t\x1b[?1;0;256S"
        b"\x1b[?2;0;16384;16384S\x1b[?2;0;16384;16384S\x1b[?62;1;4c",
        "sixel",
        24,
        {"KONSOLE_VERSION": "221203"},
        cell_px=(8, 18),
    ),
    Recorded(
        "GNU screen 4.9 in xterm",
        b"\x1b[?1;2c",
        "blocks",
        8,
        {"TERM": "screen.xterm-256color", "STY": "29086.pts-0.vm", "COLORTERM": "truecolor"},
        remedy="tmux 3.4 or newer",
    ),
    Recorded(
        "tmux 3.5a behind ssh",
        b"\x1bP>|tmux 3.5a\x1b\\\x1b[6;17;8t\x1b[4;391;640t\x1b[?1;3;256S"
        b"\x1b[?1;0;1024S\x1b[?2;3;0S\x1b[?1;2;4c",
        "blocks",
        8,
        {"TERM": "tmux-256color"},
        remedy="outside that tmux",
    ),
    Recorded(
        "Ghostty 1.0",
        KITTY_OK + b"\x1bP>|ghostty 1.0.1\x1b\\\x1b[6;17;8t\x1b[?2026;2$y\x1b[?62;22c",
        "kitty",
        24,
        {"TERM": "xterm-ghostty"},
        documented=True,
    ),
    Recorded(
        "WezTerm",
        KITTY_OK + b"\x1bP>|WezTerm 20240203-110809-5046fc22\x1b\\\x1b[6;17;8t\x1b[?1;0;65536S\x1b[?2026;2$y"
        b"\x1b[?65;4;6;18;22c",
        "sixel",
        24,
        documented=True,
    ),
    Recorded(
        "iTerm2",
        b"\x1bP>|iTerm2 3.5.4\x1b\\\x1b[4;408;640t\x1b[?62;4c",
        "sixel",
        24,
        {"LC_TERMINAL": "iTerm2"},
        documented=True,
    ),
    Recorded(
        "Windows Terminal 1.22",
        b"\x1b[6;20;10t\x1b[?1;0;256S\x1b[?61;4;6;7;14;21;22;23;24;28;32;42c",
        "sixel",
        24,
        {"WT_SESSION": "00000000-0000-0000-0000-000000000000"},
        cell_px=(10, 20),
        documented=True,
    ),
    Recorded(
        "Windows Terminal 1.18",
        b"\x1b[?61;6;7;22;23;24;28;32;42c",
        "blocks",
        24,
        {"WT_SESSION": "00000000-0000-0000-0000-000000000000"},
        remedy="1.22",
        documented=True,
    ),
    Recorded(
        "Alacritty",
        b"\x1b[?6c",
        "blocks",
        24,
        {"ALACRITTY_WINDOW_ID": "1"},
        remedy="kitty, foot",
        documented=True,
    ),
    Recorded(
        "GNOME Terminal",
        b"\x1bP>|VTE(7600)\x1b\\\x1b[?65;1;9c",
        "blocks",
        24,
        {"VTE_VERSION": "7600"},
        remedy="kitty, foot",
        documented=True,
    ),
    Recorded("a terminal nobody knows", b"\x1b[?62;4c", "sixel", 8, cell_px=(10, 20), documented=True),
    Recorded("a VT330", b"\x1b[?1;0;2S\x1b[?62;4c", "blocks", 8, remedy="numColorRegisters"),
)

TMUX_33_XTERM = (
    "3.3a|1\nxterm-256color|256,bpaste,ccolour,clipboard,cstyle,extkeys,focus,mouse,RGB,strikethrough,title"
    "|8|17|XTerm(379)\n"
)
TMUX_35_XTERM = (
    "3.5a|off\nxterm-256color|256,bpaste,ccolour,clipboard,cstyle,extkeys,focus,mouse,rectfill,RGB,sixel,"
    "strikethrough,title|8|17|XTerm(398)\n"
)
TMUX_33_OLD_KITTY = "3.3a|1\nxterm-kitty|bpaste,ccolour,clipboard,cstyle,focus,title|8|17|kitty(0.26.5)\n"
TMUX_35_KITTY = (
    "3.5a|{}\nxterm-kitty|bpaste,ccolour,clipboard,cstyle,focus,RGB,sync,title|8|17|kitty(0.41.1)\n"
)
