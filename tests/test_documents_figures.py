"""Finished files read back: a clean one agrees, and each planted wrong figure is found."""

import io
import zipfile
from dataclasses import replace

import pytest
from documents_sample import book, document
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from sampling.documents.docx import docx_bytes
from sampling.documents.figures import differences, numbers
from sampling.documents.model import Book, Document, Grid, Heading, Paragraph
from sampling.documents.pdf import pdf_bytes
from sampling.documents.xlsx import xlsx_bytes
from sampling.reports.html import page, paragraph
from sampling.words import LANGUAGES

WRITERS = {".docx": docx_bytes, ".pdf": pdf_bytes}


def html_of(content: Document) -> bytes:
    marks = "".join(f"<span>{mark}</span>" for mark in content.marks)
    body = [f"<h1>{content.title}</h1>{marks}"]
    for part in content.parts:
        if isinstance(part, Heading | Paragraph):
            body.append(paragraph(part.words).html)
        if isinstance(part, Grid):
            cells = "".join(f"<td>{cell}</td>" for row in (part.columns, *part.rows) for cell in row)
            body.append(f"<p>{part.caption}</p><table><tr>{cells}</tr></table><p>{part.note}</p>")
    return page("".join(body), title=content.title, lang=content.lang).encode()


SMALL = Document(
    title="总结", lang="zh", tier="internal",
    parts=(
        Paragraph(words="应入户3,240户，已入户2,993户，占92.4%。"),
        Grid(caption="", columns=("镇", "户数"), rows=(("甲", "1,835"), ("乙", "5"), ("丙", "12"))),
    ),
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("suffix", WRITERS)
def test_a_finished_file_says_every_number_of_its_content_and_no_other(suffix, lang):
    content = document(lang, rows=120)
    assert differences(content, WRITERS[suffix](content), suffix) == []


def test_a_finished_workbook_and_a_page_do_too():
    assert differences(book(), xlsx_bytes(book()), ".xlsx") == []
    assert differences(SMALL, html_of(SMALL), ".html") == []


def edited(data: bytes, part: str, old: str, new: str) -> bytes:
    """A DOCX or XLSX with one place of one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given_file, zipfile.ZipFile(out, "w") as kept:
        for name in given_file.namelist():
            body = given_file.read(name)
            if name == part:
                assert old.encode() in body, old
                body = body.replace(old.encode(), new.encode(), 1)
            kept.writestr(name, body)
    return out.getvalue()


def _docx(old: str, new: str) -> tuple:
    return SMALL, edited(docx_bytes(SMALL), "word/document.xml", old, new), ".docx"


def _book_cell(place: int, value) -> tuple:
    (sheet, other), content = book().sheets, book()
    row = (*sheet.rows[0][:place], value, *sheet.rows[0][place + 1 :])
    wrong = replace(content, sheets=(replace(sheet, rows=(row, *sheet.rows[1:])), other))
    return content, xlsx_bytes(wrong), ".xlsx"


def _pdf(**change) -> tuple:
    grid = SMALL.parts[1]
    return SMALL, pdf_bytes(replace(SMALL, parts=(SMALL.parts[0], replace(grid, **change)))), ".pdf"


def dashes(number: str) -> Document:
    """A table whose other figures are missing."""
    grid = replace(SMALL.parts[1], columns=("a", "b", "c"), rows=(("—", number, "—"),) * 3)
    return replace(SMALL, parts=(grid,))


ROWS = SMALL.parts[1].rows
PLANTED = {
    "a digit in a sentence": lambda: _docx("2,993", "2,994"),
    "digits swapped": lambda: _docx("1,835", "1,853"),
    "a number cut into runs": lambda: _docx("3,240户", "3,2</w:t></w:r><w:r><w:t>41户"),
    "a cell of a table": lambda: _docx(">12<", ">21<"),
    "a decimal": lambda: _docx("92.4%", "92.5%"),
    "a number too many": lambda: _docx("应入户", "100应入户"),
    "a number of a workbook": lambda: _book_cell(0, 4),
    "money of a workbook": lambda: _book_cell(2, book().sheets[0].rows[0][2] + 1),
    "text of a workbook": lambda: _book_cell(1, "0372"),
    "a sentence of a page": lambda: (SMALL, html_of(SMALL).replace(b"2,993", b"2,939"), ".html"),
    "a table of a page": lambda: (SMALL, html_of(SMALL).replace(b"1,835", b"1,836"), ".html"),
    "a row of a PDF dropped": lambda: _pdf(rows=ROWS[:2]),
    "a row of a PDF doubled": lambda: _pdf(rows=(*ROWS, ROWS[1])),
    "a figure between dashes in a PDF": lambda: (dashes("58"), pdf_bytes(dashes("59")), ".pdf"),
    "a cell of a PDF": lambda: _pdf(rows=(("甲", "1,834"), *ROWS[1:])),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_wrong_figure_is_found(name):
    content, data, suffix = PLANTED[name]()
    assert differences(content, data, suffix) != []


def test_the_difference_says_which_figure_how_often():
    (first, second) = differences(*_docx("1,835", "1,853"))
    assert (first.figure, first.expected, first.found) == ("1835", 1, 0)
    assert (second.figure, second.expected, second.found) == ("1853", 0, 1)


@given(st.lists(st.tuples(st.text(max_size=8), st.integers(0, 10**7)), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_whatever_stands_in_a_document_it_agrees_with_itself(pairs):
    rows = tuple((name, f"{number:,}") for name, number in pairs)
    content = replace(SMALL, parts=(Grid(caption="", columns=("a", "b"), rows=rows),))
    for suffix, write in WRITERS.items():
        assert differences(content, write(content), suffix) == []


@pytest.mark.parametrize("number", ["58", "1", "2,993"])
def test_a_figure_between_the_dashes_of_missing_ones_is_a_figure(number):
    content = dashes(number)
    for suffix, write in WRITERS.items():
        assert differences(content, write(content), suffix) == []


def test_numbers_are_read_as_people_write_them():
    assert dict(numbers(["１,８３５户", "7.0%", "村0371", "2026-07-01"])) == {
        "1835": 1, "7.0": 1, "0371": 1, "2026": 1, "07": 1, "01": 1,
    }  # fmt: skip


def test_a_workbook_without_sheets_is_no_agreement_with_one_that_has():
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as file:
        file.add_worksheet("台账")
    assert differences(book(), out.getvalue(), ".xlsx") != [] and isinstance(book(), Book)
