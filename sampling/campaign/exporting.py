"""The export step: the inspected households and a script, with which R redoes every published estimate."""

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.estimating import ROLL_FIELDS, roll_with_chances
from sampling.campaign.status import made_from
from sampling.campaign.step import Done
from sampling.estimates.rcheck import r_check
from sampling.files import csv_bytes
from sampling.words import InputError, Problem

SURVEY = "survey.csv"
CHECK = "check.R"


def export_survey(campaign: Campaign) -> Done:
    """Write `survey.csv` and `check.R`, which rebuild the design in R and compare with `estimates.csv`.

    Raises
    ------
    InputError
        If nothing is estimated yet, or the sample or the findings have changed since.
    """
    published = campaign.estimates()
    if campaign.facts()["made_from"] != made_from(campaign):
        raise InputError([Problem(key="campaign.export_stale", file=place.ESTIMATES)])
    roll, frame, design = campaign.roll(), campaign.frame(), campaign.design
    known = roll_with_chances(roll[[name for name in ROLL_FIELDS if name in roll]], frame, design)
    check = r_check(
        campaign.sample(),
        campaign.findings(),
        known,
        frame.villages,
        published,
        design=design,
        lists=campaign.lists(),
        lang=campaign.lang,
    )
    files = {SURVEY: csv_bytes(check.table), CHECK: check.script.encode("ascii")}
    place.put_in_place(campaign.folder, files, mark=CHECK)
    return Done(
        key="campaign.done.export",
        fields={"households": int((check.table["household"] != "").sum()), "rows": len(published)},
        files=tuple(campaign.folder / name for name in files),
    )
