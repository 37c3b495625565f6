"""What one report may see: the campaign's tables, those of one town or of the whole county, without names."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from sampling.campaign import Campaign
from sampling.campaign.counting import count_now
from sampling.campaign.facts import TABLES, Facts, places_table
from sampling.codes import ROLL
from sampling.designs import stratum_sizes
from sampling.files import csv_bytes

ROLL_FIELDS = ["township", "village", "household", "category", "new_inclusion", "amount_fen"]
VILLAGE_FIELDS = ["township", "township_name", "village", "village_name", "x", "y"]


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """The tables behind a report, read when first asked for; never a name, an account or a note.

    A town's tables are cut from the county's, so that a batch reads each file once.
    """

    campaign: Campaign
    township: str = ""
    county: "ReportData | None" = None

    def of(self, township: str) -> "ReportData":
        """The same tables cut to one town."""
        return replace(self, township=township, county=self)

    @cached_property
    def facts(self) -> Facts:
        """The figures of `facts.json`."""
        return self.county.facts.of(self.township) if self.county else self._facts()

    def _facts(self) -> Facts:
        return self.campaign.fact_tables()

    @cached_property
    def villages(self) -> pd.DataFrame:
        """Every village of the frame: its town, names and place."""
        return self._cut("villages", lambda: self.campaign.villages().reindex(columns=VILLAGE_FIELDS))

    @cached_property
    def roll(self) -> pd.DataFrame:
        """The roll, one row per household."""
        return self._cut("roll", lambda: self.campaign.roll().reindex(columns=ROLL_FIELDS))

    @cached_property
    def strata(self) -> pd.DataFrame:
        """The strata of the design with the sizes of the draw: what `stratum_sizes` says of the frame."""
        return self._cut("strata", lambda: stratum_sizes(self.campaign.frame(), self.campaign.design))

    @property
    def empty_villages(self) -> int:
        """Villages of the frame without a household on the roll."""
        units = self.campaign.frame().units
        inside = units["township"] == self.township if self.township else units["township"] != ""
        return int((inside & (units["household"] == "")).sum())

    @cached_property
    def sample(self) -> pd.DataFrame:
        """The drawn sample; every cell text."""
        return self._cut("sample", self.campaign.sample)

    @property
    def estimates(self) -> pd.DataFrame:
        """The estimates: all of them, or the town's own."""
        return self.facts.estimates

    @property
    def visits(self) -> pd.DataFrame:
        """Households to visit, of every list, counted by what became of them: `Facts.found`."""
        return self.facts.found

    @cached_property
    def places(self) -> pd.DataFrame:
        """The drawn villages: `Facts.places`."""
        return self.facts.places

    @property
    def roll_households(self) -> int:
        """Households on the roll."""
        lists = self.facts.lists
        return int(lists.loc[lists["list"] == ROLL, "households"].sum())

    @property
    def roll_visits(self) -> pd.DataFrame:
        """The visits to households of the roll itself."""
        return self.visits[self.visits["list"] == ROLL]

    def fingerprint(self) -> str:
        """SHA-256 of everything that a report of this town or county is made from."""
        digest = hashlib.sha256()
        counted = [getattr(self.facts, name) for name in TABLES]
        for table in (self.villages, self.sample, *counted, self.estimates):
            digest.update(csv_bytes(table))
        return digest.hexdigest()

    def _cut(self, name: str, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        if self.county is None:
            return read()
        table = getattr(self.county, name)
        return table[table["township"] == self.township].reset_index(drop=True)


class DataNow(ReportData):
    """The same where nothing is estimated yet: counted from the register as it stands now."""

    def _facts(self) -> Facts:
        return count_now(self.campaign)

    @cached_property
    def places(self) -> pd.DataFrame:
        """The drawn villages, before anybody has been anywhere."""
        return places_table(self.sample)
