"""Sizes of every stratum: what the rates and bounds of a design come to over a frame."""

from collections.abc import Iterator
from fractions import Fraction

import pandas as pd

from sampling.designs.design import Design, SizeRule, rate_text
from sampling.designs.groups import CERTAINTY, stratum_of
from sampling.designs.reading import FILE
from sampling.designs.sizes import size
from sampling.frames import Frame
from sampling.words import REFUSED, REPORTED, Problem, refuse_if_any

COLUMNS = ["stratum", "township", "certainty", "N", "n", "bound", "rate", "pi", "weight"]
COLUMNS += ["households", "expected_visits"]
TOWNS_NAMED = 40
"""A problem names this many towns at most; a national frame has 40,000."""
NOTE_BY_CONFLICT = {"bounds": "bounds_won", "rate": "rate_won", "refuse": "rate_against_bounds"}


def stratum_sizes(frame: Frame, design: Design) -> pd.DataFrame:
    """How many villages each stratum has, how many are drawn, and why.

    Returns
    -------
    table
        stratum, township, certainty ("1" for a take-all stratum), N and n (villages), bound (the rule that
        made n: rate, at_least, at_most, all), rate (n/N as an exact fraction in text), pi, weight,
        households (in the frame) and expected_visits (households to visit, on average over all draws).
        Sorted by stratum.

    Raises
    ------
    InputError
        If the design cannot be applied to this frame, or refuses the towns where rate and bounds disagree.
    """
    refuse_if_any(design_notes(frame, design))
    return _sizes(frame, design)


def _sizes(frame: Frame, design: Design) -> pd.DataFrame:
    villages = frame.villages.assign(stratum=stratum_of(frame.villages))
    known = (
        frame.sizes.reindex(villages["village"]).fillna(0).astype(int)
    )  # no count known: no visit expected
    villages["M"] = known.to_numpy()
    rows = [_row(part, design) for _, part in villages.groupby("stratum", sort=True)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(villages: pd.DataFrame, design: Design) -> dict[str, object]:
    """One stratum's sizes from its villages."""
    first, N = villages.iloc[0], len(villages)
    taken = first["certainty"] == "1"
    n, bound = (N, "all") if taken else size(_rules(villages, design)[0], N, design.conflict)
    rate = Fraction(n, N)
    visits = sum(size(design.households, M, "bounds")[0] for M in villages["M"].tolist())
    return {
        "stratum": first["stratum"],
        "township": first["township"],
        "certainty": first["certainty"],
        "N": N,
        "n": n,
        "bound": bound,
        "rate": str(rate),
        "pi": float(rate),
        "weight": float(1 / rate),
        "households": int(villages["M"].sum()),
        "expected_visits": float(rate * visits),
    }


def _rules(villages: pd.DataFrame, design: Design) -> list[SizeRule]:
    """The different rules that the kinds of these villages name, the design's own where they name none."""
    named = [
        rules[value]
        for name, rules in design.kinds.items()
        for value in villages[name].unique()
        if value in rules
    ]
    plain = ~_has_rule(villages, design)
    return list(dict.fromkeys([*named, *([design.villages] if plain.any() else [])]))


def _has_rule(villages: pd.DataFrame, design: Design) -> pd.Series:
    has = pd.Series(False, index=villages.index)
    for name, rules in design.kinds.items():
        has |= villages[name].isin(list(rules))
    return has


def design_notes(frame: Frame, design: Design) -> tuple[Problem, ...]:
    """What a reader must know before the draw: towns where rate and bounds disagree, kinds that do not fit.

    Returns
    -------
    problems
        Reported ones name the towns where one rule beat the other. Refused ones: `conflict = "refuse"` and
        such towns; a field that the villages do not have; a town whose villages name different rules.
    """
    missing = [name for name in design.fields if name not in frame.villages]
    if missing:
        return tuple(Problem(key="designs.field_missing", column=name) for name in missing)
    misfits = (*_clashing_names(frame), *_mixed_towns(frame, design))
    return misfits or (*_unused_kinds(frame, design), *_disagreements(frame, design))


def _clashing_names(frame: Frame) -> Iterator[Problem]:
    """A town called "x/certainty" beside a town "x": two strata would share a name."""
    towns = set(frame.villages["township"])
    for town in sorted(town for town in towns if town + CERTAINTY in towns):
        yield Problem(key="designs.stratum_name", column="township", value=town + CERTAINTY)


def _mixed_towns(frame: Frame, design: Design) -> Iterator[Problem]:
    for name in design.fields:
        for town, part in frame.villages.groupby("township", sort=True):
            if len(_rules(part, design)) > 1:
                values = ", ".join(sorted(value or "–" for value in part[name].unique()))
                yield Problem(key="designs.mixed_town", column=name, value=values, fields={"town": town})


def _unused_kinds(frame: Frame, design: Design) -> Iterator[Problem]:
    for name, rules in design.kinds.items():
        there = set(frame.villages[name])
        for value in (value for value in rules if value not in there):
            known = ", ".join(sorted(there - {""})) or "–"
            fields = {"known": known}
            yield Problem(
                key="designs.kind_unused", column=name, value=value, severity=REPORTED, fields=fields
            )


def _disagreements(frame: Frame, design: Design) -> Iterator[Problem]:
    """One problem for each rule and side on which rate and bounds disagree, naming the towns."""
    towns: dict[tuple[SizeRule, str], list[str]] = {}
    ordinary = frame.villages[frame.villages["certainty"] != "1"]
    for town, part in ordinary.groupby("township", sort=True):
        rule = _rules(part, design)[0]
        by_rate, by_bounds = (size(rule, len(part), conflict)[0] for conflict in ("rate", "bounds"))
        if by_rate != by_bounds:
            side = "more" if by_rate > by_bounds else "fewer"
            towns.setdefault((rule, side), []).append(str(town))
    severity = REFUSED if design.conflict == "refuse" else REPORTED
    for (rule, side), names in towns.items():
        key = f"designs.{NOTE_BY_CONFLICT[design.conflict]}_{side}"
        fields = _disagreement(rule, names)
        yield Problem(key=key, file=FILE, column="design.villages", severity=severity, fields=fields)


def _disagreement(rule: SizeRule, towns: list[str]) -> dict[str, object]:
    named = ", ".join(towns[:TOWNS_NAMED]) + (" …" if len(towns) > TOWNS_NAMED else "")
    fields: dict[str, object] = {"rate": rate_text(rule.rate), "count": len(towns), "towns": named}
    return fields | {"at_least": rule.at_least, "at_most": rule.at_most}
