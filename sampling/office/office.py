"""What the documents of one place are made from: the facts, the settings, and who was inspected."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from sampling.campaign import Campaign
from sampling.campaign.facts import Facts
from sampling.campaign.folder import SETTINGS
from sampling.codes import ROLL
from sampling.files import csv_bytes
from sampling.reports.report import COUNTY
from sampling.words import text

UNIT = ["list", "village", "household"]
PERSON = ["household_name", "group", "persons", "entitled", "category", "programme", "amount_fen"]
FINDING = ["outcome", "verdict", "reason", "decision", "amount_paid_fen", "amount_due_fen", "persons_found"]
FINDING += ["entitled_found", "date", "serial"]


@dataclass(frozen=True, kw_only=True)
class Office:
    """One place of a campaign: a town, or the county, whose `number` and `township` are "".

    The tables of a town are cut from the county's, so that a batch reads each file once.
    """

    campaign: Campaign
    lang: str
    unit: Mapping[str, str]
    facts: Facts
    county: "Office | None" = None

    def of(self, unit: Mapping[str, str]) -> "Office":
        """The same for one town (a row of `campaign.units()`)."""
        facts = self.facts.of(unit["township"])
        return Office(campaign=self.campaign, lang=self.lang, unit=unit, facts=facts, county=self)

    @property
    def name(self) -> str:
        """The place, for people."""
        return self.unit["name"]

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

    def fingerprint(self) -> str:
        """SHA-256 of everything that a document of this place is made from."""
        digest = hashlib.sha256((self.campaign.folder / SETTINGS).read_bytes())
        tables = [self.facts.found, self.facts.places, self.facts.lists, self.facts.procedures]
        for table in [*tables, self.facts.estimates, self.inspected, self.roll]:
            digest.update(csv_bytes(table))
        return digest.hexdigest()

    def _inspected(self) -> pd.DataFrame:
        lists = {ROLL: self.campaign.roll(), **self.campaign.lists()}
        people = pd.concat([_people(table, name) for name, table in lists.items()], ignore_index=True)
        findings = self.campaign.findings()[[*UNIT, *FINDING]]
        return self._named(people.merge(findings, on=UNIT))

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
        return table[table["township"] == self.unit["township"]].reset_index(drop=True)


def _people(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table.reindex(columns=["township", "village", "household", *PERSON]).assign(list=name)


def open_office(campaign: Campaign, *, lang: str) -> Office:
    """The county's office, out of which a town's is cut.

    Raises
    ------
    InputError
        If a step before the reports is not done.
    """
    county = {"unit": COUNTY, "number": "", "township": "", "name": text("reports.title.county", lang)}
    return Office(campaign=campaign, lang=lang, unit=county | {"kind": COUNTY}, facts=campaign.fact_tables())
