"""A campaign's lists as one sample, and what they say together: three errors, and the self-check."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from sampling import codes
from sampling.designs import Design
from sampling.estimates.campaign import CampaignData, placed, sampled_households, with_roll
from sampling.estimates.estimate import COLUMNS
from sampling.estimates.icc import Prior
from sampling.estimates.parameters import YUAN, base_of, paid
from sampling.estimates.self_check import (
    estimate_self_check,
    estimate_self_check_reasons,
    estimate_self_check_three_ways,
)
from sampling.estimates.survey import SurveyData, mean_weight
from sampling.estimates.threelists import ERROR_OF_LIST, SUMS, estimate_three_errors, join_lists
from sampling.estimates.twophase import estimate_difference, restated, with_columns
from sampling.estimates.weights import adjust_nonresponse, poststratify
from sampling.frames.values import yes

REMOVED = "removed"
"""The list of those whom the self-check removed."""

WRONG, FOUND, CHECKED = "not_entitled", "found", "checked"
"""Columns of the joined sample: not entitled by the recheck, removed by the self-check, seen by it."""
BLANK = "blank"
"""The field of the villages that did no self-check."""
OF_CHECKED = ("detection_rate", "false_clear_rate")
"""Rates of the households that the self-check saw."""


def estimate_lists(
    sample: pd.DataFrame,
    findings: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    blank: Collection[str],
    campaign: CampaignData,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rows of `estimates.csv` that need more than one list, and those of each list by itself.

    Parameters
    ----------
    sample, findings
        As for `estimate_campaign`.
    lists
        The lists of ERROR_OF_LIST that were drawn, by name: village, household and, where they are known,
        persons, amount_fen, reason (a code: why the self-check removed the household).
    blank
        The villages that did no self-check: see `blank_villages`.
    campaign
        The roll's respondents with their final weights.
    confidence
        A share: 0.95.

    Returns
    -------
    estimates
        `by`, then the columns of `Estimates.to_table`. Rows of `estimate_three_errors` for the county and by
        town, without `wrongly_kept`: that is what `ineligible_households`, `ineligible_people` and
        `paid_to_ineligible_yuan` say. Of each list `….entitled_households`, which is the county's
        `wrongly_…_households`, and `….entitled_share`, which is that over the length of the list. Where the
        removed were drawn, rows of `estimate_self_check` for the county, by town and by reason;
        `ineligible_before_households`: those not entitled before the self-check, by difference from those
        that it removed, with the weights of all other figures; and rows of `estimate_self_check_three_ways`.
    """
    parts = list_samples(sample, findings, lists, campaign)
    if not parts:
        return pd.DataFrame(columns=["by", *COLUMNS])
    prior = campaign.prior
    found = [_own_rows(name, part, len(lists[name]), confidence, prior) for name, part in parts.items()]
    drawn, roll = _drawn(sample, findings, campaign), roll_sample(campaign, blank)
    county = {codes.ROLL: _scaled(roll, len(campaign.roll) / roll.weight.sum()), **parts}
    for by, of_roll in (("", county[codes.ROLL]), ("township", roll)):
        joined = join_lists({**county, codes.ROLL: of_roll}, drawn=drawn)
        told = estimate_three_errors(joined, by=by or None, confidence=confidence, prior=prior)
        table = told.to_table()
        found.append(table[table["parameter"].str.startswith(tuple(SUMS))].assign(by=by))
    if REMOVED in parts:
        both = [county[codes.ROLL], parts[REMOVED]]
        removed = len(lists[REMOVED])
        rows = _self_check_rows(_joined(both, drawn), removed, confidence, prior)
        found += rows if blank else [_all_checked(table) for table in rows]
        heard = campaign.roll["stratum"].isin(campaign.data.stratum_names).mean()
        before = _joined([_scaled(_before_calibration(part), 1 / heard) for part in both], drawn)
        found.append(_three_ways(before, campaign.roll, removed, blank, confidence, prior))
    return pd.concat(found, ignore_index=True)[["by", *COLUMNS]]


def blank_villages(villages: pd.DataFrame, design: Design | None) -> frozenset[str]:
    """The villages that did no self-check, as far as the frame tells.

    Parameters
    ----------
    villages
        Columns of villages.csv.
    design
        What the sample was drawn by.

    Returns
    -------
    names
        Those with yes in a column `blank`; without one those taken with certainty, if the design takes them
        because they are blank. Villages can be taken with certainty for other reasons.
    """
    if BLANK in villages:
        marked = villages[BLANK].map(yes)
    elif design is not None and design.certainty == BLANK:
        marked = villages["certainty"].astype("str") == "1"
    else:
        return frozenset()
    return frozenset(villages.loc[marked, "village"])


def _all_checked(table: pd.DataFrame) -> pd.DataFrame:
    """The rates of what the self-check saw with the note that it is taken to have seen every village."""
    noted = (table["note"] + ";none_blank").str.strip(";")
    return table.assign(note=table["note"].mask(table["parameter"].isin(OF_CHECKED), noted))


def _joined(both: list[SurveyData], drawn: SurveyData) -> SurveyData:
    """The roll as it was before the self-check: those who stayed, and those who were removed."""
    return join_lists(dict(zip((codes.ROLL, REMOVED), both, strict=True)), drawn=drawn)


def _own_rows(name: str, part: SurveyData, length: int, confidence: float, prior: Prior) -> pd.DataFrame:
    """What one list says by itself: its error in the county and in towns; who of it is entitled."""
    data = join_lists({name: part})
    rows = [
        estimate_three_errors(data, by=by or None, confidence=confidence, prior=prior)
        .to_table()
        .assign(by=by)
        for by in ("", "township")
    ]
    county = rows[0]
    entitled = county[county["parameter"] == f"{ERROR_OF_LIST[name]}_households"]
    numbers = ["estimate", "se", "low", "high"]
    share = entitled.assign(parameter=f"{name}.entitled_share", **(entitled[numbers] / length))
    return pd.concat([*rows, share, entitled.assign(parameter=f"{name}.entitled_households")])


def _scaled(data: SurveyData, factor: float) -> SurveyData:
    """The data with weights that stand for places too in which nobody answered."""
    design = replace(data.design, weight=data.design.weight * factor)
    return replace(data, weight=data.weight * factor, design=design)


def _before_calibration(data: SurveyData) -> SurveyData:
    """The data with the weights that they had before they were made to add up to what is known."""
    weight = data.steps[0].weight
    design = replace(data.design, weight=mean_weight(data.design.inside, weight, data.design.counted))
    return replace(data, weight=weight, design=design, steps=())


def _three_ways(
    data: SurveyData,
    roll: pd.DataFrame,
    removed: int,
    blank: Collection[str],
    confidence: float,
    prior: Prior,
) -> pd.DataFrame:
    known = {"": len(roll), CHECKED: int(_checked(roll, blank).sum()), FOUND: removed}
    three = estimate_self_check_three_ways(
        data, WRONG, FOUND, CHECKED, known, confidence=confidence, prior=prior
    )
    return three.to_table().assign(by="")


def _self_check_rows(data: SurveyData, removed: int, confidence: float, prior: Prior) -> list[pd.DataFrame]:
    """What the roll and the removed say of the self-check."""
    before = estimate_difference(data, WRONG, FOUND, removed, confidence=confidence, prior=prior).to_table()
    found = [restated(data, before, parameter="ineligible_before_households").to_table().assign(by="")]
    for by in ("", "township"):
        rates = estimate_self_check(
            data, WRONG, FOUND, CHECKED, by=by or None, confidence=confidence, prior=prior
        )
        found.append(rates.to_table().assign(by=by))
    reasons = estimate_self_check_reasons(
        data, WRONG, FOUND, CHECKED, "reason", confidence=confidence, prior=prior
    )
    return [*found, reasons.to_table().assign(by="reason")]


def roll_sample(campaign: CampaignData, blank: Collection[str]) -> SurveyData:
    """The roll's respondents with what the joined estimates need to know of them.

    The self-check saw those who were on the roll before it, in villages that are not blank.
    """
    data = campaign.data
    table = data.table
    wrong = (table["verdict"] == "ineligible").astype(float)
    flags = {WRONG: wrong, FOUND: 0.0, CHECKED: _checked(table, blank).astype(float)}
    stakes = {"persons": base_of(table, "persons")} if "persons" in table else {}
    data = with_columns(data, wrong=wrong, **flags, **stakes)
    return with_columns(data, yuan=paid(table).fillna(0.0)) if "amount_fen" in table else data


def _checked(households: pd.DataFrame, blank: Collection[str]) -> pd.Series:
    """Whether the self-check saw a household of the roll: one that was on it before, in no blank village."""
    new = households["new_inclusion"].isin([True, "1", "True"]) if "new_inclusion" in households else False
    return ~(households["village"].isin(blank) | new)


def list_samples(
    sample: pd.DataFrame, findings: pd.DataFrame, lists: Mapping[str, pd.DataFrame], campaign: CampaignData
) -> dict[str, SurveyData]:
    """The respondents of each list that was drawn and inspected, with weights that add up to its length."""
    drawn = set(sample["list"]) & set(lists) & set(ERROR_OF_LIST) - {codes.ROLL}
    found = {
        name: _list_sample(sample, findings, name, lists[name], campaign)
        for name in ERROR_OF_LIST
        if name in drawn
    }
    return {name: data for name, data in found.items() if data is not None}


def _list_sample(
    sample: pd.DataFrame, findings: pd.DataFrame, name: str, listed: pd.DataFrame, campaign: CampaignData
) -> SurveyData | None:
    """None if nobody of the list was inspected where somebody of the roll was."""
    known = [column for column in ("persons", "amount_fen", "reason") if column in listed]
    rows = sampled_households(sample, findings, name)
    rows = rows.rename(columns={"reason": "reason_found"})
    rows = rows.merge(listed[["village", "household", *known]], on=["village", "household"], how="left")
    rows = rows[rows["stratum"].isin(campaign.data.stratum_names)]
    rows = rows[rows["stratum"].map(rows.groupby("stratum")["responded"].any())]
    if rows.empty:
        return None
    data = adjust_nonresponse(placed(rows, campaign.drawing, name, size_given=False), "responded")
    data = poststratify(data, np.full(len(data.weight), name), {name: len(listed)})
    table = data.table
    wrong = (table["verdict"] == "entitled").astype(float)
    removed = pd.Series(float(name == REMOVED), index=table.index)
    flags = {FOUND: removed, CHECKED: removed, WRONG: (1 - wrong) * removed}
    data = with_columns(data, wrong=wrong, reason=table.get("reason", ""), **flags)
    if "persons" in table:
        data = with_columns(data, persons=base_of(table, "persons"))
    return _with_amounts(data, campaign.roll)


def _with_amounts(data: SurveyData, roll: pd.DataFrame) -> SurveyData:
    """The yuan a month at stake for each household: what is due as found, else what it was paid.

    Who was refused has no amount, and is taken to be due as much a person as the roll pays.
    """
    if "amount_fen" not in roll:
        return data
    table = data.table
    due = pd.to_numeric(table["amount_due_fen"], errors="coerce").astype(float)
    if "amount_fen" in table:
        due = due.where(due.notna(), table["amount_fen"].astype(float))
    heads = base_of(roll, "persons" if "persons" in roll and "persons" in table else "households")
    mean = roll["amount_fen"].astype(float).sum() / heads.sum()
    usual = mean * (table["persons"] if "persons" in roll and "persons" in table else 1.0)
    return with_columns(data, yuan=due.fillna(usual) / YUAN, assumed=due.isna())


def _drawn(sample: pd.DataFrame, findings: pd.DataFrame, campaign: CampaignData) -> SurveyData:
    """The roll's sample with all villages that were drawn, also those in which nobody could be inspected."""
    rows = with_roll(sampled_households(sample, findings), campaign.roll, campaign.drawing)
    return placed(rows[rows["stratum"].isin(campaign.data.stratum_names)], campaign.drawing)
