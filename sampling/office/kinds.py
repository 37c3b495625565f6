"""The documents that a campaign owes, each with its place, its tier and its files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sampling.documents.model import Book, Document
from sampling.office.office import Office

TOWNS, COUNTY = "towns", "county"


@dataclass(frozen=True, kw_only=True)
class OfficeKind:
    """A document of an office.

    Attributes
    ----------
    places
        TOWNS for one of each town and unit, COUNTY for one of the county.
    tier
        Who may read it: a folder below `reports/<lang>/`.
    file
        How its file begins; a town's has `-<unit>` behind it.
    formats
        The files it is written as: "docx", "pdf", "xlsx", "ics".
    build
        Makes its content; None where this place owes none.
    """

    places: str
    tier: str
    file: str
    formats: tuple[str, ...]
    build: Callable[[Office], Document | Book | None]


OFFICE: Mapping[str, OfficeKind] = {}
"""Every kind of document. A further one is a function and an entry here."""
