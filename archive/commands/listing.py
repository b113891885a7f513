"""`noctis studies`, `series` and `instances`: the worklist headless, a level at a time."""

from __future__ import annotations

from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import click

from archive.commands.printing import Column, print_json, print_json_lines, print_table, size
from archive.dicom.text import person_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from archive.commands.site import Site
    from archive.index.database import Index
    from archive.index.matching import StudyFilter
    from archive.index.worklist import InstanceRow, SeriesRow, StudyRow

PAGE = 1000
_SORTS = ("received", "date", "name", "patient_id", "accession", "description", "modalities")
_SORTS_BY_COUNT = ("series", "instances", "size", "last_received")
_DESCENDING = frozenset({"received", "date", *_SORTS_BY_COUNT})

_Fields = dict[str, Any]
_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON array.")
_jsonl_option = click.option("--jsonl", "as_jsonl", is_flag=True, help="One JSON object a line.")


@click.command("studies")
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--after", metavar="CURSOR", help="Begin behind this study: the last one's Study Instance UID.")
@click.option("--sort", type=click.Choice(_SORTS + _SORTS_BY_COUNT), default="received", show_default=True)
@click.option("--reverse", is_flag=True, help="The other way round.")
@_json_option
@_jsonl_option
@click.pass_obj
def studies_command(
    site: Site,
    words: tuple[str, ...],
    limit: int | None,
    after: str | None,
    sort: str,
    *,
    reverse: bool,
    as_json: bool,
    as_jsonl: bool,
) -> None:
    """List studies, the newest arrival first.

    FILTER words are looked for in the patient's name and ID, the accession number and the description,
    without case and accents; * stands for any text. modality:CT,MR and date:20260101-20260131 narrow further.

    Example: noctis studies smith modality:CT date:20260101- --limit 20
    """
    from archive.commands.filter_words import study_filter
    from archive.reindexing import open_archive

    wanted = study_filter(words)
    with open_archive(site.archive) as archive:
        descending = (sort in _DESCENDING) != reverse
        rows = _paged(archive.index, wanted, sort, after, descending=descending)
        _print(map(_study, islice(rows, limit)), _STUDY_COLUMNS, as_json=as_json, as_jsonl=as_jsonl)


@click.command("series")
@click.argument("study")
@_json_option
@_jsonl_option
@click.pass_obj
def series_command(site: Site, study: str, *, as_json: bool, as_jsonl: bool) -> None:
    """List the series of a study, named by its UID or the beginning of it.

    Example: noctis series 1.3.6.1.4.1.5962.1.2
    """
    from archive.index.targets import find_study
    from archive.index.worklist import series_of
    from archive.reindexing import open_archive

    with open_archive(site.archive) as archive:
        of = find_study(archive.index, study)
        rows = [_series(of, row) for row in series_of(archive.index, of.id)]
        _print(rows, _SERIES_COLUMNS, as_json=as_json, as_jsonl=as_jsonl)


@click.command("instances")
@click.argument("series")
@_json_option
@_jsonl_option
@click.pass_obj
def instances_command(site: Site, series: str, *, as_json: bool, as_jsonl: bool) -> None:
    """List the instances of a series, named by its UID or the beginning of it.

    Example: noctis instances 1.3.6.1.4.1.5962.1.3 --json
    """
    from archive.index.targets import find_series
    from archive.index.worklist import instances_of
    from archive.reindexing import open_archive

    with open_archive(site.archive) as archive:
        rows = map(_instance, instances_of(archive.index, find_series(archive.index, series).id))
        _print(rows, _INSTANCE_COLUMNS, as_json=as_json, as_jsonl=as_jsonl)


def _print(rows: Iterable[_Fields], columns: Sequence[Column], *, as_json: bool, as_jsonl: bool) -> None:
    if as_json:
        print_json(rows)
    elif as_jsonl:
        print_json_lines(rows)
    else:
        print_table(rows, columns)


def _paged(
    index: Index, wanted: StudyFilter, sort: str, after: str | None, *, descending: bool
) -> Iterator[StudyRow]:
    from archive.index.targets import find_study
    from archive.index.worklist import Sort, studies

    last = None if after is None else find_study(index, after)
    while True:
        page = studies(index, wanted, sort=Sort(sort), descending=descending, limit=PAGE, after=last)
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1]


def _study(row: StudyRow) -> _Fields:
    return {
        "patient_id": row.patient_id,
        "patient_name": row.patient_name,
        "study_date": row.study_date,
        "modalities": list(row.modalities),
        "description": row.study_description,
        "accession_number": row.accession_number,
        "series": row.series_count,
        "instances": row.instance_count,
        "bytes": row.size_bytes,
        "state": row.state,
        "qa": row.qa_status,
        "study_instance_uid": row.study_instance_uid,
    }


def _series(study: StudyRow, row: SeriesRow) -> _Fields:
    return {
        "series_instance_uid": row.series_instance_uid,
        "modality": row.modality,
        "series_number": row.series_number,
        "description": row.series_description,
        "body_part_examined": row.body_part_examined,
        "instances": row.instance_count,
        "frames": row.frame_count,
        "bytes": row.size_bytes,
        "study_instance_uid": study.study_instance_uid,
    }


def _instance(row: InstanceRow) -> _Fields:
    return {
        "sop_instance_uid": row.sop_instance_uid,
        "sop_class_uid": row.sop_class_uid,
        "transfer_syntax_uid": row.transfer_syntax_uid,
        "instance_number": row.instance_number,
        "rows": row.rows,
        "columns": row.columns,
        "frames": row.number_of_frames,
        "bytes": row.size_bytes,
        "path": str(row.path),
    }


def _known(name: str) -> Callable[[_Fields], object]:
    return lambda fields: "" if fields[name] is None else fields[name]


_STUDY_COLUMNS = (
    Column("Patient", lambda fields: person_name(fields["patient_name"])),
    Column("ID", itemgetter("patient_id")),
    Column("Date", itemgetter("study_date")),
    Column("Mod", lambda fields: " ".join(fields["modalities"])),
    Column("Description", itemgetter("description")),
    Column("Accession", itemgetter("accession_number")),
    Column("Ser", itemgetter("series"), number=True),
    Column("Inst", itemgetter("instances"), number=True),
    Column("Size", lambda fields: size(fields["bytes"]), number=True),
    Column("State", itemgetter("state")),
    Column("QA", _known("qa")),
    Column("Study Instance UID", itemgetter("study_instance_uid")),
)
_SERIES_COLUMNS = (
    Column("No", _known("series_number"), number=True),
    Column("Mod", itemgetter("modality")),
    Column("Description", itemgetter("description")),
    Column("Body part", itemgetter("body_part_examined")),
    Column("Inst", itemgetter("instances"), number=True),
    Column("Frames", itemgetter("frames"), number=True),
    Column("Size", lambda fields: size(fields["bytes"]), number=True),
    Column("Series Instance UID", itemgetter("series_instance_uid")),
)
_INSTANCE_COLUMNS = (
    Column("No", _known("instance_number"), number=True),
    Column("Rows", itemgetter("rows"), number=True),
    Column("Columns", itemgetter("columns"), number=True),
    Column("Frames", itemgetter("frames"), number=True),
    Column("Size", lambda fields: size(fields["bytes"]), number=True),
    Column("SOP Instance UID", itemgetter("sop_instance_uid")),
    Column("Path", itemgetter("path")),
)
