"""A campaign for R: the table `survey.csv` and the script `check.R` that redoes the published estimates."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sampling import codes
from sampling.designs import Design
from sampling.draws.roles import REPLACED
from sampling.estimates.campaign import (
    UNDRAWN,
    CampaignData,
    campaign_data,
    placed,
    sampled_households,
    with_roll,
)
from sampling.estimates.drawing import Drawing
from sampling.estimates.parameters import ERROR, NET, base_of, measurable
from sampling.estimates.rscript import BODY, HEAD
from sampling.estimates.survey import SurveyData
from sampling.estimates.weights import adjust_nonresponse
from sampling.words import text

COLUMNS = (
    *("list", "township", "stratum", "together", "village", "substratum", "household", "N", "n", "M", "m"),
    *("responded", "replaced", "stratum_households", "town_households"),
    *("weight_design", "weight_nonresponse", "weight_final"),
    *("verdict", "reason", "category", "new_inclusion"),
)
"""Columns of `survey.csv`, before those of the measures."""
HOUSEHOLD = ["village", "household"]
SAYS = ("weights", "no_estimate", "no_se", "no_limits", "never", "compared", "differs", "same")
NOT_DRAWN = "(not drawn)"
ON_A_LINE, SEPARATOR = 4, ",\n  "


@dataclass(frozen=True, slots=True, kw_only=True)
class RCheck:
    """What is given to R: the households, and the script."""

    table: pd.DataFrame
    script: str


def r_check(
    sample: pd.DataFrame,
    findings: pd.DataFrame,
    roll: pd.DataFrame,
    villages: pd.DataFrame,
    published: pd.DataFrame,
    *,
    design: Design | None = None,
    lists: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    lang: str = "en",
) -> RCheck:
    """The households of a campaign and the script with which R redoes its estimates.

    Parameters
    ----------
    sample, findings, roll, villages, design, lists
        As for `estimate_campaign`.
    published
        The rows of `estimates.csv`: what the roll has of each of their domains goes into the script.
    lang
        Language of what the script tells.

    Returns
    -------
    check
        `table` has one row per drawn household of each list, inspected or not (`responded`), and one with an
        empty household for each drawn village without any: weights after each step, verdict, reason, domains
        and, of each measure, how much of the household is in error. No name, no number of a person.

    Raises
    ------
    InputError
        As for `estimate_campaign`.
    """
    campaign = campaign_data(sample, findings, roll, villages, design)
    parts = [_roll_rows(sample, findings, roll, campaign)]
    unequal = [codes.ROLL] if _unequal(campaign.data) else []
    for name in sorted(set(sample["list"]) - {codes.ROLL}):
        listed = lists.get(name)
        part, drawn_unequally = _list_rows(sample, findings, name, campaign, listed)
        parts.append(part)
        unequal += [name] if drawn_unequally else []
    totals = [measure.total for measure in measurable(roll)]
    table = pd.concat(parts, ignore_index=True).reindex(columns=[*COLUMNS, *totals])
    known = pd.concat([_known(campaign.roll, published), _lengths(lists)], ignore_index=True)
    return RCheck(table=table, script=_script(campaign.roll, known, totals, unequal, lang))


def _unequal(data: SurveyData) -> bool:
    """Whether R's two-stage formula is not that of the draw: unequal chances, or units that were replaced."""
    return data.design.first is not None or data.design.second is not None


def _roll_rows(
    sample: pd.DataFrame, findings: pd.DataFrame, roll: pd.DataFrame, campaign: CampaignData
) -> pd.DataFrame:
    rows = with_roll(sampled_households(sample, findings), roll, campaign.drawing)
    rows = _with_design(rows, campaign.data, codes.ROLL, campaign.drawing)
    final = campaign.data.table[HOUSEHOLD].assign(weight_final=campaign.data.weight)
    final["weight_nonresponse"] = campaign.data.steps[0].weight
    for measure in measurable(roll):
        final[measure.total] = measure.error(campaign.data.table).to_numpy(dtype=float)
    rows = rows.merge(final, on=HOUSEHOLD, how="left")
    known = campaign.roll
    rows["stratum_households"] = rows["stratum"].map(known.groupby("stratum").size()).fillna(0)
    rows["town_households"] = rows["township"].map(known.groupby("township").size()).fillna(0)
    for name in ("category", "new_inclusion"):
        rows[name] = as_text(rows[name]) if name in rows else ""
    return rows


def as_text(values: pd.Series) -> pd.Series:
    """Values as the domains of `estimates.csv` name them: yes is "1", no is "0", nothing is ""."""
    return values.astype(object).where(values.notna(), "").astype("str").replace({"True": "1", "False": "0"})


def _list_rows(
    sample: pd.DataFrame,
    findings: pd.DataFrame,
    name: str,
    campaign: CampaignData,
    listed: pd.DataFrame | None,
) -> tuple[pd.DataFrame, bool]:
    """The rows of another list, and whether it was drawn unequally; no weights where nobody answered."""
    rows = sampled_households(sample, findings, name)
    answering = rows.groupby("stratum")["responded"].any()
    kept = rows[rows["stratum"].map(answering)]
    if listed is not None:
        kept = kept[kept["stratum"].isin(campaign.data.stratum_names)]
    if kept.empty:
        return kept, False
    data = placed(kept, campaign.drawing, name, size_given=False)
    told = adjust_nonresponse(data, "responded")
    rows = _with_design(rows, told, name, campaign.drawing)
    factor = 1.0 if listed is None else len(listed) / told.weight.sum()
    weights = {"weight_nonresponse": told.weight, "weight_final": told.weight * factor}
    return rows.merge(told.table[HOUSEHOLD].assign(**weights), on=HOUSEHOLD, how="left"), _unequal(data)


def _with_design(rows: pd.DataFrame, told: SurveyData, name: str, drawing: Drawing) -> pd.DataFrame:
    """The rows with counts as drawn, design weights, and the group of strata that are taken together."""
    rows = rows.assign(list=name, responded=rows["responded"].astype(int))
    rows["replaced"] = (rows["role"] == REPLACED).astype(int) if "role" in rows else 0
    rows["substratum"] = rows["substratum"].replace({UNDRAWN: NOT_DRAWN}) if "substratum" in rows else ""
    cell = ["village", "substratum"]
    rows["substratum"] = rows["substratum"].fillna("")
    there = rows["household"] != ""
    rows["n"] = rows.groupby("stratum")["village"].transform("nunique")
    rows["m"] = there.groupby([rows[key] for key in cell]).transform("sum")
    counted = pd.to_numeric(rows["N"]) / rows["n"] * rows["M"] / rows["m"].where(there)
    given = pd.to_numeric(rows["weight"], errors="coerce").astype(float) if "weight" in rows else counted
    chance = rows["village"].map(drawing.first["chance"])
    if "inner" in rows:
        given = given.fillna(1 / (chance * rows["inner"]))
    rows["weight_design"] = given.where(there)
    together = _together(told)
    rows["together"] = [together.get(name, "") for name in rows["stratum"]]
    return rows.drop(columns=["weight", "inner"], errors="ignore")


def _together(data: SurveyData) -> dict[str, str]:
    """The group of each stratum that is taken together with others: the name of its first stratum."""
    group = data.design.group
    members = np.bincount(group, minlength=len(group))
    shared = members[group] > 1
    names = data.stratum_names[group]
    return dict(zip(data.stratum_names[shared], names[shared], strict=True))


def _script(roll: pd.DataFrame, known: pd.DataFrame, totals: list[str], unequal: list[str], lang: str) -> str:
    measures = pd.DataFrame(
        [(one.share, one.total, one.base) for one in measurable(roll)], columns=["share", "total", "base"]
    )
    if "amount_fen" in roll:
        measures.loc[len(measures)] = [NET[0], NET[1], "yuan"]
    says = {name: text(f"estimates.rcheck.{name}", lang) for name in SAYS}
    parts = {
        "say": _vector(list(says.values()), list(says)),
        "VALUES": _vector(totals),
        "UNEQUAL": _vector(unequal),
        "ERROR": _vector(list(ERROR)),
        "measures": _frame(measures),
        "known": _frame(known),
    }
    return HEAD + "".join(f"{name} <- {value}\n" for name, value in parts.items()) + BODY


def _known(roll: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """What the roll has of each base in each published domain."""
    places = published[["by", "domain"]].drop_duplicates()
    places = places[places["by"].isin(["township", "category", "new_inclusion"])]
    rows = []
    for base in dict.fromkeys(measure.base for measure in measurable(roll)):
        values = pd.Series(base_of(roll, base), index=roll.index)
        rows.append(("", "", base, float(values.sum())))
        for by in places["by"].unique():
            sums = values.groupby(as_text(roll[by])).sum()
            names = places.loc[places["by"] == by, "domain"]
            rows += [(by, str(name), base, float(sums.get(str(name), 0.0))) for name in names]
    return pd.DataFrame(rows, columns=["by", "domain", "base", "value"])


def _lengths(lists: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How many households each other list has."""
    rows = [("list", name, "households", float(len(listed))) for name, listed in lists.items()]
    return pd.DataFrame(rows, columns=["by", "domain", "base", "value"])


def _frame(table: pd.DataFrame) -> str:
    columns = ", ".join(f"{name} = {_vector(table[name].tolist())}" for name in table)
    return f"data.frame({columns}, stringsAsFactors = FALSE)"


def _vector(values: list, names: list[str] | None = None) -> str:
    """Values as R writes them, a few on a line: R cuts lines of more than 4,096 bytes."""
    items = [_quoted(value) if isinstance(value, str) else repr(value) for value in values]
    if names:
        items = [f"{name} = {item}" for name, item in zip(names, items, strict=True)]
    lines = [", ".join(items[first : first + ON_A_LINE]) for first in range(0, len(items), ON_A_LINE)]
    return f"c({SEPARATOR.join(lines)})" if items else "character(0)"


def _quoted(value: str) -> str:
    """The text in plain ASCII, so that the script runs whatever encoding the system has."""
    return '"' + "".join(map(_sign, value)) + '"'


def _sign(sign: str) -> str:
    if " " <= sign <= "~" and sign not in '"\\':
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"
