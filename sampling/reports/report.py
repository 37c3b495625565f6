"""One report being made: its campaign, place and language, checked before anything is read."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sampling.campaign import Campaign, open_campaign
from sampling.documents.model import INTERNAL, NOTE, Paragraph
from sampling.files import csv_bytes, write_whole
from sampling.reports.data import DataNow, ReportData
from sampling.reports.html import Block, Table, bundle, escape
from sampling.words import LANGUAGES, InputError, Problem, refuse_if_any, text

COUNTY = "county"
PARAMETERS = ("campaign", "unit", "lang")
"""What every notebook declares; all text, all may be empty."""


NEEDS: Mapping[str, Callable[[Campaign], object]] = {
    "10_plan": Campaign.frame,
    "20_draw": Campaign.frame,
    "30_visits": Campaign.sample,
    "40_findings": Campaign.findings,
}
"""The step that a notebook needs, asked for at once: a reader shall not meet it as an error in a later cell.
The draw itself is made in the notebook `20_draw`, so it needs the commit only.
Notebooks that are not named need the estimates."""


class ReportRefused(InputError):  # noqa: N818 (a refusal, like the class above it)
    """What a notebook was asked for cannot be given; worded in the reader's language."""

    def __init__(self, error: InputError, lang: str) -> None:
        super().__init__(error.problems)
        self.lang = lang

    def __str__(self) -> str:
        return "\n".join(problem.to_line(self.lang) for problem in self.problems)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A notebook's campaign, place and language; in a notebook it shows as the head of the page."""

    notebook: str
    lang: str
    data: ReportData
    unit: Mapping[str, str]
    """The row of `campaign.units()`; for the county its `unit` and `number` are "county" and ""."""

    @property
    def campaign(self) -> Campaign:
        return self.data.campaign

    @property
    def name(self) -> str:
        """The place, for people."""
        return self.unit["name"]

    @property
    def title(self) -> str:
        """The head line of the page."""
        return text(f"reports.title.{self.notebook}", self.lang, name=self.name)

    def reason(self, code: str) -> str:
        """A reason for people, the county's own among them."""
        return self.campaign.codebook.label(code, self.lang)

    @property
    def folder(self) -> Path:
        """Where its files go."""
        return report_folder(self.campaign, self.lang)

    def __repr__(self) -> str:
        return f"Report({self.notebook}, {self.unit['unit']}, {self.lang})"

    @property
    def marks(self) -> tuple[str, ...]:
        """What stands above the title: who may read it, and whether it is about invented people."""
        marks = [text("reports.page.internal", self.lang)]
        return (*marks, *(text(f"reports.page.{mark}", self.lang) for mark in self.campaign.marks))

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle([Paragraph(words=self._subtitle, look=NOTE)])

    @property
    def _subtitle(self) -> str:
        return text("reports.page.campaign", self.lang, id=self.campaign.id)

    def _repr_html_(self) -> str:
        boxes = "".join(f"<span>{escape(mark)}</span>" for mark in self.marks)
        campaign = escape(self._subtitle)
        title = escape(self.title)
        return f'<header><p class="marks">{boxes}</p><h1>{title}</h1><p class="sub">{campaign}</p></header>'

    def save(self, table: Table) -> Block:
        """Write the figures of a table as CSV beside the report; shows as the foot of the page."""
        path = self.folder / f"{self.notebook}-{safe_name(self.unit['unit'])}.csv"
        write_whole(path, csv_bytes(table.to_table()))
        lines = [
            text("reports.page.saved", self.lang, file=path.name),
            text(
                "reports.page.made",
                self.lang,
                frame=self.campaign.commit()["frame_sha256"][:16],
                software=version("inspection-sampling"),
            ),
        ]
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
        notes = tuple(Paragraph(words=line, look=NOTE) for line in lines)
        return Block(html=f"<footer>{paragraphs}</footer>", plain="\n".join(lines), parts=notes)


def open_report(notebook: str, *, campaign: str, unit: str, lang: str) -> Report:
    """Check a notebook's parameters and open what it reports on.

    Parameters
    ----------
    notebook
        The notebook's own name.
    campaign
        The campaign folder; empty for the one that SAMPLING_CAMPAIGN names, else the demo's.
    unit
        The town or unit by number or name (`7`, `07`, `007`, `示范七镇`); empty for the whole county.
    lang
        The reader's language; empty for the campaign's own.

    Raises
    ------
    ReportRefused
        With every problem of the parameters, or the step that is not done yet, in the reader's language.
    """
    reader = lang if lang in LANGUAGES else ""
    try:
        refuse_if_any(_other_kinds({"campaign": campaign, "unit": unit, "lang": lang}))
        opened = open_campaign(campaign)
        reader = reader or opened.lang
        refuse_if_any([*_unknown_language(lang), *_unknown_unit(opened, str(unit))])
        NEEDS.get(notebook, Campaign.estimates)(opened)
        data = DataNow(campaign=opened) if notebook in NEEDS else ReportData(campaign=opened)
        return report_on(data, notebook, unit=str(unit), lang=reader)
    except InputError as error:
        raise ReportRefused(error, reader or LANGUAGES[-1]) from None


def report_on(county: ReportData, notebook: str, *, unit: str, lang: str) -> Report:
    """The report on one place out of the county's tables, which may be read already.

    Raises
    ------
    InputError
        If there is no such town or unit.
    """
    place = _place(county.campaign, unit, lang)
    data = county.of(place["township"]) if place["number"] else county
    return Report(notebook=notebook, lang=lang, data=data, unit=place)


def _other_kinds(values: Mapping[str, object]) -> list[Problem]:
    return [
        Problem(key="reports.parameter_kind", column=name, value=repr(value))
        for name, value in values.items()
        if not isinstance(value, str)
        and not (name == "unit" and type(value) is int)  # papermill's -p makes 007 a 7
    ]


def _unknown_language(lang: str) -> list[Problem]:
    if not lang or lang in LANGUAGES:
        return []
    return [Problem(key="reports.unknown_language", value=lang, fields={"known": ", ".join(LANGUAGES)})]


def _unknown_unit(campaign: Campaign, unit: str) -> tuple[Problem, ...]:
    try:
        _place(campaign, unit, LANGUAGES[-1])
    except InputError as error:
        return error.problems
    return ()


def _place(campaign: Campaign, unit: str, lang: str) -> Mapping[str, str]:
    if unit in ("", COUNTY):
        return {"unit": COUNTY, "number": "", "name": text("reports.title.county", lang), "kind": COUNTY}
    return campaign.unit(unit)


def report_folder(campaign: Campaign, lang: str, tier: str = INTERNAL) -> Path:
    """Where the reports of one language and tier lie."""
    return campaign.folder / "reports" / lang / tier


def safe_name(unit: str) -> str:
    """A unit's name as a part of a file name on any system: letters, digits, - and _, at most 60 signs.

    >>> safe_name("01_../../x")
    '01_______x'
    """
    plain = unicodedata.normalize("NFC", unit)
    return re.sub(r"[^\w-]", "_", plain)[:60]
