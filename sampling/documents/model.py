"""What stands in a document, before it is a file: headings, sentences, tables, pictures; workbooks of sheets.

Every cell and sentence is worded already, in the reader's language. The writers (`docx`, `pdf`, `xlsx`) only
lay it out, and `figures` reads a finished file back and compares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

RESTRICTED, INTERNAL, PUBLIC = TIERS = ("restricted", "internal", "public")
"""Who may read: names; pseudonymous ids and estimates; everybody."""
FOUND, ESTIMATED, NOTE = "found", "estimated", "note"
RIGHT, CENTRE, ADDRESS, TITLE = "right", "centre", "address", "title"
"""Looks of a paragraph: signature and date stand right; an address is not indented; a notice that is one of
many in a document has a title of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading; level 1 is 一、 2 is （一） 3 is 1. (the number stands in `words`)."""

    words: str
    level: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph; `look` is one of the looks above, or empty for the body."""

    words: str
    look: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table for reading: cells as the reader sees them.

    Attributes
    ----------
    numeric
        Places (from 0) of the columns that stand right.
    total
        Whether the last row is a sum.
    widths
        Relative widths of the columns; empty for as wide as they need.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    note: str = ""
    total: bool = False
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart as SVG whose text is outlines, and the words that say the same."""

    svg: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """The few figures that a reader takes along: (kind, value, what it is, how sure it is) each."""

    tiles: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBreak:
    """What follows begins on a new page."""


Part = Heading | Paragraph | Grid | Picture | Tiles | PageBreak
PARTS: Mapping[str, type] = {
    kind.__name__.lower(): kind for kind in (Heading, Paragraph, Grid, Picture, Tiles, PageBreak)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document of pages.

    Attributes
    ----------
    tier
        One of TIERS.
    marks
        What stands above the title: tier, draft (送审稿), invented people, rehearsal; worded.
    """

    title: str
    lang: str
    tier: str
    parts: tuple[Part, ...]
    marks: tuple[str, ...] = ()


Cell = str | int | Decimal | date | None
TEXT, WHOLE, YUAN, SHARE, DATE = "text", "whole", "yuan", "share", "date"
"""Kinds of column. Yuan are Decimal with two places; a share is a Decimal, 0.07 shown as 7.0%."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sheet; `choices`, where there are any, are what its cells may be filled in with."""

    title: str
    kind: str = TEXT
    width: float = 12
    choices: tuple[str, ...] = ()
    open: bool = False
    """Whether somebody is to fill it in: its cells are not locked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet: title and notes above, a header, rows; `total` says whether the last row is a sum."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A workbook."""

    title: str
    lang: str
    tier: str
    sheets: tuple[Sheet, ...]
    marks: tuple[str, ...] = ()


def part_to_dict(part: Part) -> dict[str, Any]:
    """A part as JSON can hold it."""
    return {"part": type(part).__name__.lower(), **asdict(part)}


def part_from_dict(values: Mapping[str, Any]) -> Part:
    """The part that `part_to_dict` wrote."""
    fields = {name: _frozen(value) for name, value in values.items() if name != "part"}
    return PARTS[values["part"]](**fields)


def _frozen(value: Any) -> Any:
    """Lists as the tuples that they were."""
    return tuple(map(_frozen, value)) if isinstance(value, Sequence) and not isinstance(value, str) else value
