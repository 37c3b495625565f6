"""Sentences about the steps before the estimates: the plan, the draw, the visits to make and those made."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from sampling.campaign.facts import places_table
from sampling.codes import ROLL, list_label
from sampling.draws import verify_draw
from sampling.draws.record import act_counts
from sampling.draws.rules import rules
from sampling.reports import counts
from sampling.reports.figures import count, households, listing, percent, whole
from sampling.reports.html import Block, section
from sampling.reports.report import Report
from sampling.reports.sentences import missing, say
from sampling.reports.tables import town_names


def plan(report: Report) -> Block:
    """What the committed roll holds, how places are chosen, and how many visits to expect."""
    return section(say("heading.plan", report.lang), _plan(report))


def _plan(report: Report) -> Iterator[str]:
    lang, strata, design = report.lang, report.data.strata, report.campaign.design
    empty = report.data.empty_villages
    yield say(
        "plan.frame",
        lang,
        households=households(strata["households"].sum(), lang),
        villages=count("villages", strata["N"].sum(), lang),
        towns=count("towns", strata["township"].nunique(), lang),
    )
    yield say("plan.empty", lang, villages=count("villages", empty, lang)) if empty else ""
    yield from rules(design, lang)
    certain = strata.loc[strata["certainty"].astype(str) == "1", "N"].sum()
    yield say("plan.certainty", lang, villages=count("villages", certain, lang)) if certain else ""
    drawn = count("villages", float(sum(map(Fraction, strata["expected"]))), lang)
    visits = households(strata["expected_visits"].astype(float).sum(), lang)
    yield say("plan.expected", lang, villages=drawn, households=visits)


def draw(report: Report) -> Block:
    """How the draw was made: what was fixed before it, the seed and its source, the sample's hash."""
    return section(say("heading.draw", report.lang), _draw(report))


def _draw(report: Report) -> Iterator[str]:
    lang, receipt, sample = report.lang, report.campaign.receipt(), report.data.sample
    source = receipt["seed_source"]
    yield say("draw.committed", lang, commit=receipt["commit_sha256"])
    yield say("draw.seed", lang, seed=receipt["seed"])
    yield say(
        "draw.source",
        lang,
        source=source["event"] or say("draw.no_source", lang),
        time=source["time"],
        witnesses=listing(source["witnesses"], lang) or say("draw.no_witness", lang),
    )
    yield from _drawn(sample, receipt, lang)
    if receipt["acts"]:
        yield say("draw.acts", lang, acts=listing(act_counts(receipt, lang), lang))
    if receipt["voided"]:
        yield say("draw.voided", lang, number=whole(len(receipt["voided"])))


def _drawn(sample: pd.DataFrame, receipt: Mapping[str, Any], lang: str) -> Iterator[str]:
    """How much was drawn; where households are drawn on arrival, in how many villages that was done."""
    places = places_table(sample)
    villages = count("villages", len(places), lang)
    drawn = sample[(sample["stage"] == "2") & (sample["role"] == "main")]
    on_roll = households((drawn["list"] == ROLL).sum(), lang)
    fields = {"villages": villages, "sample": receipt["sample_sha256"]}
    if receipt["design"]["sealed"]:
        arrived = count("villages", drawn["village"].nunique(), lang)
        yield say("draw.sealed", lang, arrived=arrived, households=on_roll, **fields)
    else:
        yield say("draw.sample", lang, households=on_roll, **fields)
    others = drawn[drawn["list"] != ROLL]
    names = listing([list_label(name, lang) for name in others["list"].drop_duplicates()], lang)
    yield say("draw.lists", lang, lists=names, households=households(len(others), lang)) if names else ""


def verification(report: Report) -> Block:
    """The draw made again from the committed files: each thing that was checked, and where it differs."""
    lang, checks = report.lang, verify_draw(report.campaign.folder)
    wrong = sum(not check.ok for check in checks)
    verdict = say("draw.no", lang, number=wrong) if wrong else say("draw.yes", lang)
    lines = [
        say(f"draw.{'right' if check.ok else 'wrong'}", lang, check=getattr(check, lang)) for check in checks
    ]
    return section(say("heading.verified", lang), [verdict, *lines, say("draw.anyone", lang)])


def visits(report: Report) -> Block:
    """Where to go and how many households to visit."""
    return section(say("heading.visits", report.lang), _visits(report))


def _visits(report: Report) -> Iterator[str]:
    lang, work = report.lang, counts.workload_by_town(report.data.sample)
    sums = work[["villages", "certainty", "roll_households", "list_households"]].sum()
    certain = count("villages", sums["certainty"], lang)
    yield say("visits.places", lang, villages=count("villages", sums["villages"], lang), certainty=certain)
    yield say("visits.households", lang, households=households(sums["roll_households"], lang))
    if sums["list_households"]:
        yield say("visits.lists", lang, households=households(sums["list_households"], lang))
    if len(work) > 1:
        most = work.assign(households=work["roll_households"] + work["list_households"]).nlargest(
            1, "households"
        )
        row = most.merge(town_names(report), on="township").iloc[0]
        numbers = {"villages": count("villages", row["villages"], lang)}
        numbers["households"] = households(row["households"], lang)
        yield say("visits.largest", lang, name=row["name"], **numbers)


def coverage(report: Report) -> Block:
    """How far the visits are: to visit, visited, why not, and what waits in quarantine."""
    lang, visits = report.lang, report.data.roll_visits
    return section(say("heading.coverage", report.lang), [*_coverage(visits, lang), _quarantine(report)])


def _coverage(visits: pd.DataFrame, lang: str) -> Iterator[str]:
    done, planned = counts.number(counts.completed(visits)), counts.number(visits)
    if not planned:
        yield say("found.none_planned", lang)
        return
    share = percent(done / planned, lang)
    yield say(
        "coverage.planned",
        lang,
        planned=households(planned, lang),
        done=households(done, lang),
        share=share,
    )
    yield missing(visits, lang)
    waiting = counts.outcome_counts(visits)[counts.OPEN]
    yield say("coverage.open", lang, number=households(waiting, lang)) if waiting else ""


def _quarantine(report: Report) -> str:
    rows = len(report.campaign.quarantine())
    if report.unit["number"]:
        return ""  # quarantined rows belong to files, not surely to a town
    if not rows:
        return say("coverage.quarantine_none", report.lang)
    return say("coverage.quarantine", report.lang, number=count("rows", rows, report.lang))
