"""What a returned workbook of ours lacks: each such thing counts as not answered, and is said."""

from collections.abc import Iterable, Mapping, Sequence

from sampling.forms.joining import FACT_FIELDS, Row
from sampling.forms.layout import ANSWER_FIELDS, MEMBER_FIELDS, QUESTION_FIELDS, VISIT_FIELDS
from sampling.forms.marked import Table
from sampling.words import REPORTED, Problem, text

PARTS = (
    ("households", VISIT_FIELDS, "sheet"),
    ("facts", FACT_FIELDS, "facts"),
    ("members", MEMBER_FIELDS, "members"),
)
"""Kinds of tables, what each asks, and the name of its sheet."""


def missing_parts(
    tables: Sequence[Table], rows: Iterable[Row], answers: Mapping[str, str], *, households: int, lang: str
) -> tuple[Problem, ...]:
    """Sheets, columns, lines and households that were given out and did not come back.

    Parameters
    ----------
    tables, rows
        What was found, table by table and put together.
    answers
        The village's questions that were found.
    households
        How many were given out, 0 where that is not known.
    lang
        The language of the form.
    """
    gone = [text(f"forms.question.{field}", lang) for field in QUESTION_FIELDS if field not in answers]
    notes = []
    if households:
        gone += _columns(tables, lang)
        # a serial copied into the wrong row is no household gone
        came = len({(row.get("serial", "").strip(), row.get("household", "").strip()) for row in rows})
        if came < households:
            notes.append(_note("households_gone", value=str(came), fields={"households": households}))
    return (*(_note("part_gone", value=title) for title in dict.fromkeys(gone)), *notes)


def _note(name: str, **place: object) -> Problem:
    return Problem(key=f"forms.{name}", severity=REPORTED, **place)  # type: ignore[arg-type]


def _columns(tables: Sequence[Table], lang: str) -> list[str]:
    """Titles of columns that are gone; a sheet that is gone is one thing, not one for each of its columns."""
    upright = [table for table in tables if table.sheet is not None]
    if upright:
        own = [table for table in upright if table.kind != "members"]
        return [
            *_titles(own, ANSWER_FIELDS, "sheet", lang),
            *_titles([table for table in upright if table.kind == "members"], MEMBER_FIELDS, "members", lang),
        ]
    return [
        title
        for kind, fields, name in PARTS
        for title in _titles([table for table in tables if table.kind == kind], fields, name, lang)
    ]


def _titles(tables: Sequence[Table], fields: Sequence[str], name: str, lang: str) -> list[str]:
    if not tables:
        return [text(f"forms.{name}.name", lang)]
    have = set(tables[0].fields).intersection(*(table.fields for table in tables))
    return [text(f"forms.column.{field}", lang) for field in fields if field not in have]
