"""Any bytes at all as a file whose elements are listed, unfolded, and compared with another's."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from itertools import islice

from fuzzing import documents, drawn_objects, images
from fuzzing.written import encoded, file_of, image

from archive.comparing.comparison import compare_pair
from archive.comparing.ignoring import Ignoring
from archive.comparing.pairing import InstanceRef, Pair
from archive.dicom.attributes import attribute_of
from archive.dicom.element_tree import ElementTree
from archive.dicom.text import visible
from archive.errors import NoctisError
from archive.progress import CancelToken

LONGEST_INPUT = 4_096
NODES = 2_000
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


def seeds():
    """Give the seeds of the other readers of objects."""
    for target in (drawn_objects, documents, images):
        yield from target.seeds()


@cache
def _others():
    """Return files to compare with: an image, and a report with sequences."""
    report = next(iter(documents.seeds()))
    return file_of(encoded(image()), "other-image"), file_of(report, "other-report")


def check(data):
    """List and compare; fail when anything but a sentence comes, or a value holds a control when shown."""
    path = file_of(data)
    with suppress(NoctisError), ElementTree.open(path) as tree:
        for node in islice(tree.walk(), NODES):
            attribute = attribute_of(tree, node)
            assert not _CONTROLS.search(visible(attribute.value) + visible(attribute.name))
            tree.count(node)
    with suppress(NoctisError):
        for other in _others():
            left, right = (InstanceRef(each) for each in (path, other))
            compared = compare_pair(Pair(left, right), Ignoring(), CancelToken(), everything=True)
            for difference in compared.differences:
                assert not _CONTROLS.search(visible(difference.left) + visible(difference.right))
