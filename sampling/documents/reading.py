"""What stands in a finished file: its words as a reader sees them, and the numbers in its cells."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree, html
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

BODY = "word/document.xml"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
PAGE_NUMBER = re.compile(r"—\s*\d+\s*—\s*\Z")
"""At the end of a page; between the dashes of a table stands a figure."""
UNSEEN = ("head", "script", "style")
"""Elements of a page that nobody reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """What stands in a file: lines of words; cells that are numbers; on how many pages."""

    lines: tuple[str, ...]
    numbers: tuple[float, ...] = ()
    pages: int = 1


def read_back(data: bytes, suffix: str) -> ReadBack:
    """Read a finished file.

    Parameters
    ----------
    data
        Its bytes.
    suffix
        ".docx", ".xlsx", ".html" or ".pdf".

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if suffix not in READERS:
        raise ValueError(f"suffix must be one of {', '.join(READERS)}, got {suffix!r}")
    return READERS[suffix](data)


def _docx(data: bytes) -> ReadBack:
    """The body: paragraphs wherever they stand, and what is said of pictures."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = etree.fromstring(archive.read(BODY))
    lines = [_paragraph(paragraph) for paragraph in body.iter(f"{WORD}p")]
    return ReadBack(lines=(*lines, *(one.get("descr", "") for one in body.iter(PICTURE))))


def _paragraph(paragraph: etree._Element) -> str:
    """The words of a paragraph's own runs; one inside of it, in a text box, is read by itself."""
    parts = (part for part in paragraph.iter(f"{WORD}t", f"{WORD}br", f"{WORD}tab"))
    own = [part for part in parts if next(part.iterancestors(f"{WORD}p")) is paragraph]
    return "".join(part.text or "" if part.tag == f"{WORD}t" else "\n" for part in own)


def _xlsx(data: bytes) -> ReadBack:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    cells = [
        cell
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
        if cell != ""
    ]
    numbers = [float(cell) for cell in cells if isinstance(cell, int | float) and not isinstance(cell, bool)]
    words = [str(cell) for cell in cells if isinstance(cell, bool) or not isinstance(cell, int | float)]
    return ReadBack(lines=tuple(words), numbers=tuple(numbers))


def _html(data: bytes) -> ReadBack:
    page = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8"))
    for element in [*page.iter(*UNSEEN), *page.iter(etree.Comment)]:
        element.drop_tree()
    lines = [words for words in page.itertext() if words.strip()]
    return ReadBack(lines=(*lines, *(image.get("alt", "") for image in page.iter("img"))))


def _pdf(data: bytes) -> ReadBack:
    reader = PdfReader(io.BytesIO(data))
    pages = [PAGE_NUMBER.sub("", page.extract_text()) for page in reader.pages]
    return ReadBack(lines=tuple(pages), pages=len(pages))


READERS: Mapping[str, Callable[[bytes], ReadBack]] = {
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".html": _html,
    ".pdf": _pdf,
}
