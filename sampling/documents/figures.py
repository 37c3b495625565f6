"""Whether a finished file says the numbers that its content has: each of them, as often, and no other."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sampling.documents.model import Book, Document, Grid, Heading, Paragraph, Part, Picture, Tiles
from sampling.documents.reading import read_back

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
PDF = ".pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A number that stands in a file more or less often than in its content."""

    figure: str
    expected: int
    found: int


def numbers(words: Iterable[str]) -> Counter[str]:
    """The numbers in words, as often as they stand there, without the commas that part thousands.

    >>> sorted(numbers(["１,835户，7.0%", "村0371"]))
    ['0371', '1835', '7.0']
    """
    folded = (unicodedata.normalize("NFKC", line) for line in words)
    return Counter(found.replace(",", "") for line in folded for found in NUMBER.findall(line))


def differences(
    content: Document | Book, data: bytes, suffix: str, *, letterhead: bytes = b""
) -> list[Difference]:
    """Read a finished file back and compare its numbers with those of its content.

    Parameters
    ----------
    content
        What the file was made from.
    data, suffix
        The file: ".docx", ".xlsx", ".html" or ".pdf".
    letterhead
        The office's own DOCX that the file was made in; its numbers may stand there too.

    Returns
    -------
    differences
        None where the two agree.

    Notes
    -----
    Numbers are compared without their sign and without their places. The pages of a PDF repeat title, marks
    and the heads of tables: what stands there may be there more often. What is said of its pictures cannot be
    read in it.
    """
    back = read_back(data, suffix)
    own = numbers(read_back(letterhead, suffix).lines) if letterhead else Counter[str]()
    found = numbers(back.lines) + _cells(back.numbers)
    if isinstance(content, Book):
        wanted, repeated = _of_book(content), Counter[str]()
    else:
        wanted, repeated = _of_document(content, suffix), _repeated(content, suffix)
    return [
        Difference(figure=figure, expected=wanted[figure], found=found[figure])
        for figure in sorted(wanted | found)
        if not wanted[figure]
        <= found[figure]
        <= wanted[figure] + own[figure] + repeated[figure] * (back.pages - 1)
    ]


def _of_document(document: Document, suffix: str) -> Counter[str]:
    parts = [part for part in document.parts if not (suffix == PDF and isinstance(part, Picture))]
    return numbers([document.title, *document.marks, *(words for part in parts for words in words_of(part))])


def _repeated(document: Document, suffix: str) -> Counter[str]:
    """What may stand on each page of a PDF once more."""
    if suffix != PDF:
        return Counter()
    heads = (name for part in document.parts if isinstance(part, Grid) for name in part.columns)
    return numbers([document.title, *document.marks, *heads])


def words_of(part: Part) -> Iterator[str]:
    """Every word of a part that a reader sees, or hears."""
    match part:
        case Heading() | Paragraph() | Picture():
            yield part.words
        case Grid():
            yield from (part.caption, part.note, *part.columns)
            yield from (cell for row in part.rows for cell in row)
        case Tiles():
            yield from (words for _, *told in part.tiles for words in told)


def _of_book(book: Book) -> Counter[str]:
    lists = {column.choices for sheet in book.sheets for column in sheet.columns}
    words = [word for choices in lists for word in choices]
    cells: list[float] = []
    for sheet in book.sheets:
        words += [*book.marks, sheet.title, *sheet.notes, *(column.title for column in sheet.columns)]
        for cell in (cell for row in sheet.rows for cell in row):
            if isinstance(cell, int | Decimal):
                cells.append(float(cell))
            elif isinstance(cell, str | date):
                words.append(str(cell))
    return numbers(words) + _cells(cells)


def _cells(values: Iterable[float]) -> Counter[str]:
    """Cells that are numbers, told apart from numbers in words."""
    return Counter(f"#{value!r}" for value in values)
