"""The problems of a place as its restricted documents word them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sampling.campaign.followup import HOTLINE, HOUSEHOLD
from sampling.codes import label
from sampling.office.office import Office
from sampling.words import text


def worded(office: Office) -> pd.DataFrame:
    """The problems of the place in words: columns of `problems_of`, then town, place and words."""
    rows = office.problems
    return rows.assign(
        town=[str(name) for name in rows["township"].map(office.towns)],
        place=[_place(row) for row in rows.to_dict("records")],
        words=[_words(row, office) for row in rows.to_dict("records")],
    )


def _place(row: Mapping[Any, Any]) -> str:
    """The village, and the household with its head's name."""
    parts = (row["village_name"] or row["village"], row["household"], row["household_name"])
    return " ".join(part for part in parts if part)


def _words(row: Mapping[Any, Any], office: Office) -> str:
    lang = office.lang
    if row["kind"] == HOTLINE:
        return text("followup.hotline_open", lang)
    if row["kind"] != HOUSEHOLD:
        return text(f"notices.fault.{row['what']}", lang)
    words = label("verdict", row["what"], lang)
    if not row["reason"]:
        return words
    return text("reports.chart.reasons.row", lang, verdict=words, reason=office.report.reason(row["reason"]))
