"""Damaged and odd files, as offices, spreadsheets, phones and fuzzers make them, and what to expect.

Run `python tests/findings_corpus.py FOLDER` to have them all in a folder and look at them.
"""

import csv
import datetime
import io
import json
import random
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import xlwt
from findings_office import FIRST, VILLAGE, VISITED, Office
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from visits_stand_in import CAMPAIGN
from xlsxwriter import Workbook

from sampling.forms import ReturnedForm
from sampling.forms.drawn import numbered_households
from sampling.forms.layout import FIELD
from sampling.forms.serials import code_text
from sampling.forms.workbook import workbook_bytes
from sampling.words import text

WHOLE = "whole"
"""Expected where damage is harmless: the two visited households are found, with the right values."""
GRID = tuple[str, Sequence[Sequence[object]]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One file. `expected` is WHOLE, the key of what refuses it, or empty: anything without loss."""

    name: str
    data: bytes
    expected: str = ""


class Corpus:
    """What all cases are made from: a form of ten households of which two are visited."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.form, self.table = office.filled(FIRST, VISITED, VISITED)
        self.book = self.written(self.table)
        households = numbered_households(office.sample).set_index("serial")
        self.tickets = dict(households["ticket"])

    def written(self, table: pd.DataFrame, *, form: ReturnedForm | None = None) -> bytes:
        """A workbook of ours with these rows."""
        return workbook_bytes((form or self.form).heading, table, VILLAGE)

    def answered(self, **answers: str) -> bytes:
        """The workbook with other answers for the first household."""
        return self.written(self.table.assign(**{f: [v, *self.table[f][1:]] for f, v in answers.items()}))

    def grids(self) -> list[GRID]:
        """The cells of every sheet of the workbook, hidden ones too."""
        book = openpyxl.load_workbook(io.BytesIO(self.book))
        return [
            (
                sheet.title,
                [["" if c is None else c for c in row] for row in sheet.iter_rows(values_only=True)],
            )
            for sheet in book
        ]

    def rows(self, *fields: str, lang: str = "", visited: int = 2) -> list[list[str]]:
        """A table as somebody would make one: titles (or field names), then the first households."""
        titles = [text(f"forms.column.{field}", lang) if lang else field for field in fields]
        return [titles, *self.table[list(fields)].head(visited).to_numpy().tolist()]


TABLE = ("serial", "household", *VISITED)


def all_cases(office: Office) -> Iterator[Case]:
    """Every case; names are unique."""
    corpus = Corpus(office)
    for part in (shaken, typed, converted, tables, phones, broken, strange, fuzzed):
        yield from part(corpus)


def shaken(corpus: Corpus) -> Iterator[Case]:
    """Workbooks that were saved, moved about and decorated: nothing is lost."""
    yield Case(name=f"{FIRST[:-5]}(1) 副本.xlsx", data=corpus.book, expected=WHOLE)
    yield Case(name="报表.csv", data=corpus.book, expected=WHOLE)
    yield Case(name="没有后缀", data=corpus.book, expected=WHOLE)
    for name, change in SHAKEN.items():
        yield Case(name=f"{name}.xlsx", data=changed(corpus.book, change), expected=WHOLE)
    yield Case(name="comment.xlsx", data=commented(corpus.book), expected=WHOLE)
    yield Case(
        name="inline strings.xlsx", data=in_memory(corpus.grids(), constant_memory=True), expected=WHOLE
    )
    yield Case(name="formatted to the end.xlsx", data=blank_rows(corpus.book, 1_000_000), expected=WHOLE)
    yield Case(name="far away.xlsx", data=changed(corpus.book, far_away), expected=WHOLE)


def main_sheet(book: openpyxl.Workbook):
    """The sheet whose hidden row of fields has the outcome, and that row's number."""
    for sheet in book:
        for row in sheet.iter_rows():
            if any(cell.value == FIELD + "outcome" for cell in row):
                return sheet, row[0].row
    raise LookupError("no sheet has the outcome")


def place(sheet, row: int, field: str) -> int:
    """The column of a field."""
    return next(cell.column for cell in sheet[row] if cell.value == FIELD + field)


def changed(data: bytes, change: Callable[[openpyxl.Workbook], object]) -> bytes:
    """The workbook after somebody changed it in a spreadsheet program."""
    book, out = openpyxl.load_workbook(io.BytesIO(data)), io.BytesIO()
    change(book)
    book.save(out)
    return out.getvalue()


def rename_sheets(book) -> None:
    for number, sheet in enumerate(book.worksheets):
        sheet.title = f"Sheet{number}"


def turn_sheets(book) -> None:
    for sheet in book.worksheets:
        sheet.sheet_state = "visible"
    book._sheets.reverse()


def shuffle_columns(book) -> None:
    sheet, _ = main_sheet(book)
    columns = [[cell.value for cell in column] for column in sheet.columns]
    random.Random(1).shuffle(columns)
    for number, values in enumerate(columns, start=1):
        for row, value in enumerate(values, start=1):
            sheet.cell(row, number).value = value


def add_column(book) -> None:
    sheet, row = main_sheet(book)
    sheet.insert_cols(4)
    sheet.cell(row - 1, 4).value = "本村自编号"
    for line in range(row + 1, row + 11):
        sheet.cell(line, 4).value = f"=A{line}"


def add_sheet(book) -> None:
    book.create_sheet("我的笔记", 0).append(["今天下雨", 3, datetime.date(2026, 6, 3)])


def hide_rows(book) -> None:
    sheet, row = main_sheet(book)
    for line in range(row + 1, row + 4):
        sheet.row_dimensions[line].hidden = True


def filter_rows(book) -> None:
    sheet, row = main_sheet(book)
    sheet.auto_filter.ref = f"A{row}:K{row + 10}"
    sheet.auto_filter.add_filter_column(0, ["00009"])
    hide_rows(book)


def sort_down(book) -> None:
    sheet, row = main_sheet(book)
    lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=row + 1, max_row=row + 10)]
    for line, values in enumerate(reversed(lines), start=row + 1):
        for column, value in enumerate(values, start=1):
            sheet.cell(line, column).value = value


def title_above(book) -> None:
    sheet, _ = main_sheet(book)
    sheet.insert_rows(1, 3)
    sheet["A1"] = "示范县入户核查汇总"


def merge_dates(book) -> None:
    sheet, row = main_sheet(book)
    column = place(sheet, row, "date")
    sheet.merge_cells(start_row=row + 1, end_row=row + 2, start_column=column, end_column=column)


def ids_as_numbers(book) -> None:
    sheet, row = main_sheet(book)
    for field in ("serial", "household", "persons_found"):
        column = place(sheet, row, field)
        for line in range(row + 1, row + 11):
            value = sheet.cell(line, column).value
            sheet.cell(line, column).value = float(value) if value else None


def dates_as(value: object) -> Callable[[openpyxl.Workbook], None]:
    def change(book) -> None:
        sheet, row = main_sheet(book)
        for line in (row + 1, row + 2):
            sheet.cell(line, place(sheet, row, "date")).value = value

    return change


def epoch_1904(book) -> None:
    book.epoch = CALENDAR_MAC_1904
    dates_as(datetime.date(2026, 6, 3))(book)


def ticked(book) -> None:
    sheet, row = main_sheet(book)
    for line in (row + 1, row + 2):
        sheet.cell(line, place(sheet, row, "signed")).value = True


def protect(book) -> None:
    for sheet in book.worksheets:
        sheet.protection.set_password("1234")


def drop_identity(book) -> None:
    book.remove(book["form"])


def drop_empty_column(book) -> None:
    sheet, row = main_sheet(book)
    sheet.delete_cols(place(sheet, row, "household_name"))


def far_away(book) -> None:
    main_sheet(book)[0]["H60000"] = " "


SHAKEN: Mapping[str, Callable[[openpyxl.Workbook], object]] = {
    "saved again": lambda book: None,
    "sheets renamed": rename_sheets,
    "sheets turned round": turn_sheets,
    "columns shuffled": shuffle_columns,
    "column added": add_column,
    "column removed": drop_empty_column,
    "sheet added": add_sheet,
    "rows hidden": hide_rows,
    "rows filtered": filter_rows,
    "rows sorted": sort_down,
    "titles above": title_above,
    "dates merged": merge_dates,
    "ids as numbers": ids_as_numbers,
    "dates of Excel": dates_as(datetime.date(2026, 6, 3)),
    "dates with time": dates_as(datetime.datetime(2026, 6, 3, 14, 5)),
    "dates as numbers": dates_as(46176),
    "dates since 1904": epoch_1904,
    "signed ticked": ticked,
    "protected": protect,
    "identity removed": drop_identity,
}


def commented(data: bytes) -> bytes:
    def change(book) -> None:
        sheet, row = main_sheet(book)
        sheet.cell(row + 1, 2).comment = openpyxl.comments.Comment("请核对", "组长")

    return changed(data, change)


def blank_rows(data: bytes, rows: int) -> bytes:
    """The main sheet with a million more rows that have a format and nothing in them."""
    part = sheet_part(data, "outcome")

    def extend(xml: bytes) -> bytes:
        last = max(int(number) for number in re.findall(rb'<row r="(\d+)"', xml))
        more = "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(last + 1, rows))
        return xml.replace(b"</sheetData>", more.encode() + b"</sheetData>")

    return patched(data, part, extend)


def sheet_part(data: bytes, field: str) -> str:
    """The part of the ZIP that is the sheet with this field, in a workbook of openpyxl or XlsxWriter."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for number, sheet in enumerate(book.worksheets, start=1):
        if any(cell.value == FIELD + field for row in sheet.iter_rows() for cell in row):
            return f"xl/worksheets/sheet{number}.xml"
    raise LookupError(field)


def patched(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The ZIP with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item.filename, change(content) if item.filename == part else content)
    return out.getvalue()


def typed(corpus: Corpus) -> Iterator[Case]:
    """What people type: the value is meant, and read."""
    ways = {
        "full width": {"persons_found": "３", "date": "２０２６－０６－０３"},
        "date in Chinese": {"date": "2026年6月3日"},
        "date in one": {"date": "20260603"},
        "date with points": {"date": "2026.6.3"},
        "spaces": {"outcome": " 已入户 ", "persons_found": " 3", "date": "2026-06-03 "},
        "English": {"outcome": "Visited", "verdict": "correct", "signed": "Yes"},
        "codes": {"outcome": "completed", "verdict": "correct", "signed": "yes"},
        "box": {"signed": "√"},
    }
    for name, answers in ways.items():
        yield Case(name=f"typed {name}.xlsx", data=corpus.answered(**answers), expected=WHOLE)


def in_memory(grids: Sequence[GRID], **options: object) -> bytes:
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        for title, rows in grids:
            sheet = book.add_worksheet(title)
            for line, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell != "":
                        sheet.write(line, column, cell)
    return out.getvalue()


def converted(corpus: Corpus) -> Iterator[Case]:
    """The workbook in other programs' formats."""
    grids = corpus.grids()
    yield Case(name="converted.xls", data=xls(grids), expected=WHOLE)
    yield Case(name="converted.ods", data=ods(grids), expected=WHOLE)
    yield Case(name="converted.et", data=xls(grids), expected=WHOLE)


def xls(grids: Sequence[GRID]) -> bytes:
    book, out = xlwt.Workbook(encoding="utf-8"), io.BytesIO()
    for title, rows in grids:
        sheet = book.add_sheet(title[:31])
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(line, column, cell)
    book.save(out)
    return out.getvalue()


ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)
ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)


def ods(grids: Sequence[GRID], *, repeated: str = "") -> bytes:
    """An OpenDocument sheet; `repeated` are attributes of the last, empty row."""
    body = ""
    for title, rows in grids:
        body += f'<table:table table:name="{escape(title)}">'
        for row in rows:
            cells = (f"<text:p>{escape(str(cell))}</text:p>" if cell != "" else "" for cell in row)
            body += "<table:table-row>"
            body += "".join(
                f'<table:table-cell office:value-type="string">{cell}</table:table-cell>'
                if cell
                else "<table:table-cell/>"
                for cell in cells
            )
            body += "</table:table-row>"
        body += f"{repeated}</table:table>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr(
            "content.xml", ODS_HEAD + body + "</office:spreadsheet></office:body></office:document-content>"
        )
        parts.writestr("META-INF/manifest.xml", ODS_MANIFEST)
    return out.getvalue()


def as_csv(
    rows: Sequence[Sequence[str]], *, encoding: str = "utf-8", delimiter: str = ",", end: str = "\n"
) -> bytes:
    """The rows as CSV, quoted where it is needed, as spreadsheets do: a lone carriage return needs it too."""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode(encoding)


def tables(corpus: Corpus) -> Iterator[Case]:
    """Tables that somebody made, without a hidden id."""
    zh = corpus.rows(*TABLE, lang="zh")
    yield Case(name="plain.csv", data=as_csv(zh), expected=WHOLE)
    yield Case(name="bom.csv", data=as_csv(zh, encoding="utf-8-sig", end="\r\n"), expected=WHOLE)
    yield Case(name="gb.csv", data=as_csv(zh, encoding="gb18030"), expected=WHOLE)
    yield Case(name="utf16.txt", data=as_csv(zh, encoding="utf-16", delimiter="\t"), expected=WHOLE)
    yield Case(name="semicolon.csv", data=as_csv(zh, delimiter=";"), expected=WHOLE)
    yield Case(name="fields.csv", data=as_csv(corpus.rows(*TABLE)), expected=WHOLE)
    yield Case(name="english.csv", data=as_csv(corpus.rows(*TABLE, lang="en")), expected=WHOLE)
    yield Case(name="table.xlsx", data=in_memory([("表", zh)]), expected=WHOLE)
    yield Case(name="table.xls", data=xls([("表", zh)]), expected=WHOLE)
    yield Case(name="table.ods", data=ods([("表", zh)]), expected=WHOLE)
    turned = [row[::-1] for row in zh]
    yield Case(name="turned.csv", data=as_csv(turned), expected=WHOLE)
    yield Case(name="titled.csv", data=as_csv([["核查结果"], [], *zh]), expected=WHOLE)
    yield Case(name="repeated header.csv", data=as_csv([*zh[:2], zh[0], zh[2]]), expected=WHOLE)
    yield Case(name="extra.csv", data=as_csv([[*row, "x"] for row in zh]), expected=WHOLE)
    yield Case(name="serial only.csv", data=as_csv(corpus.rows("serial", *VISITED)), expected=WHOLE)
    mangled = [[row[0].lstrip("0"), row[1].lstrip("0"), *row[2:]] for row in zh]
    mangled = [[cell.replace("2026-06-03", "2026/6/3 0:00") for cell in row] for row in mangled]
    yield Case(name="through a spreadsheet.csv", data=as_csv(mangled), expected=WHOLE)
    village = corpus.form.village
    placed = [["村编号" if n == 0 else village, *row[1:]] for n, row in enumerate(zh)]
    yield Case(name="village and household.csv", data=as_csv(placed), expected=WHOLE)
    lost = [["村编号" if n == 0 else "9.99999E+11", *row] for n, row in enumerate(zh)]
    yield Case(name="village lost.csv", data=as_csv(lost), expected=WHOLE)
    codes = [code_text(CAMPAIGN, serial, corpus.tickets[serial]) for serial in ("00001", "00002")]
    scanned = [[["二维码", *codes][n], *row[2:]] for n, row in enumerate(zh)]
    yield Case(name="scanned.csv", data=as_csv(scanned), expected=WHOLE)
    into = [[[zh[0][0], *codes][n], *row[2:]] for n, row in enumerate(zh)]
    yield Case(name="scanned into the serial.csv", data=as_csv(into), expected=WHOLE)
    noted = [[*row, ["note", 'a,"b"\n=1+1', "x\r\ny"][n]] for n, row in enumerate(zh)]
    yield Case(name="lines in a note.csv", data=as_csv(noted), expected=WHOLE)
    nul = as_csv(zh).replace(b"\n", b"\0\n")
    yield Case(name="nul bytes.csv", data=nul, expected=WHOLE)


def submissions(corpus: Corpus) -> list[dict[str, str]]:
    return corpus.table[["serial", *VISITED]].head(2).to_dict("records")


def phones(corpus: Corpus) -> Iterator[Case]:
    """Exports of ODK Central and KoboToolbox."""
    for sign in ("-", "/"):
        yield Case(name=f"central{ord(sign)}.zip", data=central(corpus, sign), expected=WHOLE)
    nested = [
        {
            "__id": f"uuid:{n}",
            "serial": one["serial"],
            "visit": {k: v for k, v in one.items() if k != "serial"},
        }
        for n, one in enumerate(submissions(corpus))
    ]
    odata = {"@odata.context": "x", "value": nested}
    yield Case(name="central.json", data=json.dumps(odata).encode(), expected=WHOLE)
    yield Case(
        name="list.json", data=json.dumps(nested, ensure_ascii=False).encode("utf-8-sig"), expected=WHOLE
    )
    flat = [{f"visit/{k}" if k != "serial" else k: v for k, v in one.items()} for one in submissions(corpus)]
    kobo = {"count": 2, "next": None, "results": [{"_id": 5, "_attachments": [], **one} for one in flat]}
    yield Case(name="kobo.json", data=json.dumps(kobo).encode(), expected=WHOLE)
    yield Case(name="kobo.xlsx", data=kobo_book(corpus, lang="zh"), expected=WHOLE)
    yield Case(name="kobo names.xlsx", data=kobo_book(corpus, lang=""), expected=WHOLE)


def central(corpus: Corpus, sign: str) -> bytes:
    rows = submissions(corpus)
    main = [
        ["SubmissionDate", "serial", *(f"visit{sign}{name}" for name in VISITED), "SET-OF-members", "KEY"]
    ]
    main += [["2026", *one.values(), "x", f"uuid:{n}"] for n, one in enumerate(rows)]
    members = [
        ["member_name", "age", "PARENT_KEY", "KEY"],
        ["甲", "70", "uuid:0", "k1"],
        ["乙", "9", "uuid:0", "k2"],
    ]
    photos = [["photo", "PARENT_KEY", "KEY"], ["1.jpg", "uuid:0", "k3"]]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("visits.csv", as_csv(main))
        parts.writestr("visits-members.csv", as_csv(members))
        parts.writestr("visits-photos.csv", as_csv(photos))
        parts.writestr("media/1.jpg", b"\xff\xd8\xff photo")
    return out.getvalue()


def kobo_book(corpus: Corpus, *, lang: str) -> bytes:
    rows = corpus.rows("serial", *VISITED, lang=lang)
    main = [[*row, "_id" if n == 0 else 90 + n, "_index" if n == 0 else n] for n, row in enumerate(rows)]
    names = ("member_name", "age")
    members: list[list[object]] = [[text(f"forms.column.{name}", lang) if lang else name for name in names]]
    members[0] += ["_index", "_parent_table_name", "_parent_index"]
    members += [["甲", 70, 1, "visits", 1], ["乙", 9, 2, "visits", 1]]
    return in_memory([("visits", main), ("members", members)])


def broken(corpus: Corpus) -> Iterator[Case]:
    """Files that cannot be read, each told in its own words."""
    book = corpus.book
    for share in (10, 50, 90, 99):
        data = book[: len(book) * share // 100]
        yield Case(name=f"cut at {share}.xlsx", data=data, expected="tables.unreadable")
    yield Case(name="empty.xlsx", data=b"", expected="tables.empty")
    yield Case(name="spaces.csv", data=b" \r\n\t ", expected="tables.empty")
    yield Case(
        name="password.xlsx",
        data=COMPOUND + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le"),
        expected="tables.password",
    )
    yield Case(name="compound.xls", data=COMPOUND + b"\0" * 4000, expected="tables.unreadable")
    yield Case(name="cut.xls", data=xls(corpus.grids())[:3000], expected="tables.unreadable")
    yield Case(name="zip with a password.zip", data=locked(central(corpus, "-")), expected="tables.password")
    yield Case(name="picture.xlsx", data=b"\x89PNG\r\n\x1a\n" + b"\0" * 50, expected="tables.unknown_kind")
    yield Case(name="document.doc", data=b"%PDF-1.7 x", expected="tables.unknown_kind")
    yield Case(name="archive.rar", data=b"Rar!\x1a\x07\x01\x00", expected="tables.unknown_kind")
    yield Case(
        name="page.xls",
        data="<html><table><tr><td>序号</td></tr></table></html>".encode(),
        expected="tables.web_page",
    )
    yield Case(name="endless.xls", data=endless(xls(corpus.grids())), expected="tables.unreadable")
    yield Case(
        name="photos.zip", data=zipped({"1.jpg": b"x", "a/2.png": b"y"}), expected="tables.empty_archive"
    )
    yield Case(
        name="letter.docx",
        data=zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        expected="tables.unreadable",
    )
    bomb = {"[Content_Types].xml": b"<x/>", "xl/worksheets/sheet1.xml": b"\0" * 410_000_000}
    yield Case(name="bomb.xlsx", data=zipped(bomb), expected="tables.too_large")
    yield Case(
        name="last cell.xlsx",
        data=changed(book, lambda b: b.active.cell(1048576, 16384, "x")),
        expected="tables.too_large",
    )
    yield Case(
        name="last cell.xls",
        data=xls([("a", [["x"]] + [[]] * 65534 + [[""] * 255 + ["y"]])]),
        expected="tables.too_large",
    )
    full = '<table:table-row table:number-rows-repeated="900000"><table:table-cell/>'
    full += (
        '<table:table-cell table:number-columns-repeated="90" office:value-type="string"><text:p>x</text:p>'
    )
    full += "</table:table-cell></table:table-row>"
    yield Case(
        name="full to the end.ods", data=ods(corpus.grids(), repeated=full), expected="tables.too_large"
    )
    far = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    yield Case(name="blank to the end.ods", data=ods(corpus.grids(), repeated=far), expected=WHOLE)
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        name = part.rsplit("/", 1)[1]
        yield Case(name=f"{name} broken.xlsx", data=patched(book, part, lambda xml: xml[: len(xml) // 2]))
        yield Case(name=f"{name} empty.xlsx", data=patched(book, part, lambda _: b""))
    yield Case(name="no strings.xlsx", data=patched(book, "xl/sharedStrings.xml", lambda _: b"<sst/>"))
    laughs = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    yield Case(
        name="entities.xlsx",
        data=patched(book, "xl/sharedStrings.xml", lambda xml: xml.replace(b"<sst", laughs + b"<sst", 1)),
    )
    zh = corpus.rows(*TABLE, lang="zh")
    yield Case(name="open quote.csv", data=as_csv(zh) + b'"x,', expected="tables.quotes")
    mixed = as_csv(zh[:2]) + as_csv(zh[2:], encoding="gb18030") + b"\xff\xff"
    yield Case(name="mixed.csv", data=mixed, expected="tables.encoding")
    yield Case(name="letters.csv", data="今天下雨，没有入户。\n".encode(), expected="tables.no_place")
    yield Case(
        name="no serial.csv", data=as_csv(corpus.rows(*VISITED, lang="zh")), expected="tables.no_place"
    )
    doubled = [[*row, ["核查情况", "拒访", "拒访"][n]] for n, row in enumerate(zh)]
    yield Case(name="two outcomes.csv", data=as_csv(doubled), expected="tables.doubled")
    yield Case(name="cut.json", data=b'{"value": [{"serial": "00001"', expected="tables.bad_json")
    yield Case(name="deep.json", data=b"[" * 100_000, expected="tables.bad_json")
    yield Case(name="numbers.json", data=b"[1, 2, 3]", expected="tables.no_submissions")
    yield Case(name="other.json", data=b'[{"a": 1}, {"b": {"c": []}}]', expected="tables.no_place")
    yield Case(name="gbk.json", data='[{"序号": "00001"}]'.encode("gb18030"), expected="tables.bad_json")


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def endless(data: bytes) -> bytes:
    """A binary workbook whose directory goes on in its own first sector: to read it never ends."""
    changed = bytearray(data)
    table, directory = (int.from_bytes(data[at : at + 4], "little") for at in (0x4C, 0x30))
    entry = (table + 1) * 512 + directory * 4
    changed[entry : entry + 4] = directory.to_bytes(4, "little")
    return bytes(changed)


def zipped(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def locked(data: bytes) -> bytes:
    """The ZIP as if it had a password: the bit that says so is set in every header."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(mark)
        while start >= 0:
            changed[start + at] |= 1
            start = changed.find(mark, start + 4)
    return bytes(changed)


def strange(corpus: Corpus) -> Iterator[Case]:
    """Files that can be read, and whose content is not as it should be: rows wait, none is lost."""
    heading = corpus.form.heading
    for name, other in {
        "other campaign": replace(heading, campaign="other-2025"),
        "void draw": replace(heading, form_id="0" * 16),
        "village not drawn": replace(heading, village="999999009009"),
    }.items():
        keys = {"other campaign": "findings.other_campaign"}
        data = corpus.written(corpus.table, form=replace(corpus.form, heading=other))
        yield Case(name=f"{name}.xlsx", data=data, expected=keys.get(name, "findings.not_drawn"))
    yield Case(
        name="old version.xlsx",
        expected="forms.version",
        data=patched(corpus.book, "xl/sharedStrings.xml", lambda xml: xml.replace(b"<t>2</t>", b"<t>0</t>")),
    )
    twice = pd.concat([corpus.table, corpus.table.iloc[:1].assign(persons_found="9")])
    yield Case(name="serial twice.xlsx", data=corpus.written(twice))
    yield Case(name="copied down.xlsx", data=corpus.written(corpus.table.assign(serial="00001")))
    formulas = corpus.answered(
        note='=HYPERLINK("x")', evidence="@SUM(1)", inspector_1="＝1＋1", photos="-2+3"
    )
    yield Case(name="formulas as text.xlsx", data=formulas)
    yield Case(name="formulas.xlsx", data=changed(corpus.book, formulas_in))
    yield Case(name="error cells.xlsx", data=changed(corpus.book, errors_in))
    yield Case(name="wrong types.xlsx", data=changed(corpus.book, wrong_types))
    yield Case(name="long text.xlsx", data=corpus.answered(note="长" * 32_000, evidence="😀𠮷\u200b" * 500))
    yield Case(name="no answers.xlsx", data=corpus.written(corpus.form.rows))
    yield Case(name="no rows.xlsx", data=corpus.written(corpus.table.iloc[:0]))
    zh = corpus.rows(*TABLE, lang="zh")
    unknown = [["村编号" if n == 0 else "999999009009", *row] for n, row in enumerate(zh)]
    yield Case(name="unknown village.csv", data=as_csv(unknown))
    yield Case(name="header only.csv", data=as_csv(zh[:1]))
    yield Case(name="unknown serials.csv", data=as_csv([zh[0], ["99999", *zh[1][1:]], ["x", *zh[2][1:]]]))
    void = [
        ["二维码" if n == 0 else code_text(CAMPAIGN, f"0000{n}", "f" * 16), *row[2:]]
        for n, row in enumerate(zh)
    ]
    yield Case(name="codes of a void draw.csv", data=as_csv(void))
    others = [
        ["二维码" if n == 0 else code_text("x", "00001", "f" * 16), *row[2:]] for n, row in enumerate(zh)
    ]
    yield Case(name="codes of another campaign.csv", data=as_csv(others))
    contradiction = [*zh, [*zh[1][:4], "9", *zh[1][5:]]]
    yield Case(name="contradiction.csv", data=as_csv(contradiction))
    yield Case(name="same twice.csv", data=as_csv([*zh, zh[1]]))
    yield Case(name="total below.csv", data=as_csv([*zh, ["合计", "2", *[""] * (len(zh[0]) - 2)]]))
    ragged = [zh[0], zh[1][:4], [*zh[2], "", "", "太长"]]
    yield Case(name="ragged.csv", data=as_csv(ragged))
    yield Case(
        name="stray members.zip",
        data=zipped(
            {
                "a.csv": as_csv([["serial", "outcome", "KEY"], ["00001", "absent", "u1"]]),
                "a-members.csv": as_csv(
                    [["member_name", "age", "PARENT_KEY"], ["甲", "7", "u9"], ["乙", "8", "u1"]]
                ),
            }
        ),
    )
    yield Case(
        name="village answers.csv",
        data=as_csv([["village", *VILLAGE], [corpus.form.village, *VILLAGE.values()]]),
    )


def formulas_in(book) -> None:
    sheet, row = main_sheet(book)
    for field in ("outcome", "note", "persons_found"):
        sheet.cell(row + 1, place(sheet, row, field)).value = '=IF(1=1,"已入户","")'


def errors_in(book) -> None:
    sheet, row = main_sheet(book)
    for field, value in (("persons_found", "#REF!"), ("note", "#N/A"), ("date", "#VALUE!")):
        cell = sheet.cell(row + 1, place(sheet, row, field))
        cell.value, cell.data_type = value, "e"


def wrong_types(book) -> None:
    sheet, row = main_sheet(book)
    values = (
        True,
        3.75,
        datetime.datetime(2026, 6, 3),
        datetime.time(9),
        datetime.timedelta(days=2),
        -1,
        1e300,
    )
    fields = ("outcome", "persons_found", "inspector_1", "note", "verdict", "signed", "date")
    for field, value in zip(fields, values, strict=True):
        sheet.cell(row + 1, place(sheet, row, field)).value = value


def fuzzed(corpus: Corpus) -> Iterator[Case]:
    """Bytes changed at random places, by seed: in the ZIP, inside its parts, in tables and exports."""
    part = sheet_part(corpus.book, "outcome")
    zh = as_csv(corpus.rows(*TABLE, lang="zh"))
    for seed in range(12):
        yield Case(name=f"flipped {seed}.xlsx", data=flipped(corpus.book, seed, 1 + seed * 3))
        yield Case(
            name=f"sheet flipped {seed}.xlsx",
            data=patched(corpus.book, part, lambda xml, seed=seed: flipped(xml, seed, 1 + seed)),
        )
    for seed in range(6):
        yield Case(name=f"flipped {seed}.csv", data=flipped(zh, seed, 1 + seed * 2))
        yield Case(name=f"flipped {seed}.xls", data=flipped(xls(corpus.grids()), seed, 1 + seed * 5))
        yield Case(name=f"flipped {seed}.zip", data=flipped(central(corpus, "-"), seed, 1 + seed))
        yield Case(name=f"noise {seed}.xlsx", data=random.Random(seed).randbytes(2000))
        parts = ("xl/sharedStrings.xml", "xl/workbook.xml", "[Content_Types].xml")
        yield Case(
            name=f"part flipped {seed}.xlsx",
            data=patched(corpus.book, parts[seed % 3], lambda xml, seed=seed: flipped(xml, seed, 1 + seed)),
        )


def flipped(data: bytes, seed: int, places: int) -> bytes:
    chance, changed = random.Random(seed), bytearray(data)
    for _ in range(places):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


if __name__ == "__main__":
    import tempfile

    from findings_office import make_office

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    made = Office(folder, make_office(Path(tempfile.mkdtemp())))
    for case in all_cases(made):
        made.lay_down(case.name, case.data)
