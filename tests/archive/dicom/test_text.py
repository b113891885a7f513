import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.dicom.text import decode_text, person_name, visible

DANGEROUS = [
    chr(code)
    for code in range(0x110000)
    if unicodedata.category(chr(code)) in {"Cc", "Cs", "Zl", "Zp"}
    or unicodedata.bidirectional(chr(code)) in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    or code in {0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x61C, 0xE0041}
]


def test_nothing_that_a_terminal_obeys_or_hides_is_left():
    assert len(DANGEROUS) > 2000
    shown = visible("".join(DANGEROUS))
    assert not set(shown) & set(DANGEROUS)
    shown.encode()


def test_what_it_looks_like():
    assert visible("a\x1b]0;x\x07b\x7f\x9b\u202e\ud800\U000e0041") == (
        "a␛]0;x␇b␡\\x9b\\u202e\\ud800\\U000e0041"
    )


@pytest.mark.parametrize("name", ["Müller^Jürgen", "山田^太郎", "Люкceмбypг", "قباني^لنزار", "[red]=+@"])
def test_names_of_people_stay_as_they_are(name):
    assert visible(name) == name


@given(st.text(), st.integers(0, 20))
def test_the_limit_holds(text, limit):
    shown = visible(text, limit)
    assert len(shown) <= limit
    if len(visible(text)) <= limit:
        assert shown == visible(text)


def test_ten_megabytes_are_cut_before_anything():
    assert visible("\x1b" * 10_000_000, 5) == "␛␛␛␛…"


@pytest.mark.parametrize(
    ("raw", "character_sets", "text"),
    [
        (b"Buc^J\xe9r\xf4me", ("ISO_IR 100",), "Buc^Jérôme"),
        (b"Buc^J\xe9r\xf4me", (), "Buc^Jérôme"),
        ("王^小東".encode(), ("ISO_IR 192",), "王^小東"),
        ("王^小东".encode("gb18030"), ("GB18030",), "王^小东"),
        (b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", ("", "ISO 2022 IR 87"), "Yamada^Tarou=山田^太郎"),
        (b"\x1b$)C\xb1\xe8", ("", "ISO 2022 IR 149"), "김"),
        (b"\x1b$)A\xd5\xc5", ("", "ISO 2022 IR 58"), "张"),
        (b"\xff\xfe", ("ISO_IR 192",), "\ufffd\ufffd"),
        (b"\xe4", ("ISO_IR 9999",), "ä"),
        (b"plain", ("ISO 2022 IR 87", "nonsense"), "plain"),
    ],
)
def test_character_sets(raw, character_sets, text):
    assert decode_text(raw, character_sets) == text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Doe^Jane^M^Dr^Jr", "Doe, Jane M Dr Jr"),
        ("Doe", "Doe"),
        ("^Jane", "Jane"),
        ("=山田^太郎", "山田, 太郎"),
        ("Yamada^Tarou=山田^太郎=", "Yamada, Tarou"),
        ("", ""),
        ("^^^^", ""),
    ],
)
def test_person_names(raw, shown):
    assert person_name(raw) == shown
