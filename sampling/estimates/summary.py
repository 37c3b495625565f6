"""Estimates in sentences: what a figure means, and how sure it is."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import pandas as pd

from sampling.estimates.intervals import WIDE
from sampling.estimates.survey import shown
from sampling.words import catalogue, text

SHARES = re.compile(r"(corrected )?(share|agreement|sensitivity|specificity) of .+|\S+_(share|rate)")
"""Parameters that are read as percentages."""
TOTALS = re.compile(r"total of .+|\S+_(households|people|yuan)")
"""Parameters that are read as whole numbers, from 10 on."""
BETA = re.compile(r"rho~Beta\(([0-9.e+-]+),([0-9.e+-]+)\)")
"""The prior in the printed name of an interval."""
MEANINGS = (
    ("corrected", re.compile(r"corrected share of (?P<name>.+)")),
    ("share", re.compile(r"share of (?P<name>.+)")),
    ("difference", re.compile(r"total of (?P<name>.+), by difference from (?P<known>.+)")),
    ("regression", re.compile(r"total of (?P<name>.+), by regression on (?P<known>.+)")),
    ("total", re.compile(r"total of (?P<name>.+)")),
    ("mean", re.compile(r"mean of (?P<name>.+)")),
    ("quantile", re.compile(r"quantile (?P<q>[0-9.e-]+) of (?P<name>.+)")),
    ("kappa", re.compile(r"kappa of (?P<first>.+) and (?P<second>.+)")),
    ("agreement", re.compile(r"agreement of (?P<first>.+) and (?P<second>.+)")),
    ("sensitivity", re.compile(r"sensitivity of (?P<name>.+)")),
    ("specificity", re.compile(r"specificity of (?P<name>.+)")),
    ("ratio", re.compile(r"(?P<top>.+) / (?P<bottom>.+)")),
    ("lists", re.compile(r"(?P<error>wrongly_[a-z_]+|three_errors)_(?P<unit>households|people|yuan)")),
)
"""What the verbs call their parameters, the first that fits."""


WHERE = ("no_respondents", "one_respondent", "left_alone", "spread_unknown")
"""Notes whose villages or strata a reader may want to visit again."""


class HasTable(Protocol):
    """Estimates: a table with the columns that the verbs give, and the villages or strata of its notes."""

    @property
    def notes(self) -> Mapping[str, tuple[str, ...]]: ...

    def to_table(self) -> pd.DataFrame: ...


def summary(estimates: HasTable, lang: str) -> str:
    """A paragraph per row: what the figure means, how sure it is, what was looked at, what must be known.

    Parameters
    ----------
    estimates
        The result of a verb.
    lang
        "en" or "zh".

    Returns
    -------
    sentences
        Lines of text; what must be known of every row, and what the confidence means, stand at the end.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    table = estimates.to_table()
    notes = [_notes(row) for row in _rows(table)]
    common = [key for key in (notes[0] if notes else ()) if all(key in keys for keys in notes)]
    lines = [
        _paragraph(row, [key for key in keys if key not in common], lang)
        for row, keys in zip(_rows(table), notes, strict=True)
    ]
    lines += [text(f"estimates.note.{key}", lang) for key in common]
    lines += _places(estimates.notes, {key for keys in notes for key in keys}, lang)
    return "\n".join([*lines, *_priors(table, lang), *_confidences(table, lang)])


def _places(notes: Mapping[str, tuple[str, ...]], used: set[str], lang: str) -> list[str]:
    """The villages or strata that notes are about; what is said of all or nearly all is not listed."""
    return [
        text(f"estimates.summary.where.{key}", lang, names=shown(notes[key]))
        for key in WHERE
        if key in used and key in notes
    ]


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in table.to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def _paragraph(row: dict[str, Any], notes: list[str], lang: str) -> str:
    parts = [_meaning(row, lang), _sure(row, lang), _seen(row, lang)]
    parts += [text(f"estimates.note.{key}", lang) for key in notes]
    place = str(row["domain"]) or text("estimates.summary.whole", lang)
    words = text("estimates.summary.apart", lang).join(part for part in parts if part)
    return text("estimates.summary.row", lang, place=place, words=words)


def _meaning(row: dict[str, Any], lang: str) -> str:
    """What the figure is, in words."""
    parameter = str(row["parameter"])
    fields = {"estimate": shown_figure(row, "estimate", lang)}
    if not math.isfinite(row["estimate"]):
        return text("estimates.summary.none", lang, name=parameter)
    if f"estimates.summary.named.{parameter}" in catalogue(lang):
        return text(f"estimates.summary.named.{parameter}", lang, **fields)
    for kind, pattern in MEANINGS:
        if found := pattern.fullmatch(parameter):
            return text(f"estimates.summary.means.{kind}", lang, **fields, **_told(found.groupdict(), lang))
    return text("estimates.summary.means.other", lang, **fields, name=parameter)


def _told(found: dict[str, str], lang: str) -> dict[str, str]:
    """The parts of a parameter's name as a reader sees them."""
    if "q" in found:
        return {"name": found["name"], "share": percent(float(found["q"]), lang)}
    if "unit" in found:
        return {
            "error": text(f"estimates.summary.error.{found['error']}", lang),
            "unit": text(f"estimates.summary.unit.{found['unit']}", lang),
        }
    return found


def _sure(row: dict[str, Any], lang: str) -> str:
    """The limits in words; a limit that is not there or is infinite is none."""
    low, high = (math.isfinite(row[name]) for name in ("low", "high"))
    if not math.isfinite(row["estimate"]) or (math.isnan(row["low"]) and math.isnan(row["high"])):
        return ""
    if row["se"] == 0 and row["low"] == row["high"]:
        return text("estimates.summary.sure.exact", lang)
    ends = {name: shown_figure(row, name, lang) for name in ("low", "high")}
    told = {"confidence": level_shown(row["confidence"], lang), **ends}
    if not (low or high):
        return text("estimates.summary.sure.unbounded", lang)
    if not low or (row["estimate"] == 0 and row["low"] == 0):
        return text("estimates.summary.sure.at_most", lang, **told)
    kind = "between" if high else "at_least"
    return text(f"estimates.summary.sure.{kind}", lang, **told)


def _seen(row: dict[str, Any], lang: str) -> str:
    if not math.isfinite(row["n_psu"]):
        return ""
    counts = {name: f"{row[name]:,.0f}" for name in ("n_psu", "n_ssu")}
    return text("estimates.summary.seen", lang, **counts)


def _notes(row: dict[str, Any]) -> list[str]:
    """Keys of what must be known of a row: those that the table names, and those that its figures show."""
    keys = [key for key in str(row["note"]).split(";") if key]
    if not math.isfinite(row["estimate"]):
        return keys
    if row["estimate"] == 0 and row["high"] > 0 and row["low"] >= 0:
        keys.append("no_errors")
    if SHARES.fullmatch(str(row["parameter"])) and row["high"] - row["low"] > WIDE:
        keys.append("wide")
    return list(dict.fromkeys(keys))


def _priors(table: pd.DataFrame, lang: str) -> list[str]:
    """What limits that look at villages took for granted before they looked."""
    found = table["interval"].astype("str").str.extract(BETA).dropna().drop_duplicates()
    return [
        text("estimates.summary.prior", lang, a=a, b=b, mean=f"{float(a) / (float(a) + float(b)):.2f}")
        for a, b in found.itertuples(index=False, name=None)
    ]


def _confidences(table: pd.DataFrame, lang: str) -> list[str]:
    """What each confidence in the table means."""
    levels = dict.fromkeys(table.loc[table["low"].notna() | table["high"].notna(), "confidence"])
    return [
        text(
            "estimates.summary.confidence",
            lang,
            confidence=level_shown(level, lang),
            of_100=f"{100 * level:g}",
        )
        for level in levels
    ]


def shown_figure(row: dict[str, Any], name: str, lang: str) -> str:
    """The estimate or a limit of a row as people read it.

    Percent with one decimal for shares; other numbers with three digits that matter (totals: two), whole when
    they are larger, and thousands apart; all three of a row alike.
    """
    if SHARES.fullmatch(str(row["parameter"])):
        return percent(row[name], lang)
    size = max((abs(row[k]) for k in ("estimate", "low", "high") if math.isfinite(row[k])), default=0.0)
    matter = 1 if TOTALS.fullmatch(str(row["parameter"])) else 2
    digits = min(max(matter - math.floor(math.log10(size)), 0), 6) if size > 0 else 0
    value = round(row[name], digits) + 0.0  # no "-0"
    return f"{value:,.{digits}f}"


def percent(share: float, lang: str) -> str:
    """A share as a percentage with one decimal; never a "-0.0"."""
    return text("estimates.summary.percent", lang, value=f"{round(100 * share, 1) + 0.0:.1f}")


def level_shown(level: float, lang: str) -> str:
    """A confidence, with as many decimals as it has."""
    return text("estimates.summary.percent", lang, value=f"{100 * level:g}")
