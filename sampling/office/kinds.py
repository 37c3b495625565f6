"""The documents that a campaign owes, each with its place, its tier and its files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sampling.documents.model import INTERNAL, PUBLIC, RESTRICTED, Book, Document
from sampling.office.feedback import feedback
from sampling.office.household_notices import household_notices
from sampling.office.ledger import ledger
from sampling.office.office import Office
from sampling.office.plan import plan
from sampling.office.public_notice import public_notice
from sampling.office.public_statistics import public_statistics
from sampling.office.rectification import rectification
from sampling.office.reply_sheet import reply_sheet
from sampling.office.review_calendar import review_calendar, review_events
from sampling.office.roster import roster
from sampling.office.statistics import statistics
from sampling.office.summary import summary

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
        The files it is written as: "docx", "pdf", "xlsx".
    build
        Makes its content; None where this place owes none.
    beside
        Further files, by format ("ics"), and what makes them.
    county_named
        Whether the county's file has `-county` behind it, as a town's has its unit.
    """

    places: str
    tier: str
    file: str
    formats: tuple[str, ...]
    build: Callable[[Office], Document | Book | None]
    beside: Mapping[str, Callable[[Office], bytes]] = field(default_factory=dict)
    county_named: bool = False

    @property
    def of_unit(self) -> bool:
        """Whether the unit stands in the file's name."""
        return self.places == TOWNS or self.county_named

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Its files; the last one, a DOCX or XLSX, carries the hash of what it was made from."""
        names = sorted([*self.beside, *self.formats], key=lambda name: name in ("docx", "xlsx"))
        return tuple(f".{name}" for name in names)


OFFICE: Mapping[str, OfficeKind] = {
    "plan": OfficeKind(places=COUNTY, tier=INTERNAL, file="plan", formats=("docx",), build=plan),
    "summary": OfficeKind(
        places=COUNTY, tier=INTERNAL, file="report", formats=("docx",), build=summary, county_named=True
    ),
    "feedback": OfficeKind(places=TOWNS, tier=INTERNAL, file="report", formats=("docx",), build=feedback),
    "statistics": OfficeKind(
        places=COUNTY, tier=INTERNAL, file="statistics", formats=("xlsx",), build=statistics
    ),
    "public_statistics": OfficeKind(
        places=COUNTY, tier=PUBLIC, file="statistics", formats=("xlsx",), build=public_statistics
    ),
    "roster": OfficeKind(places=COUNTY, tier=RESTRICTED, file="roster", formats=("xlsx",), build=roster),
    "roster_town": OfficeKind(places=TOWNS, tier=RESTRICTED, file="roster", formats=("xlsx",), build=roster),
    "rectification": OfficeKind(
        places=TOWNS, tier=RESTRICTED, file="rectification", formats=("docx",), build=rectification
    ),
    "household_notices": OfficeKind(
        places=TOWNS, tier=RESTRICTED, file="household-notices", formats=("docx",), build=household_notices
    ),
    "ledger": OfficeKind(places=COUNTY, tier=RESTRICTED, file="ledger", formats=("xlsx",), build=ledger),
    "ledger_town": OfficeKind(places=TOWNS, tier=RESTRICTED, file="ledger", formats=("xlsx",), build=ledger),
    "replies": OfficeKind(
        places=TOWNS, tier=RESTRICTED, file="replies", formats=("xlsx",), build=reply_sheet
    ),
    "calendar": OfficeKind(
        places=COUNTY,
        tier=INTERNAL,
        file="calendar",
        formats=("xlsx",),
        build=review_calendar,
        beside={"ics": review_events},
    ),
    "notice": OfficeKind(
        places=TOWNS, tier=PUBLIC, file="notice", formats=("docx", "pdf"), build=public_notice
    ),
}
"""Every kind of document. A further one is a function and an entry here."""
