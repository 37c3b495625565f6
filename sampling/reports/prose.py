"""Sentences that carry figures: each states its denominator, and an estimate its interval.

What was found (查实) and what is estimated (推算) are two sections that never mix.
"""

from collections.abc import Iterator

import pandas as pd

from sampling.codes import ROLL, Codebook, label, list_label
from sampling.draws.roles import drawn_rows
from sampling.estimates import village_bound
from sampling.estimates.intervals import WIDE
from sampling.reports import counts
from sampling.reports.estimated import estimated, noted
from sampling.reports.figures import count, households, percent, points, span, whole, yuan
from sampling.reports.html import Block, section, tiles
from sampling.reports.report import Report
from sampling.reports.second_looks import double_visit_sentences
from sampling.reports.sentences import in_parts, missing, say, share_words
from sampling.words import text

CONFIDENCE = 0.95
ONE_PLACE = ("collapsed", "left_alone", "borrowed", "df_one")
"""Notes that speak of one town or unit."""


def found(report: Report, *, heading: str = "found") -> Block:
    """What was found at the households that were visited: counts, reasons, money."""
    return section(say(f"heading.{heading}", report.lang), _found(report), kind="found")


def _found(report: Report) -> Iterator[str]:
    lang, visits = report.lang, report.data.roll_visits
    done = counts.completed(visits)
    if visits.empty:
        yield say("found.none_planned", lang)
        return
    planned, seen = counts.number(visits), counts.number(done)
    yield say("found.visited", lang, planned=households(planned, lang), done=households(seen, lang))
    yield missing(visits, lang)
    yield _out_of_scope(visits, lang)
    yield _verdicts(done, lang)
    yield _reasons(done, report.campaign.codebook, lang)
    yield _money_found(done, lang)
    yield say("found.advice", lang) if seen else ""


def _out_of_scope(visits: pd.DataFrame, lang: str) -> str:
    number = counts.outcome_counts(visits)["out_of_scope"]
    return say("found.out_of_scope", lang, number=households(number, lang)) if number else ""


def _verdicts(done: pd.DataFrame, lang: str) -> str:
    numbers, seen = counts.verdict_counts(done), counts.number(done)
    if seen == 0:
        return ""
    if numbers["correct"] == seen:
        return say("found.all_correct", lang, done=households(seen, lang))
    parts = in_parts(numbers, lang, named=lambda code: label("verdict", code, lang))
    return say("found.verdicts", lang, done=households(seen, lang), parts=parts)


def _reasons(done: pd.DataFrame, codebook: Codebook, lang: str) -> str:
    table = counts.reason_counts(done)
    stopped = table[table["verdict"] == "ineligible"]
    numbers = dict(zip(stopped["reason"], stopped["households"], strict=True))
    parts = in_parts(numbers, lang, named=lambda code: codebook.label(code, lang))
    return say("found.reasons", lang, parts=parts) if numbers else ""


def _money_found(done: pd.DataFrame, lang: str) -> str:
    fen = counts.money_found(done)
    if not any(fen.values()):
        return say("found.money_none", lang) if counts.number(done) else ""
    return say(
        "found.money",
        lang,
        over=yuan((fen["ineligible"] + fen["overpaid"]) / 100, lang),
        stop=yuan(fen["ineligible"] / 100, lang),
        reduce=yuan(fen["overpaid"] / 100, lang),
        under=yuan(fen["underpaid"] / 100, lang),
    )


def estimates(report: Report, *, heading: str = "estimated") -> Block:
    """What the visits say about the whole roll, with intervals; says so where a rate cannot be carried."""
    return section(say(f"heading.{heading}", report.lang), _estimates(report), kind="estimated")


def _estimates(report: Report) -> Iterator[str]:
    lang = report.lang
    share = estimated(report.data, "ineligible_share")
    if share is None:
        yield say("estimated.not_estimated", lang)
        return
    roll = households(report.data.roll_households, lang)
    if share.value > 0:
        yield say("estimated.rate", lang, roll=roll, **share_words(share, lang))
    else:
        yield say("estimated.rate_zero", lang, roll=roll, high=percent(share.high, lang))
        yield _village_bound(report)
    yield from _estimated_households(report)
    yield from _estimated_money(report)
    yield _bounds(report)
    yield from _estimated_lists(report)
    if share.high - share.low > WIDE:
        villages = count("villages", len(report.data.places), lang)
        yield say("estimated.wide", lang, villages=villages, points=points(share.high - share.low))
    yield from _notes(report)
    yield from double_visit_sentences(report)
    yield say("estimated.caution", lang)


def _village_bound(report: Report) -> str:
    """How many villages could be wholly wrong although none of those drawn showed an error."""
    sample = report.data.sample
    strata = sample[sample["stage"] == "1"].drop_duplicates("stratum")[["N", "n"]].astype("int64")
    number = village_bound(strata["N"].to_numpy(), strata["n"].to_numpy(), CONFIDENCE)
    words = {"drawn": strata["n"].sum(), "all": strata["N"].sum(), "count": number}
    return say(
        "estimated.village_bound",
        report.lang,
        **{name: count("villages", value, report.lang) for name, value in words.items()},
    )


def _notes(report: Report) -> Iterator[str]:
    """What a reader must know of how the rate was reckoned; a note on one place is not said of the county."""
    told = {"wide", "no_errors"} if report.data.township else {"wide", "no_errors", *ONE_PLACE}
    keys = [key for key in noted(report.data, "ineligible_share") if key not in told]
    yield from (text(f"estimates.note.{key}", report.lang) for key in keys)


def _estimated_households(report: Report) -> Iterator[str]:
    lang = report.lang
    wrong, errors = estimated(report.data, "ineligible_households"), estimated(report.data, "error_share")
    if wrong is not None:
        limits = {"low": whole(wrong.low), "high": whole(wrong.high)}
        yield say("estimated.households", lang, number=households(wrong.value, lang), **limits)
    if errors is not None:
        yield say("estimated.errors", lang, **share_words(errors, lang))


def _bounds(report: Report) -> str:
    """What those not visited could change: their share if all were right, and if none were entitled."""
    lang = report.lang
    correct, wrong = (
        estimated(report.data, f"ineligible_share_if_missing_{end}") for end in ("correct", "wrong")
    )
    if correct is None or wrong is None:
        return ""
    ends = {"correct": percent(correct.value, lang), "wrong": percent(wrong.value, lang)}
    return say("estimated.bounds", lang, **ends)


def _estimated_lists(report: Report) -> Iterator[str]:
    lang, visits = report.lang, report.data.visits
    for name in visits.loc[visits["list"] != ROLL, "list"].drop_duplicates():
        number = estimated(report.data, f"{name}.entitled_households")
        if number is not None:
            limits = {"low": whole(number.low), "high": whole(number.high)}
            words = {"name": list_label(name, lang), "number": households(number.value, lang)}
            yield say("estimated.list", lang, **words, **limits)


def _estimated_money(report: Report) -> Iterator[str]:
    lang = report.lang
    over, under = estimated(report.data, "overpaid_yuan"), estimated(report.data, "underpaid_yuan")
    if over is None or under is None:
        return
    yield say(
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
    return section(say("heading.lists", report.lang), rows, kind="found")


def _list_row(name: object, part: pd.DataFrame, lang: str) -> str:
    done = counts.completed(part)
    entitled = counts.number(done[done["verdict"] == "entitled"])
    return say(
        "lists.row",
        lang,
        name=list_label(str(name), lang),
        planned=households(counts.number(part), lang),
        done=households(counts.number(done), lang),
        entitled=households(entitled, lang),
    )


def comparison(report: Report) -> Block:
    """The plain percentage beside the weighted estimate, and why they differ."""
    return section(say("heading.compare", report.lang), _comparison(report))


def _comparison(report: Report) -> Iterator[str]:
    lang, done = report.lang, counts.completed(report.data.roll_visits)
    share = estimated(report.data, "ineligible_share")
    if share is None or done.empty:
        yield say("estimated.not_estimated", lang)
        return
    yield say(
        "compare.plain",
        lang,
        done=households(counts.number(done), lang),
        wrong=households(counts.verdict_counts(done)["ineligible"], lang),
        share=percent(_wrong_share(done), lang),
    )
    roll = households(report.data.roll_households, lang)
    yield say("compare.weighted", lang, roll=roll, **share_words(share, lang))
    yield _why_they_differ(report, done)
    yield say("compare.inside", lang)


def _wrong_share(done: pd.DataFrame) -> float:
    """The plain share of visited households that are not entitled."""
    return counts.verdict_counts(done)["ineligible"] / counts.number(done)


def _why_they_differ(report: Report, done: pd.DataFrame) -> str:
    lang, places = report.lang, report.data.places
    certain = places[places["certainty"]]
    inside = done["village"].isin(certain["village"])
    if inside.any() and not inside.all():
        return say(
            "compare.certainty",
            lang,
            seen=percent(counts.number(done[inside]) / counts.number(done), lang),
            roll=percent(certain["M"].sum() / report.data.roll_households, lang),
            certainty_rate=percent(_wrong_share(done[inside]), lang),
            other_rate=percent(_wrong_share(done[~inside]), lang),
        )
    first = drawn_rows(report.data.sample[report.data.sample["stage"] == "1"])
    rates = pd.to_numeric(first["n"]) / pd.to_numeric(first["N"])
    return say("compare.no_certainty", lang, low=percent(rates.min(), lang), high=percent(rates.max(), lang))


def key_figures(report: Report) -> Block:
    """The few figures at the head of a report: what was found, and what is estimated, marked as such."""
    return tiles([*_found_tiles(report), *_estimated_tiles(report)])


def _found_tiles(report: Report) -> Iterator[tuple[str, str, str, str]]:
    lang, visits = report.lang, report.data.roll_visits
    done = counts.completed(visits)
    planned = say("tile.visited_note", lang, planned=households(counts.number(visits), lang))
    yield "found", _number(counts.number(done), lang), say("tile.visited", lang), planned
    if len(done):
        note = say("tile.wrong_note", lang, share=percent(_wrong_share(done), lang))
        wrong = counts.verdict_counts(done)["ineligible"]
        yield "found", _number(wrong, lang), say("tile.wrong", lang), note


def _estimated_tiles(report: Report) -> Iterator[tuple[str, str, str, str]]:
    lang, data = report.lang, report.data
    if (share := estimated(data, "ineligible_share")) is not None:
        note = say("tile.rate_note", lang, span=span(share.low, share.high, lang))
        yield "estimated", percent(share.value, lang), say("tile.rate", lang), note
    if (number := estimated(data, "ineligible_households")) is not None:
        note = say("tile.households_note", lang, low=whole(number.low), high=whole(number.high))
        yield "estimated", _number(number.value, lang), say("tile.households", lang), note
    if (over := estimated(data, "overpaid_yuan")) is not None:
        note = say("tile.money_note", lang, low=whole(over.low), high=whole(over.high))
        yield "estimated", yuan(over.value, lang), say("tile.money", lang), note


def _number(number: float, lang: str) -> str:
    return say("tile.number", lang, number=whole(number))
