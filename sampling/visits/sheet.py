"""The sheet of teams: one row per inspector, in the county's own file or in our template."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from sampling.frames.headers import fold_header
from sampling.frames.rows import shown, text_of
from sampling.frames.sheets import Sheet, read_sheets
from sampling.frames.values import UnreadableError, yes
from sampling.visits.team import Member, Team, team_problems
from sampling.words import LANGUAGES, Problem, refuse_if_any, text

FIELDS = (
    *("team", "name", "department", "township", "village", "relatives"),
    *("trained", "languages", "driver", "base"),
)
"""The columns of the template, in order."""
NEEDED = ("team", "name")
YES_NO = ("trained", "driver")
BETWEEN = re.compile(r"[;,；，、\s]+")
"""What stands between several villages or languages in one cell."""
HEADER_WITHIN = 30
WIDTH, ROWS = 16, 500


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One row: where it stands, and its cells by field; a field without a column is missing."""

    file: str
    number: int
    cells: Mapping[str, Any]

    def text(self, field: str) -> str:
        return text_of(self.cells.get(field, "")).strip()

    def several(self, field: str) -> tuple[str, ...]:
        return tuple(filter(None, BETWEEN.split(self.text(field))))


def read_teams(path: Path) -> tuple[Team, ...]:
    """The teams of a sheet, XLSX or CSV, with headers in any language.

    Parameters
    ----------
    path
        The file; sheets without a column of teams and one of names are not looked at.

    Returns
    -------
    teams
        In the order of the sheet.

    Raises
    ------
    InputError
        With every problem at once: no such columns, rows without a name or team, cells that are neither yes
        nor no, and every rule that the teams break.
    """
    sheets, problems = read_sheets(path, path.name)
    refuse_if_any(problems)
    rows = [row for sheet in sheets for row in _rows(sheet)]
    if not rows:
        wanted = {"headers": ", ".join(_header(field, lang) for lang in LANGUAGES for field in NEEDED)}
        refuse_if_any([Problem(key="visiting.no_teams", file=path.name, fields=wanted)])
    found: dict[str, list[Member]] = {}
    bases: dict[str, set[str]] = {}
    for row in rows:
        problems += _cell_problems(row)
        found.setdefault(row.text("team"), []).append(_member(row))
        bases.setdefault(row.text("team"), set()).add(row.text("base"))
    teams = tuple(
        Team(team=team, members=tuple(members), base=max(bases[team])) for team, members in found.items()
    )
    refuse_if_any([*problems, *_base_problems(bases, path.name), *team_problems(teams)])
    return teams


def _rows(sheet: Sheet) -> Iterator[_Row]:
    """The rows below the header line that say anything of a member."""
    lines = enumerate(map(_columns, sheet.rows[:HEADER_WITHIN]))
    top, columns = next((line for line in lines if set(NEEDED) <= set(line[1])), (len(sheet.rows), {}))
    for number, cells in enumerate(sheet.rows[top + 1 :], start=top + 2):
        known = {field: cells[place] for field, place in columns.items() if place < len(cells)}
        if any(text_of(cell).strip() for cell in known.values()):
            yield _Row(file=sheet.file, number=number, cells=known)


def _columns(headers: Sequence[Any]) -> dict[str, int]:
    """Which column is which field."""
    known = {
        fold_header(name): field
        for lang in LANGUAGES
        for field in FIELDS
        for name in text(f"visiting.header.{field}", lang).split("|")
    }
    found: dict[str, int] = {}
    for place, header in enumerate(headers):
        if field := known.get(fold_header(header)):
            found.setdefault(field, place)
    return found


def _header(field: str, lang: str) -> str:
    """What the template calls a field."""
    return text(f"visiting.header.{field}", lang).split("|")[0].strip()


def _cell_problems(row: _Row) -> Iterator[Problem]:
    for field in NEEDED:
        if not row.text(field):
            yield Problem(key=f"visiting.no_{field}", file=row.file, row=row.number)
    for field in YES_NO:
        try:
            yes(row.cells.get(field, ""))
        except UnreadableError:
            value = shown(row.text(field))
            column = "/".join(_header(field, lang) for lang in LANGUAGES)
            key = "visiting.not_yes_no"
            yield Problem(key=key, file=row.file, row=row.number, column=column, value=value)


def _base_problems(bases: Mapping[str, set[str]], file: str) -> Iterator[Problem]:
    for team, towns in bases.items():
        if len(towns - {""}) > 1:
            value = ", ".join(sorted(towns - {""}))
            yield Problem(key="visiting.two_bases", file=file, value=value, fields={"team": team})


def _member(row: _Row) -> Member:
    return Member(
        name=row.text("name"),
        department=row.text("department"),
        township=row.text("township"),
        village=row.text("village"),
        relatives=row.several("relatives"),
        trained=_known(row, "trained"),
        languages=row.several("languages"),
        driver=_known(row, "driver"),
    )


def _known(row: _Row, field: str) -> bool | None:
    """Yes or no; None where there is no column, or nothing in it."""
    try:
        return yes(row.cells[field]) if row.text(field) else None
    except UnreadableError:
        return None  # already a problem


def teams_template(lang: str) -> bytes:
    """An empty sheet of teams as a workbook, with a sheet that says what goes where.

    Parameters
    ----------
    lang
        The language of its words.
    """
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        as_text = book.add_format({"num_format": "@"})  # ids keep their zeros
        head = book.add_format({"bold": True, "bottom": 1, "num_format": "@"})
        sheet = book.add_worksheet(text("visiting.template.sheet", lang))
        sheet.set_column(0, len(FIELDS) - 1, WIDTH, as_text)
        sheet.write_row(0, 0, [_header(field, lang) for field in FIELDS], head)
        sheet.freeze_panes(1, 0)
        choice = {
            "validate": "list",
            "source": [text(f"visiting.template.{word}", lang) for word in ("yes", "no")],
        }
        for field in YES_NO:
            sheet.data_validation(1, FIELDS.index(field), ROWS, FIELDS.index(field), choice)
        told = book.add_worksheet(text("visiting.template.about", lang))
        told.set_column(0, 0, WIDTH)
        told.set_column(1, 1, 5 * WIDTH)
        for place, field in enumerate(FIELDS):
            told.write_row(place, 0, [_header(field, lang), text(f"visiting.about.{field}", lang)])
    return out.getvalue()
