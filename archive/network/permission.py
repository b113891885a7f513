"""What the peers of a facility may ask for: operations and SOP classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archive.facility import Facility, PermittedOperation

_VERIFICATION = "1.2.840.10008.1.1"
_QUERY_RETRIEVE = "1.2.840.10008.5.1.4.1.2."
_BY_LAST_COMPONENT: dict[str, PermittedOperation] = {"1": "find", "2": "move", "3": "get"}
"""The last component of the query and retrieve SOP classes (PS3.4 C.6)."""
_FIND = frozenset({"1.2.840.10008.5.1.4.31"})
"""Modality Worklist Information Model - FIND (PS3.4 K)."""


def operation_of(abstract_syntax: str) -> PermittedOperation:
    """Return what a presentation context with this abstract syntax is for: to store, if for nothing else."""
    if abstract_syntax == _VERIFICATION:
        return "echo"
    if abstract_syntax.startswith(_QUERY_RETRIEVE):
        return _BY_LAST_COMPONENT.get(abstract_syntax.rpartition(".")[2], "find")
    return "find" if abstract_syntax in _FIND else "store"


def may(facility: Facility | None, operation: PermittedOperation) -> bool:
    """Tell whether peers of a facility may do something; everybody may who belongs to none."""
    return not facility or not facility.operations or operation in facility.operations


def may_store(facility: Facility | None, sop_class_uid: str) -> bool:
    """Tell whether peers of a facility may store instances of a SOP class."""
    return not facility or not facility.sop_classes or sop_class_uid in facility.sop_classes
