"""The visit workbook, out and in: one XLSX for one drawn village."""

import datetime
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from sampling.codes import BUILT_IN, Codebook
from sampling.files import write_whole
from sampling.forms.layout import (
    FIELD,
    GIVEN_FIELDS,
    MARK,
    MARKS,
    QUESTION_FIELDS,
    VERSION,
    VISIT_FIELDS,
    Heading,
)
from sampling.forms.returned import ROW_COLUMNS, ReturnedForm, no_members
from sampling.forms.sheets import make_styles, write_choices, write_cover, write_households, write_identity
from sampling.words import InputError, Problem, text

SIZE_LIMIT = 50_000_000
AREA_LIMIT = 5_000_000
CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')
CREATED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""The date inside each workbook: always the same, so that the same form is the same bytes."""

Row = Sequence[object]


def write_workbook(
    path: Path,
    village: Mapping[str, str],
    households: pd.DataFrame,
    *,
    campaign: str,
    form_id: str,
    lang: str,
    codebook: Codebook = BUILT_IN,
    marks: Sequence[str] = (),
    village_answers: Mapping[str, str] | None = None,
) -> None:
    """Write the workbook of one drawn village, whole or not at all.

    Parameters
    ----------
    path
        The file to write.
    village
        Its township, township_name, village and village_name.
    households
        One row a household, as people shall read it: the given fields of the layout and, in a filled
        workbook, the answers too. Without rows the workbook has the village's questions only.
    campaign, form_id
        Whose form it is; a returned form is known by them.
    lang
        The language of titles and drop-down lists.
    codebook
        The campaign's reasons.
    marks
        What must be said on every sheet, of MARKS.
    village_answers
        The village's questions answered, in a filled workbook.
    """
    names = {name: village.get(name, "") for name in ("township", "township_name", "village", "village_name")}
    heading = Heading(campaign=campaign, form_id=form_id, lang=lang, marks=tuple(marks), **names)
    write_whole(path, workbook_bytes(heading, households, village_answers or {}, codebook=codebook))


def workbook_bytes(
    heading: Heading,
    households: pd.DataFrame,
    village_answers: Mapping[str, str],
    *,
    codebook: Codebook = BUILT_IN,
) -> bytes:
    """The workbook of one village as the bytes of its file; the same input gives the same bytes."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        styles = make_styles(book, heading.lang)
        cover = book.add_worksheet(text("forms.cover.sheet", heading.lang))
        sheet = book.add_worksheet(text("forms.sheet.name", heading.lang)) if len(households) else None
        places = write_choices(book, heading.lang, codebook)
        write_cover(cover, heading, styles, places, len(households), village_answers)
        if sheet:
            write_households(sheet, heading, styles, places, households)
        write_identity(book, heading)
    return out.getvalue()


def read_workbook(source: Path | bytes) -> ReturnedForm:
    """Read a returned workbook by what is hidden in it, whatever its names and columns look like by now.

    Parameters
    ----------
    source
        The file, or its bytes.

    Returns
    -------
    ReturnedForm
        Everything as text: numbers without an idle ".0", dates as ISO. Rows that are empty throughout are
        left out.

    Raises
    ------
    InputError
        If the file is broken, is no workbook of ours, lacks a part, or has a version that is not known.
    OSError
        If the file cannot be opened at all.
    """
    name = "" if isinstance(source, bytes) else source.name
    sheets = _sheets(source if isinstance(source, bytes) else source.read_bytes(), name)
    heading = _heading(sheets, name)
    return ReturnedForm(
        heading=heading,
        village_answers=_village_answers(sheets),
        rows=_rows(sheets, name),
        members=no_members(),
    )


def _sheets(data: bytes, name: str) -> Sequence[Sequence[Row]]:
    """All cells of all sheets. Whatever a broken file makes the readers do, it becomes one sentence."""
    try:
        _refuse_oversize(data, name)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names]
    except (InputError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic inside the reader is not an Exception
        raise InputError([Problem(key="forms.unreadable", file=name)]) from error


def _refuse_oversize(data: bytes, name: str) -> None:
    """Refuse what would fill the memory: for one stray cell in the last row a reader builds all before."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        size = sum(part.file_size for part in parts.infolist())
        if size <= SIZE_LIMIT:
            sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/")]
            size = max((_area(parts.read(part)) for part in sheets), default=0)
            if size <= AREA_LIMIT:
                return
    raise InputError([Problem(key="forms.too_large", file=name, fields={"size": f"{size:,}"})])


def _area(sheet: bytes) -> int:
    cells = CELL.findall(sheet)
    columns = max((_column_number(letters) for letters, _ in cells), default=0)
    return columns * max((int(row) for _, row in cells), default=0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _heading(sheets: Sequence[Sequence[Row]], name: str) -> Heading:
    facts = next((dict(_pairs(rows)) for rows in sheets if _is_identity(rows)), None)
    if facts is None:
        raise InputError([Problem(key="forms.not_a_form", file=name)])
    if (version := facts.get(MARK, "")) != VERSION:
        problem = Problem(key="forms.version", file=name, value=version, fields={"known": VERSION})
        raise InputError([problem])
    names = ("form_id", "campaign", "township", "township_name", "village", "village_name", "lang")
    if missing := [field for field in names if field not in facts]:
        raise InputError([_damaged(name, missing)])
    known = {field: facts[field] for field in names}
    said = facts.get("data", "").split()
    return Heading(**known, marks=tuple(name for name, mark in MARKS.items() if mark in said))


def _is_identity(rows: Sequence[Row]) -> bool:
    return bool(rows and rows[0]) and _text(rows[0][0]) == MARK


def _pairs(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [(_text(row[0]), _text(row[1])) for row in rows if len(row) > 1]


def _damaged(name: str, missing: list[str]) -> Problem:
    return Problem(key="forms.damaged", file=name, fields={"missing": ", ".join(missing)})


def _village_answers(sheets: Sequence[Sequence[Row]]) -> dict[str, str]:
    """The answer stands two cells to the right of its hidden field name."""
    answers = dict.fromkeys(QUESTION_FIELDS, "")
    for rows in sheets:
        for row in rows:
            for place, value in enumerate(row[:-2]):
                field = _text(value).removeprefix(FIELD)
                if field in answers and _text(value) != field:
                    answers[field] = _text(row[place + 2]).strip()
    return answers


def _rows(sheets: Sequence[Sequence[Row]], name: str) -> pd.DataFrame:
    fields = [*GIVEN_FIELDS, *VISIT_FIELDS]
    for rows in sheets:
        for start, row in enumerate(rows):
            places = {_text(value)[len(FIELD) :]: i for i, value in enumerate(row) if _is_field(value)}
            if "serial" in places:
                if missing := [field for field in fields if field not in places]:
                    raise InputError([_damaged(name, missing)])
                return _table(rows, start + 1, {field: places[field] for field in fields})
    return pd.DataFrame(columns=list(ROW_COLUMNS), dtype="str")


def _is_field(value: object) -> bool:
    return isinstance(value, str) and value.startswith(FIELD)


def _table(rows: Sequence[Row], start: int, places: Mapping[str, int]) -> pd.DataFrame:
    """The rows that have a serial, a household or an answer; titles have none of them."""
    found = []
    for number, row in enumerate(rows[start:], start=start + 1):
        values = {field: _text(row[place]) for field, place in places.items()}
        found += [{"row": str(number), **values}] if any(values.values()) else []
    return pd.DataFrame(found, columns=list(ROW_COLUMNS), dtype="str").fillna("")


def _text(value: object) -> str:
    """A cell as text; a whole number loses the ".0" that spreadsheets add to it."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
