"""The estimate step: the sample and its findings in, the estimates and the table of facts out."""

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.counting import count_now
from sampling.campaign.facts import TABLES
from sampling.campaign.step import Done
from sampling.codes import code_of
from sampling.designs import UNEQUAL, Design, substratum_of
from sampling.estimates import estimate_campaign
from sampling.estimates.icc import PRIOR
from sampling.files import csv_bytes, json_bytes
from sampling.frames import Frame
from sampling.words import InputError, Problem

ROLL_FIELDS = ("township", "village", "household", "category", "new_inclusion", "persons", "amount_fen")
"""What estimates may know of a household: no name, no number of a person."""


def estimate_findings(campaign: Campaign) -> Done:
    """Estimate rates, households and money in error, and write `estimates.csv` and `facts.json`.

    Raises
    ------
    InputError
        If a step before is not done, or no household was drawn.
    """
    roll = campaign.roll()
    if roll.empty:
        raise InputError([Problem(key="campaign.no_households", file=place.FRAME)])
    findings = campaign.findings()
    if findings.empty:
        raise InputError([Problem(key="campaign.step_not_done", file="", fields={"step": "intake"})])
    if waiting := campaign.waiting():
        fields = {"waiting": len(waiting), "villages": ", ".join(waiting)}
        raise InputError([Problem(key="campaign.not_all_arrived", file=place.RECEIPT, fields=fields)])
    design, frame = campaign.design, campaign.frame()
    known = roll_with_chances(_known(roll), frame, design)
    looked = {name for act in campaign.receipt()["acts"] if act.get("looked") for name in act["more"]}
    lists = {name: _listed(part) for name, part in campaign.lists().items()}
    table = estimate_campaign(
        campaign.sample(),
        findings,
        known,
        frame.villages,
        design=design,
        looked=looked,
        lists=lists,
        second=campaign.second_visits(),
        prior=campaign.settings.prior or PRIOR,
    )
    counted = count_now(campaign)
    facts = {
        "made_from": counted.made_from,
        "campaign": campaign.id,
        "frame_sha256": campaign.commit()["frame_sha256"],
        **{name: json_rows(getattr(counted, name)) for name in TABLES},
        "estimates": json_rows(table),
    }
    files = {place.ESTIMATES: csv_bytes(table), place.FACTS: json_bytes(facts)}
    place.put_in_place(campaign.folder, files, mark=place.FACTS)
    return Done(
        key="campaign.done.estimate",
        fields={"rows": len(table)},
        files=tuple(campaign.folder / name for name in files),
    )


def _listed(listed: pd.DataFrame) -> pd.DataFrame:
    """What estimates may know of another list: why the self-check removed a household too, as a code."""
    if "reason" not in listed:
        return _known(listed)
    codes = {word: code_of("reason", word) or "" for word in listed["reason"].dropna().unique()}
    return _known(listed).assign(reason=listed["reason"].map(codes).fillna(""))


def _known(listed: pd.DataFrame) -> pd.DataFrame:
    return listed[[name for name in ROLL_FIELDS if name in listed]]


def roll_with_chances(roll: pd.DataFrame, frame: Frame, design: Design) -> pd.DataFrame:
    """The roll with lambda and substratum of every household where households have unequal chances."""
    if design.households_by.method not in UNEQUAL:
        return roll
    units = frame.units.assign(substratum=substratum_of(frame.units, design))
    return roll.merge(units[["village", "household", "lambda", "substratum"]], on=["village", "household"])


def json_rows(table: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of a table for a JSON file; a number that is not known is null."""
    rows = table.astype(object).where(table.notna(), None).itertuples(index=False, name=None)
    return [dict(zip(table.columns, row, strict=True)) for row in rows]
