"""Tables of a DOCX, written as text: thousands of rows take a second; cell by cell, minutes."""

import math
from collections.abc import Sequence
from html import escape

from docx.oxml.ns import nsdecls

from sampling.documents import looks
from sampling.documents.clean import clean, half_signs, longest_word
from sampling.documents.looks import style_id
from sampling.documents.model import Grid, Tiles

TWIPS_PER_EMU = 1440 / 914400
UPRIGHT = round(int(looks.TEXT_WIDTH) * TWIPS_PER_EMU)
TURNED = round(
    (int(looks.PAGE[1]) - int(looks.MARGINS["left_margin"]) - int(looks.MARGINS["right_margin"]))
    * TWIPS_PER_EMU
)
HALF_SIGN = round(20 * looks.SMALL_FIVE / 2)
"""Twips of half a Chinese sign in a cell."""
PADDING = 160
WIDEST = 36
"""Half signs of the widest cell that is not broken."""
LINES = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="7F7F7F"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def is_wide(grid: Grid) -> bool:
    """Whether a table needs a turned page."""
    return sum(_natural(grid)) > 1.15 * UPRIGHT and len(grid.columns) > 6


def grid_xml(grid: Grid) -> str:
    """A table whose header repeats on every page and whose rows stay whole."""
    room = TURNED if is_wide(grid) else UPRIGHT
    asked = [WIDEST * share for share in grid.widths] or _natural(grid)
    widths = [round(width * room / sum(asked)) for width in asked]
    last = len(grid.rows) - 1 if grid.total else -1
    rows = [_row(grid.columns, widths, (), look="head")]
    rows += [
        _row(row, widths, grid.numeric, look="total" if place == last else "cell")
        for place, row in enumerate(grid.rows)
    ]
    return _table(rows, widths, LINES)


def tiles_xml(tiles: Tiles) -> str:
    """The figures side by side, at most four in a row, without lines."""
    number = max(len(tiles.tiles), 1)
    count = math.ceil(number / math.ceil(number / 4))
    rows = [tiles.tiles[start : start + count] for start in range(0, number, count)]
    widths = [UPRIGHT // count] * count
    return _table([_tile_row(row, widths) for row in rows], widths, "")


def _tile_row(row: Sequence[tuple[str, str, str, str]], widths: Sequence[int]) -> str:
    blank = ("", "", "", "")
    cells = [
        _cell([(value, "figure"), (label, "figure_words"), (note, "figure_words")], width)
        for (_, value, label, note), width in zip(
            [*row, *[blank] * (len(widths) - len(row))], widths, strict=True
        )
    ]
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _table(rows: Sequence[str], widths: Sequence[int], lines: str) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    edges = f"<w:tblBorders>{lines}</w:tblBorders>" if lines else ""
    margins = "".join(f'<w:{side} w:w="80" w:type="dxa"/>' for side in ("left", "right"))
    look = (
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>{edges}'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
    )
    return (
        f"<w:tbl {nsdecls('w')}><w:tblPr>{look}</w:tblPr>"
        f"<w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _row(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[int], *, look: str) -> str:
    inside = "".join(
        _cell([(words, look)], width, right=place in numeric)
        for place, (words, width) in enumerate(zip(cells, widths, strict=True))
    )
    repeated = "<w:tblHeader/>" if look == "head" else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{inside}</w:tr>"


def _cell(lines: Sequence[tuple[str, str]], width: int, *, right: bool = False) -> str:
    align = '<w:jc w:val="right"/>' if right else ""
    inside = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style_id(look)}"/>{align}</w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(clean(words))}</w:t></w:r></w:p>'
        for words, look in lines
    )
    place = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
    return f"<w:tc>{place}{inside}</w:tc>"


def _natural(grid: Grid) -> list[int]:
    """How wide the columns would like to be, in twips; a title may take two lines, a long cell more."""
    titles = [max(math.ceil(half_signs(title) / 2) + 1, longest_word(title)) for title in grid.columns]
    cells = [[half_signs(row[place]) for row in grid.rows] for place in range(len(grid.columns))]
    signs = [max([title, *column]) for title, column in zip(titles, cells, strict=True)]
    return [HALF_SIGN * min(number + 1, WIDEST) + PADDING for number in signs]
