"""Figures as a reader sees them: counts with their noun, percentages, intervals, yuan."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sampling.words import text


@dataclass(frozen=True, kw_only=True)
class Estimated:
    """One quantity of one place with its interval."""

    value: float
    low: float
    high: float


def whole(value: float) -> str:
    """A count with thousands apart; a dash where there is none.

    >>> whole(1234)
    '1,234'
    """
    return "—" if math.isnan(value) else f"{value:,.0f}"


def count(noun: str, number: float, lang: str) -> str:
    """A count with its noun, in the noun's number: "1 household", "1,234 households"."""
    form = "one" if round(number) == 1 else "many"
    return text(f"reports.count.{noun}.{form}", lang, number=whole(number))


def households(number: float, lang: str) -> str:
    """A number of households with its noun."""
    return count("households", number, lang)


def percent(share: float, lang: str) -> str:
    """A share between 0 and 1 as a percentage with one decimal."""
    return "—" if math.isnan(share) else text("reports.figure.percent", lang, value=f"{100 * share:.1f}")


def between(low: float, high: float, lang: str) -> str:
    """The limits of a share."""
    return text("reports.figure.between", lang, low=percent(low, lang), high=percent(high, lang))


def span(low: float, high: float, lang: str) -> str:
    """The limits of a share, short, for a table's cell."""
    return text("reports.figure.span", lang, low=f"{100 * low:.1f}", high=f"{100 * high:.1f}")


def points(width: float) -> str:
    """The width of an interval of shares in percentage points."""
    return f"{100 * width:.0f}"


def yuan(amount: float, lang: str) -> str:
    """An amount in yuan with thousands apart."""
    return "—" if math.isnan(amount) else text("reports.figure.yuan", lang, value=f"{amount:,.0f}")


def listing(parts: Iterable[str], lang: str) -> str:
    """Several things in one sentence, separated as the language does it."""
    return text("reports.figure.comma", lang).join(parts)
