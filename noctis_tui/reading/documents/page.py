"""Text in the place of a picture: lines that a pane scrolls and a command prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import NotAnImage
from noctis_tui.reading.card import UnreadableFrame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINES_LIMIT = 20_000
_INDENT = "  "
_DEEPEST_INDENT = 12


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line, safe to show: what it is about, and what is said; a heading has no text."""

    label: str
    text: str = ""
    depth: int = 0

    @property
    def is_heading(self) -> bool:
        """Whether it names what the deeper lines below it say."""
        return not self.text

    @property
    def indent(self) -> str:
        """The blanks before it."""
        return _INDENT * min(self.depth, _DEEPEST_INDENT)

    @property
    def start(self) -> str:
        """What stands before the text."""
        return f"{self.indent}{self.label}" + (": " if self.label and self.text else "")


@dataclass(frozen=True, slots=True)
class TextPage(UnreadableFrame):
    """An instance that is read as text."""

    lines: tuple[TextLine, ...] = ()

    def plain(self) -> Iterator[str]:
        """Yield the whole page as lines without colours, for a terminal or a pipe."""
        yield self.title
        if self.reason:
            yield self.reason
        width = max((len(name) for name, _ in self.attributes), default=0)
        yield from (f"{name:<{width}}  {value}" for name, value in self.attributes)
        yield ""
        for line in self.lines:
            first, *others = line.text.split("\n")
            yield f"{line.start}{first}"
            yield from (f"{line.indent}{_INDENT}{other}" for other in others)


class ReadAsText(NotAnImage):
    """The instance has no picture, and is read as text: `page`."""

    def __init__(self, page: TextPage) -> None:
        super().__init__(f"{page.title} has no picture; noctis show prints it as text.")
        self.page = page


def page_of(
    title: str, about: Iterable[tuple[str, str]], lines: Iterable[TextLine], reason: str = ""
) -> TextPage:
    """Make a page of the lines that there are; what passes `LINES_LIMIT` is left out, and said to be."""
    kept: list[TextLine] = []
    for line in lines:
        if len(kept) >= LINES_LIMIT:
            kept.append(TextLine("", f"What follows is left out: there are more than {LINES_LIMIT:,} lines."))
            break
        kept.append(line)
    said = tuple((name, value) for name, value in about if value)
    size = 512 + sum(200 + len(line.label) + len(line.text) for line in kept)
    return TextPage(title, reason, said, size, tuple(kept))
