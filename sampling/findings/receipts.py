"""The receipt of a returned file (回执): what arrived, where each row ended, what to correct, what is left.

It goes back to the team that handed the file in. It tells households by serial and id: no name of anybody is
in it, neither of a household nor of an inspector.
"""

import io
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from sampling.codes import list_label
from sampling.findings.intake import IntakeResult
from sampling.findings.problems import sentences, to_record
from sampling.findings.quarantine import harmless
from sampling.findings.state import FINDING
from sampling.findings.taking import ANSWERED, COUNTED, REFUSED, Taken
from sampling.findings.weighing import CONFLICTING, WAITING
from sampling.forms.cells import Styles, legal, make_styles, width_of
from sampling.forms.layout import MARKS, MEMBER_FIELDS, PERSONAL_FIELDS
from sampling.forms.workbook import CREATED
from sampling.words import REPORTED, Problem, text

UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
A4 = 9
WIDTHS = {"row": 12, "serial": 9, "list": 12, "village": 16, "household": 12, "status": 11, "about": 12}
WIDTHS |= {"problem": 46, "remedy": 40, "reminders": 46}
TO_CORRECT = ("row", "serial", "household", "problem", "remedy")
EVERY = ("row", "serial", "list", "village", "household", "status", "problem", "remedy", "reminders")
OUTSTANDING = ("serial", "list", "village", "household", "about")
NAMES = {*MEMBER_FIELDS, *PERSONAL_FIELDS, "inspector_1", "inspector_2"}
"""Fields whose cells a receipt does not repeat: they tell who somebody is."""
LONGEST = 60
"""Characters of a file's name that its receipt repeats: systems take 255 bytes, three for a Chinese one."""
HIDDEN = "…"
LINE = 17
"""Height of a line, in points: not every program fits a row to its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What every receipt of one intake says: of which campaign, when, in which language, with which marks."""

    campaign: str
    time: str
    lang: str
    marks: Sequence[str]
    purpose: str = FINDING


def receipt_names(files: Sequence[Taken], lang: str, *, purpose: str = FINDING) -> list[str]:
    """A name for the receipt of each file, fit for every system; none for photos and what was passed over.

    Two files of one name are told apart by their hash.
    """
    word = text(f"receipts.name.{purpose}", lang)
    names: list[str] = []
    taken: set[str] = set()
    for one in files:
        stem = UNFIT.sub("_", one.file.removesuffix(".xlsx")).strip(". ~")[:LONGEST]
        names.append(f"{stem}-{word}.xlsx" if one.state in ANSWERED else "")
        if _same_name(names[-1]) in taken:
            names[-1] = f"{stem}-{word}-{one.sha256[:8]}.xlsx"
        taken |= {_same_name(names[-1])} - {""}
    return names


def receipt_bytes(taken: Taken, left: pd.DataFrame, head: Letterhead) -> bytes:
    """The receipt of one file as a workbook: a page to read, every row, and what is outstanding.

    Parameters
    ----------
    taken
        What became of the file.
    left
        The table `left` of the intake's result.
    head
        What every receipt says.
    """
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_urls": False}) as book:
        book.set_properties({"created": CREATED})
        styles = make_styles(book, head.lang)
        rows = [_worded(row, taken, head.lang) for row in taken.rows]
        _write_summary(book, taken, rows, head, styles)
        _write_table(book, "rows", EVERY, rows, head, styles)
        _write_table(book, "left", OUTSTANDING, _left(taken, left, head), head, styles)
    return out.getvalue()


def counts_table(result: IntakeResult, names: Sequence[str]) -> pd.DataFrame:
    """One row a file: its name, what became of it and of its rows, its fingerprint, its receipt."""
    hashes = [one.sha256 for one in result.files]
    return result.counts.assign(sha256=hashes, receipt=names).map(lambda cell: harmless(str(cell)))


def counted_notes(files: Iterable[Taken], names: Iterable[str]) -> list[Problem]:
    """A line for each file with its counts and the name of its receipt; those with work in them first."""
    told = [
        (one.count[WAITING], one.count[CONFLICTING], _counted(one, name))
        for one, name in zip(files, names, strict=True)
        if name and one.state != REFUSED
    ]
    return [note for *_, note in sorted(told, key=lambda each: not (each[0] or each[1]))]


def _counted(taken: Taken, name: str) -> Problem:
    counts = {field: taken.count[field] for field in COUNTED}
    return Problem(
        key="receipts.counts", severity=REPORTED, file=taken.file, fields={**counts, "receipt": name}
    )


def _same_name(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _worded(row: Mapping, taken: Taken, lang: str) -> dict[str, str]:
    """A row in words. What is about the whole file, or the village, has no serial."""
    whole = not row["row"]
    about = text(f"receipts.about.{'file' if taken.state == REFUSED else 'village'}", lang)
    said = [_sentences(one, row, taken, lang) for one in row["problems"]]
    reminders = [_sentences(one, row, taken, lang) for one in row["reminders"]]
    return {
        "row": about if whole else row["row"],
        "serial": row["serial"],
        "list": list_label(row["list"], lang) if row["household"] else "",
        "village": row["village"],
        "household": row["household"],
        "status": text(f"receipts.status.{row['status']}", lang),
        "ended": row["status"],
        "problem": _joined(one["problem"] for one in said),
        "remedy": _joined(one["remedy"] for one in said),
        "reminders": _joined(part for one in reminders for part in (one["problem"], one["remedy"])),
    }


def _sentences(record: Mapping, row: Mapping, taken: Taken, lang: str) -> dict[str, str]:
    """The sentences of a problem; what was written in a field that names people is left out of them."""
    value = HIDDEN if record["column"] in NAMES and record["value"] else record["value"]
    return sentences({**record, "value": value}, lang, file=taken.file, row=row["row"])


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(parts))


def _write_summary(
    book: Workbook, taken: Taken, rows: Sequence[Mapping[str, str]], head: Letterhead, styles: Styles
) -> None:
    """The page to read: what it is, the counts, what to correct."""
    lang = head.lang
    sheet = _sheet(book, "summary", TO_CORRECT, head)
    _write(sheet, 0, 0, text(f"receipts.title.{head.purpose}", lang), styles["title"])
    marks = "  ".join(text(f"forms.look.{name}", lang, mark=MARKS[name]) for name in head.marks)
    sheet.merge_range(1, 0, 1, 3, "", styles["mark"])
    _write(sheet, 1, 0, marks, styles["mark"])
    facts = [
        (text(f"receipts.fact.{name}", lang), value)
        for name, value in {
            "campaign": head.campaign,
            "file": taken.file,
            "sha256": taken.sha256[:16],
            "time": head.time.replace("T", " "),
            "state": text(f"receipts.state.{taken.state}", lang),
        }.items()
    ]
    facts += [(text(f"receipts.count.{name}", lang), str(taken.count[name])) for name in COUNTED]
    for line, (label, value) in enumerate(facts, start=2):
        for first, last, written, style in ((0, 1, label, "label"), (2, 3, value, "fact")):
            sheet.merge_range(line, first, line, last, "", styles[style])
            _write(sheet, line, first, written, styles[style])
    line = len(facts) + 3
    notes = [_note(problem, taken, lang) for problem in taken.problems if problem.severity == REPORTED]
    wrong = [*notes, *(row for row in rows if row["ended"] in (WAITING, CONFLICTING))]
    title = text("receipts.to_correct" if wrong else "receipts.nothing", lang)
    sheet.merge_range(line, 0, line, 3, "", styles["heading"])
    _write(sheet, line, 0, title, styles["heading"])
    if wrong:
        _write_rows(sheet, line + 1, TO_CORRECT, wrong, lang, styles)


def _note(problem: Problem, taken: Taken, lang: str) -> dict[str, str]:
    said = sentences(to_record(problem), lang, file=taken.file, row=str(problem.row or ""))
    return {"row": text("receipts.about.file", lang), "serial": "", "household": "", **said}


def _left(taken: Taken, left: pd.DataFrame, head: Letterhead) -> list[dict[str, str]]:
    """What is outstanding in the villages of this file."""
    if head.purpose != FINDING:
        return []
    own = left[left["village"].isin(taken.villages)]
    return [
        {
            **{name: row[name] for name in ("serial", "village", "household")},
            "list": list_label(row["list"], head.lang),
            "about": text(f"receipts.about.{'waiting' if row['waiting'] else 'missing'}", head.lang),
        }
        for row in own.to_dict("records")
    ]


def _write_table(
    book: Workbook,
    name: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    head: Letterhead,
    styles: Styles,
) -> None:
    sheet = _sheet(book, name, columns, head)
    _write_rows(sheet, 0, columns, rows, head.lang, styles)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)


def _sheet(book: Workbook, name: str, columns: Sequence[str], head: Letterhead) -> Worksheet:
    sheet = book.add_worksheet(text(f"receipts.sheet.{name}", head.lang))
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{legal(head.campaign)[:60].replace('&', '&&')}&R&P / &N")
    sheet.fit_to_pages(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTHS[column])
    return sheet


def _write_rows(
    sheet: Worksheet,
    start: int,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    lang: str,
    styles: Styles,
) -> None:
    for place, column in enumerate(columns):
        _write(sheet, start, place, text(f"receipts.column.{column}", lang), styles["head_given"])
    for line, row in enumerate(rows, start=start + 1):
        sheet.set_row(line, LINE * max(_lines(row[column], WIDTHS[column]) for column in columns))
        for place, column in enumerate(columns):
            _write(sheet, line, place, row[column], styles["given_long"])


def _lines(written: str, width: int) -> int:
    """How many lines a text takes in a column of this width."""
    return sum(max(1, math.ceil(width_of(part) / (width - 2))) for part in written.split("\n"))


def _write(sheet: Worksheet, row: int, column: int, value: str, style: object) -> None:
    """Text, whatever it looks like, also when the sheet is saved as CSV and opened again."""
    sheet.write_string(row, column, legal(harmless(value)), style)
