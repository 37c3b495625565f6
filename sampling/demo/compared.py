"""The statistician's door: what was estimated beside the hidden truth, and why the two may differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from sampling.demo.inspectors import NOISE
from sampling.reports.estimated import by_town, estimated
from sampling.reports.figures import Estimated, percent, span, whole
from sampling.reports.html import Block, Table, folded, paragraph
from sampling.reports.report import Report
from sampling.words import text

COMPARED = (
    "ineligible_share",
    "ineligible_households",
    "overpaid_share",
    "underpaid_share",
    "error_share",
    "overpaid_yuan",
    "underpaid_yuan",
)
"""What is set against the truth, named as in `estimates.csv`."""


def compared(report: Report, figures: Mapping[str, Any]) -> Iterator[Block | Table]:
    """The parts of the door.

    Parameters
    ----------
    report
        The county's report.
    figures
        The true figures: by, then domain, then parameter, as `truth/totals.json` has them.
    """
    lang, truth = report.lang, figures[""][""]
    yield paragraph(_say("statistician.intro", lang))
    yield _compared(report, truth)
    yield paragraph(_slips(truth["ineligible_share"], lang))
    yield paragraph(_say("statistician.correction", lang))
    yield from _compared_towns(report, figures["township"])
    yield paragraph(_say("statistician.verify", lang, command="python3 verify.py"))


def _compared(report: Report, truth: Mapping[str, float]) -> Table:
    pairs = [(name, estimated(report.data, name)) for name in COMPARED]
    rows = [
        _compared_row(text(f"reports.parameter.{name}", report.lang), name, found, truth[name], report.lang)
        for name, found in pairs
        if found is not None
    ]
    if (share := estimated(report.data, "ineligible_share")) is not None:
        true = truth["ineligible_share"]
        for name, found, fact in (
            ("said", share, said_by_inspectors(true)),
            ("corrected", _corrected(share), true),
        ):
            label = _say(f"statistician.{name}", report.lang)
            rows.append(_compared_row(label, "ineligible_share", found, fact, report.lang))
    return _comparison_table(rows, _say("statistician.caption", report.lang), report.lang)


def _comparison_table(rows: Sequence[tuple[str, ...]], caption: str, lang: str) -> Table:
    names = [
        _say(f"statistician.{name}", lang) for name in ("quantity", "estimate", "interval", "truth", "inside")
    ]
    return Table(caption=caption, frame=pd.DataFrame(rows, columns=names), numeric=names[1:])


def _compared_row(label: str, parameter: str, found: Estimated, truth: float, lang: str) -> tuple[str, ...]:
    inside = _say(f"statistician.{'yes' if found.low <= truth <= found.high else 'no'}", lang)
    if parameter.endswith("_share"):
        return (
            label,
            percent(found.value, lang),
            span(found.low, found.high, lang),
            percent(truth, lang),
            inside,
        )
    return label, whole(found.value), f"{whole(found.low)}–{whole(found.high)}", whole(truth), inside


def said_by_inspectors(share: float) -> float:
    """The share that the demo's inspectors would report of a true share, had they seen every household."""
    return share * (1 - NOISE.false_negative) + (1 - share) * NOISE.false_positive


def _corrected(share: Estimated) -> Estimated:
    """Rogan & Gladen (1978), American Journal of Epidemiology 107: the true share behind what is reported."""
    useful = 1 - NOISE.false_negative - NOISE.false_positive
    ends = (max(0.0, (end - NOISE.false_positive) / useful) for end in (share.value, share.low, share.high))
    return Estimated(**dict(zip(("value", "low", "high"), ends, strict=True)))


def _slips(truth: float, lang: str) -> str:
    return _say(
        "statistician.slips",
        lang,
        positive=percent(NOISE.false_positive, lang),
        negative=percent(NOISE.false_negative, lang),
        said=percent(said_by_inspectors(truth), lang),
        truth=percent(truth, lang),
    )


def _compared_towns(report: Report, truth: Mapping[str, Mapping[str, float]]) -> Iterator[Block | Table]:
    lang = report.lang
    towns = by_town(report.data, "ineligible_share", report.campaign.units()[["township", "name"]])
    true = towns["township"].map(lambda town: truth[town]["ineligible_share"] if town in truth else None)
    towns = towns.assign(truth=true).dropna()
    inside = (towns["low"] <= towns["truth"]) & (towns["truth"] <= towns["high"])
    numbers = {"number": len(towns), "inside": int(inside.sum()), "expected": whole(0.95 * len(towns))}
    yield paragraph(_say("statistician.towns", lang, **numbers))
    rows = [
        _compared_row(
            row["name"],
            "ineligible_share",
            Estimated(value=row["estimate"], low=row["low"], high=row["high"]),
            row["truth"],
            lang,
        )
        for row in towns.to_dict("records")
    ]
    table = _comparison_table(rows, _say("statistician.towns_caption", lang), lang)
    yield folded(table.caption, table)


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"start.{key}", lang, **fields)
