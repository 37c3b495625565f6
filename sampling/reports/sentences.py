"""Pieces of sentences that several parts of a report use: words by key, headings, counts in a row."""

from collections.abc import Callable, Mapping

import pandas as pd

from sampling.codes import label
from sampling.reports import counts
from sampling.reports.figures import Estimated, between, households, listing, percent, whole
from sampling.words import text

MISSING = ("absent", "refused", "not_found")
"""Outcomes of a household that should have been seen and was not."""


def say(key: str, lang: str, **fields: object) -> str:
    """A sentence of the reports' catalogue."""
    return text(f"reports.{key}", lang, **fields)


def share_words(share: Estimated, lang: str) -> dict[str, str]:
    """An estimated share and its limits, as the fields of a sentence."""
    return {"share": percent(share.value, lang), "between": between(share.low, share.high, lang)}


def in_parts(numbers: Mapping[str, int], lang: str, *, named: Callable[[str], str]) -> str:
    """Counts by code in a row, the largest first, each as it is named; codes without any are left out."""
    pairs = sorted(numbers.items(), key=lambda pair: -pair[1])
    words = [
        say("figure.part", lang, label=named(code), number=whole(number)) for code, number in pairs if number
    ]
    return listing(words, lang)


def missing(visits: pd.DataFrame, lang: str) -> str:
    """Who could not be seen, and why; empty where everybody was."""
    numbers = counts.outcome_counts(visits)
    missing = {code: numbers[code] for code in MISSING}
    total = sum(missing.values())
    parts = in_parts(missing, lang, named=lambda code: label("outcome", code, lang))
    return say("coverage.missing", lang, number=households(total, lang), parts=parts) if total else ""
