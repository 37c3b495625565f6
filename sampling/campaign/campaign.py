"""A campaign as its folder holds it: every step's file, read when asked for."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.facts import Facts, facts_from
from sampling.campaign.settings import Settings, read_settings
from sampling.codes import Codebook
from sampling.designs import Design
from sampling.draws.acts import VILLAGE
from sampling.draws.roles import REPLACED, RESERVE, drawn_rows
from sampling.files import read_csv
from sampling.findings import Register
from sampling.forms import Standard
from sampling.frames import Frame, read_frame
from sampling.words import LANGUAGES, InputError, Problem

PROJECT = Path(__file__).parents[2]
DEMO = PROJECT / "data" / "campaigns" / "demo"
HOUSEHOLD = ["stage", "list", "village", "household"]
NUMBERS = ("estimate", "se", "cv", "low", "high", "confidence", "df", "deff", "icc", "n_psu", "n_ssu")
MARKS = ("synthetic", "rehearsal")


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """One campaign: its folder, the language of its readers, what `campaign.toml` says.

    Each method reads the file of one step; a step that is not done yet raises InputError that names it.
    """

    folder: Path
    lang: str
    settings: Settings

    def __repr__(self) -> str:
        return f"Campaign({self.id!r}, lang={self.lang!r})"

    @property
    def id(self) -> str:
        return self.settings.id

    @property
    def design(self) -> Design:
        """The design as committed; as `campaign.toml` says where nothing is committed yet."""
        return Design.from_dict(self.commit()["design"]) if self.has(place.COMMIT) else self.settings.design

    @property
    def codebook(self) -> Codebook:
        """The code lists, with reasons of the county's own."""
        return self.settings.codebook

    @property
    def standard(self) -> Standard:
        """What a household is due."""
        return self.settings.standard

    @property
    def synthetic(self) -> bool:
        """Whether the people of this campaign are invented: every document then says so."""
        return self.commit()["synthetic"]

    @property
    def rehearsal(self) -> bool:
        """Whether this draw is a rehearsal, which does not count: every document then says so."""
        return self.commit()["rehearsal"]

    @property
    def marks(self) -> tuple[str, ...]:
        """What every document made from this campaign must say: "synthetic", "rehearsal"."""
        return tuple(name for name in MARKS if self.commit()[name])

    def has(self, name: str) -> bool:
        """Whether the folder holds this file."""
        return (self.folder / name).exists()

    def path(self, name: str, step: str) -> Path:
        """The path of a file that `step` wrote; InputError naming the step where it is not there."""
        if not self.has(name):
            raise InputError([Problem(key="campaign.step_not_done", file=name, fields={"step": step})])
        return self.folder / name

    def commit(self) -> dict:
        return json.loads(self.path(place.COMMIT, "commit").read_text(encoding="utf-8"))

    def receipt(self) -> dict:
        return json.loads(self.path(place.RECEIPT, "draw").read_text(encoding="utf-8"))

    def frame(self) -> Frame:
        """The committed frame."""
        return read_frame(self.path(place.FRAME, "commit"), self.path(place.VILLAGES, "commit"))

    def list_frames(self) -> dict[str, Frame]:
        """The committed frames of the other lists that are drawn, by name."""
        names = self.commit()["lists"]
        return {name: _list_frame(self.path(place.list_frame(name), "commit")) for name in names}

    def roll(self) -> pd.DataFrame:
        """The roll with all its fields, one row per household: restricted, names are in it."""
        return pd.read_parquet(self.path(place.ROLL, "commit"))

    def lists(self) -> dict[str, pd.DataFrame]:
        """The other lists with all their fields, by name: restricted."""
        names = self.commit()["lists"]
        return {name: pd.read_parquet(self.path(place.list_roll(name), "commit")) for name in names}

    def villages(self) -> pd.DataFrame:
        """Every village of the frame with its name, town, kind and place where they are known."""
        return pd.read_parquet(self.path(place.VILLAGE_DETAILS, "commit"))

    def sample(self) -> pd.DataFrame:
        """The drawn sample, columns of `sample.csv`, every cell text."""
        self.path(place.RECEIPT, "draw")
        return read_csv(self.path(place.SAMPLE, "draw"))

    def issued(self) -> pd.DataFrame:
        """The sample as forms went out for it: what was drawn first stands first, whatever came later.

        Serials are numbers of rows, so they stay. Households that are not drawn any more have the role
        replaced. Villages whose households are drawn on arrival, and are not yet, are left out.
        """
        now, receipt = self.sample(), self.receipt()
        own = [path for path in place.kept_receipts(self.folder) if _same_draw(path, receipt)]
        tables = [*(read_csv(path / place.SAMPLE) for path in own), now]
        villages = now[now["stage"] == "1"]
        villages = villages[~villages["village"].isin(self.waiting())]
        inside = [table[(table["stage"] == "2") & (table["role"] != RESERVE)] for table in tables]
        households = pd.concat(inside).drop_duplicates(HOUSEHOLD)
        roles = now.set_index(HOUSEHOLD)["role"]
        places = pd.MultiIndex.from_frame(households[HOUSEHOLD])
        households = households.assign(role=roles.reindex(places).fillna(REPLACED).to_numpy())
        return pd.concat([villages, households], ignore_index=True)

    def waiting(self) -> list[str]:
        """The drawn villages whose households are still to be drawn on arrival; none if nothing is sealed."""
        receipt = self.receipt()
        if not receipt["design"]["sealed"]:
            return []
        frames = [self.frame(), *self.list_frames().values()]
        inhabited = {village for part in frames for village in part.units.query("household != ''")["village"]}
        arrived = {act["village"] for act in receipt["acts"] if act["act"] == VILLAGE}
        sample = drawn_rows(self.sample())
        drawn = sample.loc[sample["stage"] == "1", "village"]
        return [village for village in drawn if village in inhabited - arrived]

    def register(self) -> Register:
        """The register of findings; it keeps the state that it has read."""
        return self._register

    @cached_property
    def _register(self) -> Register:
        return register_in(self.folder)

    def has_register(self) -> bool:
        """Whether findings can have been taken in already."""
        return "SAMPLING_REGISTER_URL" in os.environ or self.has(place.REGISTER)

    def has_findings(self) -> bool:
        """Whether anything was found already: what is decided from now on is decided after looking."""
        return self.has_register() and not self.findings().empty

    def findings(self) -> pd.DataFrame:
        """What was found, one row per household of a list."""
        return self.register().findings()

    def second_visits(self) -> pd.DataFrame:
        """What other teams found where households were visited twice: the columns of `findings`."""
        return self.register().second_visits()

    def village_answers(self) -> pd.DataFrame:
        """What the village forms say, one row per village."""
        return self.register().village_answers()

    def quarantine(self) -> pd.DataFrame:
        """Returned rows that were not taken, with the reason."""
        return self.register().quarantine()

    def estimates(self) -> pd.DataFrame:
        """The estimates table, its numbers as numbers."""
        self.path(place.FACTS, "estimate")
        table = read_csv(self.path(place.ESTIMATES, "estimate"))
        numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in NUMBERS}
        return table.assign(**numbers)

    def facts(self) -> dict:
        """The figures that reports print, and the fingerprints of what they were made from."""
        return json.loads(self.path(place.FACTS, "estimate").read_text(encoding="utf-8"))

    def fact_tables(self) -> Facts:
        """The figures that reports print, as tables."""
        return facts_from(self.facts(), self.estimates())

    @cached_property
    def _units(self) -> pd.DataFrame:
        return units_of(self.villages())

    def units(self) -> pd.DataFrame:
        """The towns and units that get a report: unit, number, township, name, kind."""
        return self._units.copy()

    def unit(self, wanted: str) -> Mapping[str, str]:
        """The town or unit by its number (`7`, `07`, `007`), its name, or both (`07_…`).

        Raises
        ------
        InputError
            If there is none, naming those that there are.
        """
        units = self.units()
        number = wanted.lstrip("0") if wanted.isascii() and wanted.isdigit() else None
        found = (units[["unit", "township", "name"]] == wanted).any(axis=1)
        found |= units["number"].str.lstrip("0") == number
        if not found.any():
            known = ", ".join(units["unit"])
            raise InputError([Problem(key="campaign.no_unit", value=wanted, fields={"known": known})])
        return {name: str(value) for name, value in zip(units.columns, units[found].iloc[0], strict=True)}


def _same_draw(path: Path, receipt: Mapping[str, Any]) -> bool:
    """Whether an earlier receipt is of the same draw: the same commit and seed, with fewer acts."""
    earlier = json.loads((path / place.RECEIPT).read_text(encoding="utf-8"))
    return all(earlier[name] == receipt[name] for name in ("commit_sha256", "seed"))


def register_in(folder: Path) -> Register:
    """The register of the campaign in `folder`: SQLite there, or the database that the environment names.

    A rehearsal has its own, whatever the environment names.
    """
    url = "" if folder.name == place.REHEARSAL else os.environ.get("SAMPLING_REGISTER_URL", "")
    return Register(url or folder / place.REGISTER)


def _list_frame(path: Path) -> Frame:
    """The frame of another list: its own villages only, of which the roll's frame can lack some."""
    units = read_csv(path)
    villages = units[["township", "village", "certainty"]].drop_duplicates(ignore_index=True)
    sizes = units.groupby("village").size()
    return Frame(units=units, villages=villages, sizes=sizes, control_totals={})


def units_of(villages: pd.DataFrame) -> pd.DataFrame:
    """The towns of a table of villages in the order of their smallest village id, numbered from 01."""
    named = villages.reindex(columns=["township", "township_name", "village", "kind"], fill_value="")
    towns = named.sort_values("village").drop_duplicates("township").reset_index(drop=True)
    width = max(2, len(str(len(towns))))
    numbers = pd.Series([str(index + 1).zfill(width) for index in towns.index], dtype="str")
    names = towns["township_name"].where(towns["township_name"] != "", towns["township"])
    return pd.DataFrame(
        {
            "unit": numbers + "_" + names,
            "number": numbers,
            "township": towns["township"],
            "name": names,
            "kind": towns["kind"],
        }
    )


def open_campaign(folder: Path | str = "", *, lang: str = "") -> Campaign:
    """The campaign in `folder`, for readers of `lang`.

    Parameters
    ----------
    folder
        Empty for the folder that the environment variable SAMPLING_CAMPAIGN names, else for the demo's.
    lang
        Empty for the language that `campaign.toml` names.

    Raises
    ------
    InputError
        If there is no campaign, its settings are wrong, or the language is unknown.
    """
    if lang and lang not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise InputError([Problem(key="campaign.no_language", value=str(lang), fields={"known": known})])
    path = Path(folder or os.environ.get("SAMPLING_CAMPAIGN") or DEMO).expanduser().resolve()
    settings = read_settings(path)
    return Campaign(folder=path, lang=lang or settings.lang, settings=settings)
