"""Pieces that several documents of an office use: numbered headings, the office's words, a signature."""

from collections.abc import Iterable, Iterator

from sampling.documents.model import ADDRESS, RIGHT, Heading, Paragraph, Part
from sampling.office.office import Office
from sampling.reports.html import Block, Table
from sampling.words import text


def say(key: str, lang: str, **fields: object) -> str:
    """A sentence of the office's catalogue."""
    return text(f"office.{key}", lang, **fields)


def chapter(number: int, key: str, lang: str) -> Heading:
    """A numbered heading out of the office's catalogue."""
    return numbered(number, say(key, lang), lang)


def numbered(number: int, words: str, lang: str) -> Heading:
    """A heading with its number: 一、 or 1."""
    return Heading(words=say("heading", lang, number=say(f"number.{number}", lang), words=words))


def paragraphs(lines: Iterable[str], look: str = "") -> Iterator[Paragraph]:
    """A paragraph for each line that says something."""
    return (Paragraph(words=line, look=look) for line in lines if line)


def without_heading(block: Block) -> tuple[Part, ...]:
    """The sentences of a report's section; a document has headings of its own."""
    return tuple(part for part in block.parts if not isinstance(part, Heading))


def grid_of(table: Table | Block) -> tuple[Part, ...]:
    """A report's table as a part of a document; nothing where it has no rows."""
    if isinstance(table, Block):
        return table.parts
    return (table.grid,) if len(table.frame) else ()


def addressed(office: Office) -> Paragraph:
    """Whom a letter is to; a unit of the county is addressed differently from a town."""
    kind = "unit" if office.unit["kind"] == "unit" else "town"
    return Paragraph(words=say(f"feedback.to_{kind}", office.lang, name=office.name), look=ADDRESS)


def signature(office: Office) -> tuple[Paragraph, ...]:
    """Who signs, and the date left open."""
    return tuple(paragraphs([office.house, say("date", office.lang)], RIGHT))
