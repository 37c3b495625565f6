"""One grid of cells as a file of any kind, for the tests of reading."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
import xlwt

from sampling.words import LANGUAGES, InputError, Problem

Grid = Sequence[Sequence[Any]]

KINDS = {
    "utf8.csv": lambda path, grid: write_csv(path, grid, "utf-8"),
    "bom.csv": lambda path, grid: write_csv(path, grid, "utf-8-sig"),
    "gb.csv": lambda path, grid: write_csv(path, grid, "gb18030"),
    "unicode.txt": lambda path, grid: write_csv(path, grid, "utf-16", "\t"),
    "semicolon.csv": lambda path, grid: write_csv(path, grid, "utf-8", ";"),
    "book.xlsx": lambda path, grid: write_xlsx(path, {"Sheet1": grid}),
    "book.xls": lambda path, grid: write_xls(path, {"Sheet1": grid}),
    "table.parquet": lambda path, grid: write_parquet(path, grid),
}
"""How to write a grid of text cells as each kind of file, by file name."""

WORKBOOKS = {
    "book.xlsx": lambda path, sheets: write_xlsx(path, sheets),
    "book.xls": lambda p, s: write_xls(p, s),
}


def write_csv(path: Path, grid: Grid, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(grid)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, sheets: dict[str, Grid], hidden: Sequence[str] = ()) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for title, grid in sheets.items():
        sheet = book.add_worksheet(title)
        for i, row in enumerate(grid):
            for j, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                else:
                    sheet.write_number(i, j, cell)
        if title in hidden:
            sheet.hide()
    book.close()
    return path


def write_xls(path: Path, sheets: dict[str, Grid]) -> Path:
    book = xlwt.Workbook()
    for title, grid in sheets.items():
        sheet = book.add_sheet(title)
        for i, row in enumerate(grid):
            for j, cell in enumerate(row):
                sheet.write(i, j, cell)
    book.save(str(path))
    return path


def write_parquet(path: Path, grid: Grid) -> Path:
    header, *rows = grid
    pd.DataFrame(rows, columns=header, dtype="str").to_parquet(path, index=False)
    return path


def problems_of(call: Any) -> list[Problem]:
    """The problems with which a call refuses its input."""
    try:
        call()
    except InputError as error:
        return said(error.problems)
    raise AssertionError("the input was taken")


def said(problems: Sequence[Problem]) -> list[Problem]:
    """The same problems, after each has been worded in every language: a missing word or field raises."""
    for problem in problems:
        assert all(problem.to_line(lang) for lang in LANGUAGES)
    return list(problems)


def found(problems: Sequence[Problem], key: str) -> list[tuple[int | None, str, str]]:
    """Row, column and value of the problems of one key."""
    return [(p.row, p.column, p.value) for p in said(problems) if p.key == f"frames.{key}"]


def keys(problems: Sequence[Problem]) -> set[str]:
    return {problem.key.removeprefix("frames.") for problem in said(problems)}
