"""What one report may see: the campaign's tables, those of one town or of the whole county, without names."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from sampling.campaign import Campaign
from sampling.codes import ROLL
from sampling.designs import stratum_sizes
from sampling.files import csv_bytes

KEYS = ["list", "township", "village", "household"]
FOUND = ["outcome", "verdict", "reason", "amount_paid_fen", "amount_due_fen"]
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
        return ReportData(campaign=self.campaign, township=township, county=self)

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

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What was found, one row per household of a list."""
        return self._cut("findings", lambda: self.campaign.findings()[KEYS + FOUND])

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The estimates: all of them, or the town's own."""
        if self.county is None:
            return self.campaign.estimates()
        table = self.county.estimates
        return table[(table["by"] == "township") & (table["domain"] == self.township)]

    @cached_property
    def visits(self) -> pd.DataFrame:
        """One row per household to visit, of every list, with what became of it ("" where nothing yet).

        Households to visit are those drawn, and reserves that were opened.
        """
        second = self.sample.loc[self.sample["stage"] == "2", [*KEYS, "role"]]
        visits = second.merge(self.findings, on=KEYS, how="left")
        texts = {name: visits[name].fillna("") for name in ("outcome", "verdict", "reason")}
        visits = visits.assign(**texts)
        return visits[(visits["role"] == "main") | (visits["outcome"] != "")].reset_index(drop=True)

    @property
    def roll_visits(self) -> pd.DataFrame:
        """The visits to households of the roll itself."""
        return self.visits[self.visits["list"] == ROLL]

    def fingerprint(self) -> str:
        """SHA-256 of everything that a report of this town or county is made from."""
        digest = hashlib.sha256()
        for table in (self.villages, self.roll, self.sample, self.findings, self.estimates):
            digest.update(csv_bytes(table))
        return digest.hexdigest()

    def _cut(self, name: str, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        if self.county is None:
            return read()
        table = getattr(self.county, name)
        return table[table["township"] == self.township].reset_index(drop=True)
