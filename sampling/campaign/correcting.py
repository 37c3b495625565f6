"""A corrected frame drawn anew with the seed of the draw that it supersedes: who came, who left."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.drawing import put_draw, refuse_damaged
from sampling.campaign.step import Done
from sampling.campaign.superseding import SUPERSEDED, superseded
from sampling.draws import draw
from sampling.draws.roles import drawn_rows
from sampling.files import read_csv
from sampling.words import InputError, Problem


def draw_again(campaign: Campaign, *, now: datetime) -> Done:
    """Draw from the corrected frame with the seed of the draw that it supersedes: every ticket stays.

    Raises
    ------
    InputError
        If the commit corrects nothing, is drawn already, or its files are not what was committed.

    Notes
    -----
    The n' smallest tickets of the corrected frame are a simple random sample of it, pi = n'/N': Ohlsson
    (1995), Coordination of samples using permanent random numbers, in Business Survey Methods, chapter 9.
    """
    if campaign.has(place.RECEIPT):
        raise InputError([Problem(key="campaign.drawn_already", file=place.RECEIPT)])
    commit, frame, lists = campaign.commit(), campaign.frame(), campaign.list_frames()
    if not commit["corrects"]:
        raise InputError([Problem(key="campaign.seed_needed", file=place.COMMIT)])
    refuse_damaged(campaign, commit, frame, lists)
    before = _before(campaign.folder, commit["corrects"]["receipt_sha256"])
    old = json.loads((before / place.RECEIPT).read_text(encoding="utf-8"))
    sample = draw(frame, campaign.design, seed=old["seed"], campaign=commit["campaign"], lists=lists)
    came, left = moved(read_csv(before / place.SAMPLE), sample.table)
    files = put_draw(
        campaign,
        commit,
        sample,
        source=old["seed_source"],
        moved={"came": came["1"], "left": left["1"]},
        now=now,
    )
    fields = {"villages": len(came["1"]), "gone": len(left["1"])}
    fields |= {"households": len(came["2"]), "households_gone": len(left["2"])}
    return Done(key="campaign.done.corrected", fields=fields, files=files)


def _before(folder: Path, receipt_sha256: str) -> Path:
    """The folder of the superseded draw."""
    for path in superseded(folder):
        if hashlib.sha256((path / place.RECEIPT).read_bytes()).hexdigest() == receipt_sha256:
            return path
    raise InputError([Problem(key="campaign.superseded_missing", file=SUPERSEDED)])


def moved(before: pd.DataFrame, now: pd.DataFrame) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Who came into the sample and who left it, by stage: villages, and households with their list."""
    sides = [_units(before), _units(now)]
    came = {stage: sorted(sides[1][stage] - sides[0][stage]) for stage in ("1", "2")}
    left = {stage: sorted(sides[0][stage] - sides[1][stage]) for stage in ("1", "2")}
    return came, left


def _units(sample: pd.DataFrame) -> dict[str, set[str]]:
    drawn = drawn_rows(sample)
    names = {"1": ["village"], "2": ["list", "village", "household"]}
    return {
        stage: {
            "\x1f".join(row) for row in drawn.loc[drawn["stage"] == stage, columns].itertuples(index=False)
        }
        for stage, columns in names.items()
    }
