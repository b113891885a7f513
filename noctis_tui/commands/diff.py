"""`noctis diff`: what differs between two instances, series or studies."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from archive.dicom.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.commands.site import Site
    from archive.comparing import Difference, InstanceDifferences, InstanceRef
    from archive.comparing.summary import Summary, SummaryRow

_VALUE_LIMIT = 100
_SIGNS = {"changed": "~", "removed": "-", "added": "+", "vr": "~", "pixels": "~", "unread": "!"}


@click.command("diff")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="WORD",
    help="Does not count: a keyword, a tag, or one of uids, dates, private, pixels. May be repeated.",
)
@click.option("--all", "everything", is_flag=True, help="Count everything, how the files were written too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of lines.")
@click.pass_obj
def diff_command(
    site: Site, left: str, right: str, ignored: tuple[str, ...], everything: bool, as_json: bool
) -> None:
    """Show what differs between A and B: files, folders, or UIDs (or their beginnings) of the archive.

    Instances are compared with those of the same SOP Instance UID, else of the same number or position.
    Exit code 0: the same; 1: they differ; 2: one of them cannot be read.

    Example: noctis diff before.dcm after.dcm --ignore uids
    """
    from archive.comparing import Ignoring, compare_sides
    from archive.comparing.sides import side_of_target
    from archive.comparing.summary import Summary
    from noctis_tui.preferences import read_preferences

    own = () if everything else tuple(read_preferences(site.config).diff.ignore)
    ignoring = Ignoring.of([*own, *ignored], everything_counts=everything)
    sides = side_of_target(left, site.archive), side_of_target(right, site.archive)
    summary = Summary()
    found = _summed(compare_sides(*sides, ignoring), summary)
    if as_json:
        _print_json(found, summary)
    elif len(sides[0]) == len(sides[1]) == 1:
        _print_one(found, summary)
    else:
        _print_many(found, summary)
    sys.exit(0 if summary.same else 1)


def _summed(found: Iterable[InstanceDifferences], summary: Summary) -> Iterator[InstanceDifferences]:
    for each in found:
        summary.add(each)
        yield each


# ---- for people


def _print_one(found: Iterable[InstanceDifferences], summary: Summary) -> None:
    for each in found:
        for difference in each.differences:
            if difference.counts:
                click.echo(_line(difference))
        if each.cut:
            click.echo("There are more differences than are listed.")
    if summary.same:
        click.echo("No difference.")


def _print_many(found: Iterable[InstanceDifferences], summary: Summary) -> None:
    for each in found:
        if each.pair.left is None and each.pair.right is not None:
            click.echo(f"+ {_name(each.pair.right)}")
        elif each.pair.right is None and each.pair.left is not None:
            click.echo(f"- {_name(each.pair.left)}")
    for row in summary.rows:
        if row.example.counts:
            click.echo(_summary_line(row, summary.pairs))
    alone = f", {summary.without_partner} have no partner" if summary.without_partner else ""
    click.echo(f"{summary.different} of {summary.pairs} instances differ{alone}.")


def _line(difference: Difference) -> str:
    return f"{_SIGNS[difference.kind]} {_label(difference):58} {_change(difference)}".rstrip()


def _summary_line(row: SummaryRow, pairs: int) -> str:
    how = "" if row.alike else "e.g. "
    label = f"{_SIGNS[row.example.kind]} {_label(row.example):58}"
    return f"{label} {row.instances}/{pairs}  {how}{_change(row.example)}".rstrip()


def _label(difference: Difference) -> str:
    if not difference.path:
        return "cannot be read to its end"
    name = difference.keyword or difference.name
    return f"{difference.path} {visible(difference.vr, 2)} {visible(name, 60)}"


def _change(difference: Difference) -> str:
    left, right = (visible(value, _VALUE_LIMIT) for value in (difference.left, difference.right))
    note = f"({visible(difference.note, 200)})" if difference.note else ""
    if difference.kind in {"removed", "added"}:
        return left or right
    if left == right and note:
        return f"{left} {note}".strip()
    return f"{left or '(empty)'} → {right or '(empty)'} {note}".rstrip()


def _name(ref: InstanceRef) -> str:
    return visible(f"{ref.path}  {ref.sop_instance_uid}", 300)


# ---- for programs


def _print_json(found: Iterable[InstanceDifferences], summary: Summary) -> None:
    """Print the document as it comes: a study may have thousands of pairs."""
    alone: dict[str, list[dict[str, Any]]] = {"only_left": [], "only_right": []}
    separator = '{"pairs": ['
    for each in found:
        left, right = each.pair.left, each.pair.right
        if left is not None and right is not None:
            click.echo(f"{separator}{_json(_pair(each, left, right))}", nl=False)
            separator = ",\n"
        elif left is not None:
            alone["only_left"].append(_instance(left))
        elif right is not None:
            alone["only_right"].append(_instance(right))
    begin = '{"pairs": [' if separator.startswith("{") else ""
    rest = {**alone, "different": summary.different, "same": summary.same}
    click.echo(f"{begin}], {_json(rest)[1:]}")


def _pair(each: InstanceDifferences, left: InstanceRef, right: InstanceRef) -> dict[str, Any]:
    return {
        "left": _instance(left),
        "right": _instance(right),
        "matched_by": each.pair.matched_by,
        "same": each.same,
        "cut": each.cut,
        "differences": [_difference(difference) for difference in each.differences],
    }


def _instance(ref: InstanceRef) -> dict[str, Any]:
    return {"path": str(ref.path), "sop_instance_uid": ref.sop_instance_uid}


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "path": difference.path,
        "tag": f"{difference.tag:08X}",
        "vr": difference.vr,
        "keyword": difference.keyword,
        "name": difference.name,
        "kind": str(difference.kind),
        "left": difference.left,
        "right": difference.right,
        "note": difference.note,
        "ignored": difference.ignored,
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value).replace("\x7f", "\\u007f")  # the one control that JSON leaves as it is
