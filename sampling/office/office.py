"""What the documents of one place are made from: the facts, the settings, and who was inspected."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import pandas as pd

from sampling.campaign import Campaign
from sampling.campaign.facts import Facts
from sampling.campaign.folder import SETTINGS
from sampling.campaign.followup import problems_of
from sampling.codes import ROLL
from sampling.files import csv_bytes
from sampling.reports.data import ReportData
from sampling.reports.report import COUNTY, Report, report_on
from sampling.words import text

NOTEBOOK = "61_report_county"
UNIT = ["list", "village", "household"]
PERSON = ["household_name", "group", "persons", "entitled", "category", "programme", "amount_fen", "identity"]
FINDING = ["outcome", "verdict", "reason", "decision", "amount_paid_fen", "amount_due_fen", "persons_found"]
FINDING += ["entitled_found", "date", "serial", "mode", "signed"]
FINDING += [f"income_{kind}_fen" for kind in ("wages", "business", "property", "transfers")]


@dataclass(frozen=True, kw_only=True)
class Office:
    """One place of a campaign: a town, or the county, whose `number` and `township` are "".

    The tables of a town are cut from the county's, so that a batch reads each file once.
    """

    report: Report
    """What notebooks show of the same place: the sentences and tables are the same."""
    county: "Office | None" = None

    def of(self, number: str) -> "Office":
        """The same for one town, by its number."""
        data = self.report.data
        report = report_on(data, self.report.notebook, unit=number, lang=self.lang)
        return Office(report=report, county=self)

    @property
    def campaign(self) -> Campaign:
        return self.report.campaign

    @property
    def lang(self) -> str:
        """The reader's language."""
        return self.report.lang

    @property
    def unit(self) -> Mapping[str, str]:
        """A row of `campaign.units()`."""
        return self.report.unit

    @property
    def facts(self) -> Facts:
        """The figures of the place."""
        return self.report.data.facts

    @property
    def name(self) -> str:
        """The place, for people."""
        return self.report.name

    @property
    def house(self) -> str:
        """The office's own name; a line to write it on where it is not set."""
        return self.campaign.settings.office["name"] or "＿＿＿＿＿＿"

    @property
    def hotlines(self) -> tuple[str, ...]:
        """The phones that a public file may show."""
        return self.campaign.settings.office["hotlines"]

    @property
    def reference(self) -> date:
        """The day for which the roll holds: that of the commit."""
        return datetime.fromisoformat(self.campaign.commit()["committed_at"]).date()

    def marks(self, tier: str, *, draft: bool) -> tuple[str, ...]:
        """What stands above a title: who may read it, that it is a draft, that people are invented."""
        names = [tier, *(["draft"] if draft else []), *self.campaign.marks]
        return tuple(text(f"office.mark.{name}", self.lang) for name in names)

    @cached_property
    def inspected(self) -> pd.DataFrame:
        """Restricted: one row per household with a finding, with its name and place.

        Columns list, township, township_name, village, village_name, household; PERSON as the roll or list
        has them (missing where unknown); FINDING.
        """
        return self._cut("inspected", self._inspected)

    @cached_property
    def roll(self) -> pd.DataFrame:
        """Restricted: the roll, one row per household, with township_name, village_name and PERSON."""
        return self._cut("roll", lambda: self._named(_people(self.campaign.roll(), ROLL)))

    @cached_property
    def problems(self) -> pd.DataFrame:
        """Restricted: `problems_of` the place, with village_name and household_name."""
        return self._cut("problems", self._problems)

    @cached_property
    def towns(self) -> Mapping[str, str]:
        """The name of each township."""
        units = self.campaign.units()
        return dict(zip(units["township"], units["name"], strict=True))

    def fingerprint(self) -> str:
        """SHA-256 of everything that a document of this place is made from."""
        digest = hashlib.sha256((self.campaign.folder / SETTINGS).read_bytes())
        tables = [self.facts.found, self.facts.places, self.facts.lists, self.facts.procedures]
        for table in [*tables, self.facts.estimates, self.inspected, self.roll, self.problems]:
            digest.update(csv_bytes(table))
        return digest.hexdigest()

    def _inspected(self) -> pd.DataFrame:
        lists = {ROLL: self.campaign.roll(), **self.campaign.lists()}
        people = pd.concat([_people(table, name) for name, table in lists.items()], ignore_index=True)
        findings = self.campaign.findings()[[*UNIT, *FINDING]]
        return self._named(people.merge(findings, on=UNIT))

    def _problems(self) -> pd.DataFrame:
        lists = {ROLL: self.campaign.roll(), **self.campaign.lists()}
        people = pd.concat([_people(table, name) for name, table in lists.items()], ignore_index=True)
        villages = self.campaign.villages().reindex(columns=["village", "village_name"], fill_value="")
        rows = problems_of(self.campaign).merge(people[[*UNIT, "household_name"]], on=UNIT, how="left")
        rows = rows.merge(villages, on="village", how="left")
        texts = ["household_name", "village_name"]
        return rows.assign(**{name: rows[name].astype("str").fillna("") for name in texts})

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        villages = self.campaign.villages()
        named = villages.reindex(columns=["township_name", "village", "village_name"], fill_value="")
        rows = table.merge(named, on="village", how="left").sort_values(["township", "village", "household"])
        towns = rows["township_name"].where(rows["township_name"] != "", rows["township"])
        return rows.assign(township_name=towns).reset_index(drop=True)

    def _cut(self, name: str, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        if self.county is None:
            return read()
        table = getattr(self.county, name)
        return table[table["township"] == self.report.data.township].reset_index(drop=True)


def _people(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table.reindex(columns=["township", "village", "household", *PERSON]).assign(list=name)


def open_office(campaign: Campaign, *, lang: str) -> Office:
    """The county's office, out of which a town's is cut.

    Raises
    ------
    InputError
        If a step before the reports is not done.
    """
    data = ReportData(campaign=campaign)
    return Office(report=report_on(data, NOTEBOOK, unit=COUNTY, lang=lang))
