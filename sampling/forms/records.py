"""Rows of somebody's table become forms: each field where it belongs, what no form has kept aside."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from sampling.forms.layout import (
    ANSWER_FIELDS,
    ANSWERS,
    GIVEN,
    GIVEN_FIELDS,
    MEMBER_FIELDS,
    MEMBERS,
    QUESTION_FIELDS,
    Heading,
)
from sampling.forms.recognised import CAMPAIGN, CODE, HOUSEHOLDS, VILLAGE, field_of, is_system
from sampling.forms.recognised import MEMBERS as MEMBER_TABLE
from sampling.forms.returned import MEMBER_COLUMNS, ROW_COLUMNS, ReturnedForm
from sampling.forms.serials import read_code
from sampling.words import REPORTED, InputError, Problem, fold

Cells = Sequence[tuple[str, str]]
"""A row as it stands: header and text of each cell; a header may come twice."""

KINDS: Mapping[str, str] = {column.field: column.kind for column in (*GIVEN, *ANSWERS, *MEMBERS)}
TOLD = (*(name for name in GIVEN_FIELDS if name != "list"), CODE, *ANSWER_FIELDS)
"""Fields of which one at least makes a row; a village or a list alone is a cell that was filled down."""
MANGLED = re.compile(r"\d([.]\d+)?e[+]?\d+", re.IGNORECASE)
"""An id that a spreadsheet took for a number too long to be shown."""
CLOCK = re.compile(r"(?:.*[T ])?(\d{1,2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
MASKED = re.compile(r"'[=+\-@\t\r\n＝＋－＠]")
"""How a table of ours keeps a text from being a formula."""
DAY = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[T ]+\d{1,2}:\d{2}.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of a table, or one form that a phone sent, with the members that belong to it.

    `row` is what its reader finds it by.
    """

    row: str
    cells: Cells
    members: tuple["Record", ...] = ()


@dataclass(slots=True, kw_only=True)
class _Village:
    """What a file says of one village, being gathered."""

    rows: list[dict[str, str]] = field(default_factory=list)
    members: list[dict[str, str]] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)


def forms_of(
    records: Iterable[Record], *, file: str, strays: Iterable[Record] = (), notes: Sequence[Problem] = ()
) -> tuple[ReturnedForm, ...]:
    """One form for each village that the rows tell of; rows that name none are in a form without a village.

    Parameters
    ----------
    records
        The rows.
    file
        Its name, for the problems.
    strays
        Members that belong to no row.
    notes
        What is known of the file already.

    Raises
    ------
    InputError
        If two columns of one field say different things: with every such row.
    """
    villages: dict[tuple[str, str], _Village] = {}
    aside: dict[str, dict[str, str]] = {}
    doubled: list[Problem] = []
    for number, record in enumerate(records):
        known, other, twice = _sorted(record.cells, HOUSEHOLDS)
        doubled += [_doubled(name, record, file) for name in twice]
        for header, written in other.items():
            aside.setdefault(header, {})[record.row] = written
        _gather(villages, known, record, f"{number}")
    for number, stray in enumerate(strays):
        known, _, _ = _sorted(stray.cells, MEMBER_TABLE)
        place = villages.setdefault((known.get(CAMPAIGN, ""), _village(known)), _Village())
        place.members.append(_member(known, stray, f"stray {number}", known.get("serial", "")))
    if doubled:
        raise InputError(doubled)
    told = (*notes, *_aside_note(aside, file))
    forms = [
        form for (campaign, village), held in villages.items() for form in _forms(campaign, village, held)
    ]
    return (*(replace(form, notes=tuple(told), aside=aside) for form in forms[:1]), *forms[1:])


def _gather(villages: dict, known: Mapping[str, str], record: Record, link: str) -> None:
    """Put one row where it belongs: to the households of its village, to the village's answers, or both."""
    code = read_code(known.get(CODE, "")) or read_code(known.get("serial", ""))
    campaign = known.get(CAMPAIGN, "") or (code.campaign if code else "")
    answers = {name: known.get(name, "") for name in QUESTION_FIELDS}
    is_row = record.members or any(known.get(name, "").strip() for name in TOLD)
    if not is_row and not any(answers.values()):
        return
    place = villages.setdefault((campaign, _village(known)), _Village())
    if any(answers.values()) and answers not in place.answers:
        place.answers.append(answers)
    if not is_row:
        return
    serial = code.serial if code else known.get("serial", "")
    written = known.get(CODE, "") or (known.get("serial", "") if code else "")
    row = {name: known.get(name, "") for name in ROW_COLUMNS} | {"serial": serial, CODE: written}
    place.rows.append(row | {"row": record.row, "link": link})
    for member in record.members:
        said, _, _ = _sorted(member.cells, MEMBER_TABLE)
        place.members.append(_member(said, member, link, serial))


def _member(known: Mapping[str, str], record: Record, link: str, serial: str) -> dict[str, str]:
    said = {name: known.get(name, "") for name in MEMBER_FIELDS}
    return {"row": record.row, "serial": serial, "link": link, **said}


def _sorted(cells: Cells, table: str) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """The cells by field, those of no field by header, and the fields that are said twice, differently."""
    known: dict[str, str] = {}
    aside: dict[str, str] = {}
    twice: list[str] = []
    for header, cell in cells:
        name, written = field_of(header, table), cell[1:] if MASKED.match(cell) else cell
        if not written.strip():
            continue
        if not name:
            aside |= {} if is_system(header) else {header: written}
        elif name == "photos":
            known[name] = ";".join(filter(None, (known.get(name, ""), written)))
        elif known.setdefault(name, tidy(name, written)) != tidy(name, written):
            twice.append(name)
    return known, aside, twice


def tidy(name: str, written: str) -> str:
    """What phones and other programs write, as a form has it: no seconds, no zone, no ".0".

    >>> tidy("arrive", "09:05:00.000+08:00")
    '09:05'
    """
    if reader := TIDIED.get("number" if name == "serial" else KINDS.get(name, "")):
        found = reader(fold(written))
        return found[1] if found else written
    return written


TIDIED: Mapping[str, Callable[[str], re.Match[str] | None]] = {
    "time": CLOCK.fullmatch,
    "date": DAY.fullmatch,
    "number": re.compile(r"(\d+)\.0+").fullmatch,
}


def _village(known: Mapping[str, str]) -> str:
    """The village's id; one that a spreadsheet has turned into 9.99999E+11 says nothing."""
    written = known.get(VILLAGE, "")
    return "" if MANGLED.fullmatch(written.strip()) else written


def _forms(campaign: str, village: str, held: _Village) -> list[ReturnedForm]:
    """The village's form; further ones where its own questions are answered in more than one way."""
    heading = Heading(
        campaign=campaign,
        form_id="",
        township="",
        township_name="",
        village=village,
        village_name="",
        lang="",
    )
    nothing = dict.fromkeys(QUESTION_FIELDS, "")
    rows = pd.DataFrame(held.rows, columns=[*ROW_COLUMNS, CODE, "link"], dtype="str")
    members = pd.DataFrame(held.members, columns=[*MEMBER_COLUMNS, "link"], dtype="str")
    first, *others = held.answers or [nothing]
    return [
        ReturnedForm(heading=heading, village_answers=first, rows=rows, members=members),
        *(
            ReturnedForm(heading=heading, village_answers=one, rows=rows.iloc[:0], members=members.iloc[:0])
            for one in others
        ),
    ]


def _aside_note(aside: Mapping[str, Mapping[str, str]], file: str) -> list[Problem]:
    if not aside:
        return []
    return [Problem(key="tables.extra_columns", file=file, value=", ".join(aside), severity=REPORTED)]


def _doubled(name: str, record: Record, file: str) -> Problem:
    return Problem(key="tables.doubled", file=file, value=name, fields={"place": record.row})
