"""Sentences that carry figures: each states its denominator, and an estimate its interval.

What was found (查实) and what is estimated (推算) are two sections that never mix.
"""

from collections.abc import Iterable, Iterator

import pandas as pd

from sampling.codes import ROLL
from sampling.designs import SizeRule
from sampling.draws import verify_draw
from sampling.reports import counts
from sampling.reports.estimated import estimated
from sampling.reports.figures import WIDE, Estimated, between, count, listing, percent, points, whole, yuan
from sampling.reports.html import Block, section, tiles
from sampling.reports.report import Report
from sampling.reports.tables import list_name, town_names
from sampling.words import text


def plan(report: Report) -> Block:
    """What the committed roll holds, how places are chosen, and how many visits to expect."""
    return section(_heading("plan", report), _plan(report))


def _plan(report: Report) -> Iterator[str]:
    lang, strata, design = report.lang, report.data.strata, report.campaign.design
    empty = report.data.empty_villages
    yield _say(
        "plan.frame",
        lang,
        households=_households(strata["households"].sum(), lang),
        villages=count("villages", strata["N"].sum(), lang),
        towns=count("towns", strata["township"].nunique(), lang),
    )
    yield _say("plan.empty", lang, villages=count("villages", empty, lang)) if empty else ""
    yield _village_rule(design.villages, lang)
    certain = strata.loc[strata["certainty"].astype(str) == "1", "N"].sum()
    yield _say("plan.certainty", lang, villages=count("villages", certain, lang)) if certain else ""
    households = {"rate": _rate(design.households, lang), "low": whole(design.households.at_least)}
    yield _say("plan.households", lang, **households)
    yield _say("plan.reserves", lang, number=whole(design.reserves))
    visits = _households(strata["expected_visits"].astype(float).sum(), lang)
    yield _say("plan.expected", lang, villages=count("villages", strata["n"].sum(), lang), households=visits)


def _village_rule(rule: SizeRule, lang: str) -> str:
    fields = {"rate": _rate(rule, lang), "low": whole(rule.at_least)}
    if rule.at_most is None:
        return _say("plan.villages_open", lang, **fields)
    return _say("plan.villages", lang, high=whole(rule.at_most), **fields)


def _rate(rule: SizeRule, lang: str) -> str:
    return text("reports.figure.percent", lang, value=f"{100 * float(rule.rate):g}")


def draw(report: Report) -> Block:
    """How the draw was made: what was fixed before it, the seed and its source, the sample's hash."""
    return section(_heading("draw", report), _draw(report))


def _draw(report: Report) -> Iterator[str]:
    lang, receipt, sample = report.lang, report.campaign.receipt(), report.data.sample
    source = receipt["seed_source"]
    yield _say("draw.committed", lang, commit=receipt["commit_sha256"])
    yield _say("draw.seed", lang, seed=receipt["seed"])
    yield _say(
        "draw.source",
        lang,
        source=source["event"],
        time=source["time"],
        witnesses=listing(source["witnesses"], lang) or _say("draw.no_witness", lang),
    )
    places = count("villages", len(counts.places(sample)), lang)
    drawn = sample[(sample["stage"] == "2") & (sample["role"] == "main")]
    on_roll = _households((drawn["list"] == ROLL).sum(), lang)
    yield _say("draw.sample", lang, villages=places, households=on_roll, sample=receipt["sample_sha256"])
    others = drawn[drawn["list"] != ROLL]
    names = listing([list_name(name, lang) for name in others["list"].drop_duplicates()], lang)
    yield _say("draw.lists", lang, lists=names, households=_households(len(others), lang)) if names else ""


def verification(report: Report) -> Block:
    """The draw made again from the committed files: whether it comes out the same, and where not."""
    differences = verify_draw(report.campaign.folder)
    lang = report.lang
    verdict = _say("draw.no", lang, number=len(differences)) if differences else _say("draw.yes", lang)
    return section(_heading("verified", report), [verdict, *map(str, differences), _say("draw.anyone", lang)])


def visits(report: Report) -> Block:
    """Where to go and how many households to visit."""
    return section(_heading("visits", report), _visits(report))


def _visits(report: Report) -> Iterator[str]:
    lang, work = report.lang, counts.workload_by_town(report.data.sample)
    sums = work[["villages", "certainty", "roll_households", "list_households"]].sum()
    certain = count("villages", sums["certainty"], lang)
    yield _say("visits.places", lang, villages=count("villages", sums["villages"], lang), certainty=certain)
    yield _say("visits.households", lang, households=_households(sums["roll_households"], lang))
    if sums["list_households"]:
        yield _say("visits.lists", lang, households=_households(sums["list_households"], lang))
    if len(work) > 1:
        most = work.assign(households=work["roll_households"] + work["list_households"]).nlargest(
            1, "households"
        )
        row = most.merge(town_names(report), on="township").iloc[0]
        numbers = {"villages": count("villages", row["villages"], lang)}
        numbers["households"] = _households(row["households"], lang)
        yield _say("visits.largest", lang, name=row["name"], **numbers)


def found(report: Report, *, heading: str = "found") -> Block:
    """What was found at the households that were visited: counts, reasons, money."""
    return section(_heading(heading, report), _found(report), kind="found")


def _found(report: Report) -> Iterator[str]:
    lang, visits = report.lang, report.data.roll_visits
    done = counts.completed(visits)
    if visits.empty:
        yield _say("found.none_planned", lang)
        return
    yield _say(
        "found.visited", lang, planned=_households(len(visits), lang), done=_households(len(done), lang)
    )
    yield _missing(visits, lang)
    yield _verdicts(done, lang)
    yield _reasons(done, lang)
    yield _money_found(done, lang)
    yield _say("found.advice", lang) if len(done) else ""


def _verdicts(done: pd.DataFrame, lang: str) -> str:
    numbers = counts.verdict_counts(done)
    if len(done) == 0:
        return ""
    if numbers["correct"] == len(done):
        return _say("found.all_correct", lang, done=_households(len(done), lang))
    parts = _parts("verdict", numbers, lang)
    return _say("found.verdicts", lang, done=_households(len(done), lang), parts=parts)


def _reasons(done: pd.DataFrame, lang: str) -> str:
    table = counts.reason_counts(done)
    stopped = table[table["verdict"] == "ineligible"]
    numbers = dict(zip(stopped["reason"], stopped["households"], strict=True))
    return _say("found.reasons", lang, parts=_parts("reason", numbers, lang)) if numbers else ""


def _money_found(done: pd.DataFrame, lang: str) -> str:
    fen = counts.money_found(done)
    if not any(fen.values()):
        return _say("found.money_none", lang) if len(done) else ""
    return _say(
        "found.money",
        lang,
        over=yuan((fen["ineligible"] + fen["overpaid"]) / 100, lang),
        stop=yuan(fen["ineligible"] / 100, lang),
        reduce=yuan(fen["overpaid"] / 100, lang),
        under=yuan(fen["underpaid"] / 100, lang),
    )


def estimates(report: Report, *, heading: str = "estimated") -> Block:
    """What the visits say about the whole roll, with intervals; says so where a rate cannot be carried."""
    return section(_heading(heading, report), _estimates(report), kind="estimated")


def _estimates(report: Report) -> Iterator[str]:
    lang = report.lang
    share = estimated(report.data, "ineligible_share")
    if share is None:
        yield _say("estimated.not_estimated", lang)
        return
    roll = _households(len(report.data.roll), lang)
    if share.value > 0:
        yield _say("estimated.rate", lang, roll=roll, **_share(share, lang))
    else:
        yield _say("estimated.rate_zero", lang, roll=roll, high=percent(share.high, lang))
    yield from _estimated_households(report)
    yield from _estimated_money(report)
    if share.high - share.low > WIDE:
        villages = count("villages", len(counts.places(report.data.sample)), lang)
        yield _say("estimated.wide", lang, villages=villages, points=points(share.high - share.low))
    yield _say("estimated.caution", lang)


def _estimated_households(report: Report) -> Iterator[str]:
    lang = report.lang
    wrong, errors = estimated(report.data, "ineligible_households"), estimated(report.data, "error_share")
    if wrong is not None:
        limits = {"low": whole(wrong.low), "high": whole(wrong.high)}
        yield _say("estimated.households", lang, number=_households(wrong.value, lang), **limits)
    if errors is not None:
        yield _say("estimated.errors", lang, **_share(errors, lang))


def _estimated_money(report: Report) -> Iterator[str]:
    lang = report.lang
    over, under = estimated(report.data, "overpaid_yuan"), estimated(report.data, "underpaid_yuan")
    if over is None or under is None:
        return
    yield _say(
        "estimated.money",
        lang,
        over=yuan(over.value, lang),
        over_low=whole(over.low),
        over_high=yuan(over.high, lang),
        under=yuan(under.value, lang),
        under_low=whole(under.low),
        under_high=yuan(under.high, lang),
    )


def other_lists(report: Report) -> Block:
    """What was found at households of the other lists that were drawn in the same villages."""
    visits = report.data.visits
    others = visits[visits["list"] != ROLL]
    if others.empty:
        return Block(html="")
    rows = [_list_row(name, part, report.lang) for name, part in others.groupby("list", sort=False)]
    return section(_heading("lists", report), rows, kind="found")


def _list_row(name: object, part: pd.DataFrame, lang: str) -> str:
    done = counts.completed(part)
    entitled = int((done["verdict"] == "entitled").sum())
    return _say(
        "lists.row",
        lang,
        name=list_name(str(name), lang),
        planned=_households(len(part), lang),
        done=_households(len(done), lang),
        entitled=_households(entitled, lang),
    )


def coverage(report: Report) -> Block:
    """How far the visits are: to visit, visited, why not, and what waits in quarantine."""
    lang, visits = report.lang, report.data.roll_visits
    return section(_heading("coverage", report), [*_coverage(visits, lang), _quarantine(report)])


def _coverage(visits: pd.DataFrame, lang: str) -> Iterator[str]:
    done, planned = len(counts.completed(visits)), len(visits)
    share = percent(done / planned if planned else float("nan"), lang)
    yield _say(
        "coverage.planned",
        lang,
        planned=_households(planned, lang),
        done=_households(done, lang),
        share=share,
    )
    yield _missing(visits, lang)
    waiting = counts.outcome_counts(visits)[counts.OPEN]
    yield _say("coverage.open", lang, number=_households(waiting, lang)) if waiting else ""


def _missing(visits: pd.DataFrame, lang: str) -> str:
    numbers = counts.outcome_counts(visits)
    missing = {code: number for code, number in numbers.items() if code not in ("completed", counts.OPEN)}
    total = sum(missing.values())
    parts = _parts("outcome", missing, lang)
    return _say("coverage.missing", lang, number=_households(total, lang), parts=parts) if total else ""


def _quarantine(report: Report) -> str:
    rows = len(report.campaign.quarantine())
    if report.unit["number"]:
        return ""  # quarantined rows belong to files, not surely to a town
    if not rows:
        return _say("coverage.quarantine_none", report.lang)
    return _say("coverage.quarantine", report.lang, number=count("rows", rows, report.lang))


def comparison(report: Report) -> Block:
    """The plain percentage beside the weighted estimate, and why they differ."""
    return section(_heading("compare", report), _comparison(report))


def _comparison(report: Report) -> Iterator[str]:
    lang, done = report.lang, counts.completed(report.data.roll_visits)
    share = estimated(report.data, "ineligible_share")
    if share is None or done.empty:
        yield _say("estimated.not_estimated", lang)
        return
    wrong = done["verdict"] == "ineligible"
    yield _say(
        "compare.plain",
        lang,
        done=_households(len(done), lang),
        wrong=_households(int(wrong.sum()), lang),
        share=percent(wrong.mean(), lang),
    )
    roll = _households(len(report.data.roll), lang)
    yield _say("compare.weighted", lang, roll=roll, **_share(share, lang))
    yield _why_they_differ(report, done, wrong)
    yield _say("compare.inside", lang)


def _why_they_differ(report: Report, done: pd.DataFrame, wrong: pd.Series) -> str:
    lang, places = report.lang, counts.places(report.data.sample)
    certain = set(places.loc[places["certainty"], "village"])
    inside = done["village"].isin(certain)
    if inside.any() and not inside.all():
        return _say(
            "compare.certainty",
            lang,
            seen=percent(inside.mean(), lang),
            roll=percent(report.data.roll["village"].isin(certain).mean(), lang),
            certainty_rate=percent(wrong[inside].mean(), lang),
            other_rate=percent(wrong[~inside].mean(), lang),
        )
    first = report.data.sample[
        (report.data.sample["stage"] == "1") & (report.data.sample["role"] != "reserve")
    ]
    rates = pd.to_numeric(first["n"]) / pd.to_numeric(first["N"])
    return _say("compare.no_certainty", lang, low=percent(rates.min(), lang), high=percent(rates.max(), lang))


def key_figures(report: Report) -> Block:
    """The few figures at the head of a report: what was found, and what is estimated, marked as such."""
    return tiles([*_found_tiles(report), *_estimated_tiles(report)])


def _found_tiles(report: Report) -> Iterator[tuple[str, str, str, str]]:
    lang, visits = report.lang, report.data.roll_visits
    done = counts.completed(visits)
    planned = _say("tile.visited_note", lang, planned=_households(len(visits), lang))
    yield "found", _households(len(done), lang), _say("tile.visited", lang), planned
    if len(done):
        wrong = done["verdict"] == "ineligible"
        note = _say("tile.wrong_note", lang, share=percent(wrong.mean(), lang))
        yield "found", _households(int(wrong.sum()), lang), _say("tile.wrong", lang), note


def _estimated_tiles(report: Report) -> Iterator[tuple[str, str, str, str]]:
    lang, data = report.lang, report.data
    if (share := estimated(data, "ineligible_share")) is not None:
        note = _say("tile.rate_note", lang, low=percent(share.low, lang), high=percent(share.high, lang))
        yield "estimated", percent(share.value, lang), _say("tile.rate", lang), note
    if (number := estimated(data, "ineligible_households")) is not None:
        note = _say("tile.households_note", lang, low=whole(number.low), high=whole(number.high))
        yield "estimated", _households(number.value, lang), _say("tile.households", lang), note
    if (over := estimated(data, "overpaid_yuan")) is not None:
        note = _say("tile.money_note", lang, low=whole(over.low), high=whole(over.high))
        yield "estimated", yuan(over.value, lang), _say("tile.money", lang), note


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"reports.{key}", lang, **fields)


def _heading(name: str, report: Report) -> str:
    return text(f"reports.heading.{name}", report.lang)


def _households(number: float, lang: str) -> str:
    return count("households", number, lang)


def _share(share: Estimated, lang: str) -> dict[str, str]:
    return {"share": percent(share.value, lang), "between": between(share.low, share.high, lang)}


def _parts(codes: str, numbers: dict[str, int] | Iterable, lang: str) -> str:
    pairs = sorted(dict(numbers).items(), key=lambda pair: -pair[1])
    words = [
        text("reports.figure.part", lang, label=text(f"codes.{codes}.{code}", lang), number=whole(number))
        for code, number in pairs
        if number
    ]
    return listing(words, lang)
