"""What varies within a series: the elements whose values are not the same in all of its instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.comparing.elements import PIXELS
from archive.dicom.attributes import attribute_of
from archive.dicom.element_tree import ElementTree
from archive.errors import NoctisError
from archive.progress import CancelToken, Progress, unheard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from archive.dicom.attributes import Attribute
    from archive.progress import ProgressListener

MOST_VARYING = 2_000
"""Elements that are told to vary; where more do, the instances are not of one kind."""
MOST_ELEMENTS = 20_000
"""Elements of one instance that are looked at."""
SHOWN_BYTES = 256
"""Bytes of a value that are compared and shown."""


@dataclass(slots=True)
class VaryingElement:
    """An element that differs within the series.

    Attributes
    ----------
    values
        One for each instance, None where it has no such element; **hostile** as `Attribute.value`.
    """

    path: str
    vr: str
    keyword: str
    name: str
    values: list[str | None]

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(set(self.values))


def variation(
    files: Sequence[Path], *, heard: ProgressListener = unheard, token: CancelToken | None = None
) -> list[VaryingElement]:
    """Return the elements that vary within a series, nested and private ones too, in order.

    Pixels are left out: they always vary. An instance that cannot be read counts as one without elements.

    Raises
    ------
    Cancelled
        Asked to stop.
    """
    token, gathered = token or CancelToken(), _Gathered()
    for done, file in enumerate(files):
        token.check()
        heard(Progress(done, len(files), "instances"))
        gathered.add(_elements_of(file))
    heard(Progress(len(files), len(files), "instances"))
    return [gathered.varying[path] for path in sorted(gathered.varying)]


def _elements_of(file: Path) -> dict[str, Attribute]:
    try:
        with ElementTree.open(file) as tree:
            return {attribute.path: attribute for attribute in _attributes(tree)}
    except NoctisError:
        return {}


def _attributes(tree: ElementTree) -> Iterator[Attribute]:
    for seen, node in enumerate(tree.walk()):
        if seen >= MOST_ELEMENTS:
            return
        # Group lengths follow from the rest.
        if node.sequence is None and node.tag not in PIXELS and node.tag & 0xFFFF:
            yield attribute_of(tree, node, SHOWN_BYTES)


class _Gathered:
    """Keeps one value of what has been the same so far, and all values of what has not."""

    def __init__(self) -> None:
        self._constant: dict[str, Attribute] = {}
        self._instances = 0
        self.varying: dict[str, VaryingElement] = {}

    def add(self, elements: dict[str, Attribute]) -> None:
        """Take the elements of the next instance."""
        for path, varying in self.varying.items():
            found = elements.get(path)
            varying.values.append(None if found is None else found.value)
        for path, attribute in list(self._constant.items()):
            found = elements.get(path)
            if found is None or found.value != attribute.value:
                del self._constant[path]
                self._vary(attribute, attribute.value, None if found is None else found.value)
        for path, attribute in elements.items():
            if path not in self._constant and path not in self.varying:
                if self._instances:
                    self._vary(attribute, None, attribute.value)
                else:
                    self._constant[path] = attribute
        self._instances += 1

    def _vary(self, attribute: Attribute, before: str | None, now: str | None) -> None:
        if len(self.varying) < MOST_VARYING:
            values = [before] * self._instances + [now]
            name = attribute.path, attribute.vr, attribute.keyword, attribute.name
            self.varying[attribute.path] = VaryingElement(*name, values)
