"""What rates, bounds and totals come to in every stratum, before anybody asks whether that is allowed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pandas as pd

from sampling.designs import allocation
from sampling.designs.design import RANDOM_SIZE, Design, SizeRule
from sampling.designs.groups import household_rule, stratum_of, substratum_of
from sampling.designs.measures import totals, variances
from sampling.designs.sizes import ROUND, expected_size, size
from sampling.frames import Frame

COLUMNS = ["stratum", "township", "certainty", "N", "n", "expected", "bound", "rate", "pi", "weight"]
COLUMNS += ["households", "expected_visits"]
FLOOR_AND_CEILING = (math.floor, math.ceil)


@dataclass(frozen=True, kw_only=True)
class Number:
    """How many of a group are drawn: `n` None where the draw decides it; on average; by which rule."""

    n: int | None
    expected: Fraction
    bound: str


@lru_cache(maxsize=1 << 16)
def number(rule: SizeRule, N: int, method: str, rounding: str, conflict: str = "bounds") -> Number:
    """How many of N units a rule takes under this method and rounding.

    Notes
    -----
    Where every rounding of the rate comes to the same number, the draw has nothing to decide.
    """
    if method in RANDOM_SIZE:
        expected = expected_size(rule, N, conflict, whole=False)
        return Number(n=None, expected=expected, bound=_bound(rule, N, expected))
    if rounding in ROUND:
        n, bound = size(rule, N, conflict, ROUND[rounding])
        return Number(n=n, expected=Fraction(n), bound=bound)
    ends = [size(rule, N, conflict, round) for round in FLOOR_AND_CEILING]
    bounds = [bound for _, bound in ends if bound != "rate"]
    settled = ends[0][0] == ends[1][0]
    return Number(
        n=ends[0][0] if settled else None,
        expected=expected_size(rule, N, conflict, whole=True),
        bound=bounds[0] if settled and bounds else "rate",
    )


def _bound(rule: SizeRule, N: int, expected: Fraction) -> str:
    """The rule that made an average which need not be whole."""
    by_rate = N * rule.rate
    if expected == by_rate:
        return "rate"
    if expected < by_rate:
        return "at_most"
    return "all" if rule.at_least > N else "at_least"


def rule_codes(villages: pd.DataFrame, design: Design) -> tuple[list[SizeRule], pd.DataFrame]:
    """The different rules, and for each village every rule that its fields name: columns row, code.

    The design's own rule is number 0; a village that names none follows it.
    """
    named = [rule for rules in design.kinds.values() for rule in rules.values()]
    rules = list(dict.fromkeys([design.villages, *named]))
    parts, plain = [], np.ones(len(villages), dtype=bool)
    for name, own in design.kinds.items():
        codes = villages[name].map({value: rules.index(rule) for value, rule in own.items()})
        has = codes.notna().to_numpy()
        parts.append(pd.DataFrame({"row": np.flatnonzero(has), "code": codes.to_numpy()[has]}))
        plain &= ~has
    parts.append(pd.DataFrame({"row": np.flatnonzero(plain), "code": 0}))
    return rules, pd.concat(parts).astype("int64")


def base_strata(frame: Frame, design: Design) -> pd.DataFrame:
    """The strata, sorted: stratum, township, certainty, N, households (in the frame) and rule."""
    villages = frame.villages
    rules, codes = rule_codes(villages, design)
    first = np.zeros(len(villages), dtype="int64")
    first[codes["row"]] = codes["code"]
    table = pd.DataFrame(
        {
            "stratum": stratum_of(villages),
            "township": villages["township"],
            "certainty": villages["certainty"],
            "households": household_counts(frame),
            "code": first,
        }
    )
    by = table.groupby("stratum", sort=True)
    strata = by.agg(
        township=("township", "first"),
        certainty=("certainty", "first"),
        N=("code", "size"),
        households=("households", "sum"),
        code=("code", "first"),
    )
    return strata.reset_index().assign(rule=[rules[code] for code in strata["code"]]).drop(columns="code")


def household_counts(frame: Frame) -> np.ndarray:
    """Households of every village of the frame, in its order; 0 where no count is known."""
    return frame.sizes.reindex(frame.villages["village"]).fillna(0).to_numpy().astype("int64")


def household_groups(frame: Frame, design: Design) -> pd.DataFrame:
    """The groups that households are drawn in: village, substratum, M. Empty villages may be among them."""
    if not design.categories:
        counts = household_counts(frame)
        return pd.DataFrame({"village": frame.villages["village"], "substratum": "", "M": counts})
    units = frame.units[frame.units["household"] != ""]
    keys = [units["village"], substratum_of(units, design).rename("substratum")]
    return units.groupby(keys, sort=True).size().rename("M").reset_index()


def household_number(design: Design, substratum: str, M: int) -> Number:
    """How many of the M households of a village's substratum are drawn."""
    return number(household_rule(design, substratum), M, design.households_by.method, design.rounding)


def group_numbers(groups: pd.DataFrame, design: Design) -> tuple[np.ndarray, list[Number]]:
    """For every group the place of its number in the list; each different pair of size and rule once."""
    codes = groups.groupby(["substratum", "M"], sort=False).ngroup().to_numpy()
    pairs = groups[["substratum", "M"]].drop_duplicates()
    return codes, [household_number(design, *pair) for pair in pairs.itertuples(index=False, name=None)]


def expected_households(frame: Frame, design: Design) -> np.ndarray:
    """Households to visit in each village of the frame if it is drawn, on average."""
    groups = household_groups(frame, design)
    codes, numbers = group_numbers(groups, design)
    expected = np.array([float(found.expected) for found in numbers], dtype="float64")
    visits = pd.Series(expected[codes], dtype="float64").groupby(groups["village"].to_numpy()).sum()
    return visits.reindex(frame.villages["village"]).fillna(0.0).to_numpy()


def boxes(strata: pd.DataFrame) -> tuple[list[int], list[int]]:
    """The least and the most villages that each of these strata may give to a total."""
    pairs = list(zip(strata["rule"], strata["N"].tolist(), strict=True))
    low = [min(N, max(1, rule.at_least)) for rule, N in pairs]
    return low, [N if rule.at_most is None else min(N, rule.at_most) for rule, N in pairs]


def shared_out(frame: Frame, design: Design, strata: pd.DataFrame) -> list[int]:
    """n of these strata, which are those that are not all taken, by the design's allocation."""
    shares = design.allocation
    assert shares is not None
    low, high = boxes(strata)
    total = min(max(shares.total, sum(low)), sum(high))  # what is out of reach is refused elsewhere
    if shares.how == "equal":
        return allocation.equal(total, low=low, high=high)
    ordinary = frame.villages[frame.villages["certainty"] != "1"]
    if shares.how == "neyman":
        spread = variances(ordinary[shares.spread], ordinary["township"])[strata["township"]]
        weights = [N * N * s for N, s in zip(strata["N"].tolist(), spread, strict=True)]
        return allocation.neyman(total, weights, low=low, high=high)
    sizes = _stratum_sizes(ordinary, design, strata)
    if shares.how == "power":
        return allocation.power(total, sizes, shares.power, low=low, high=high)
    return allocation.proportional(total, sizes, low=low, high=high)


def _stratum_sizes(ordinary: pd.DataFrame, design: Design, strata: pd.DataFrame) -> Sequence[Fraction]:
    """The sizes of the strata: of the field that measures size, else their villages."""
    if not design.villages_by.size:
        return [Fraction(N) for N in strata["N"].tolist()]
    sums = totals(ordinary[design.villages_by.size], ordinary["township"])
    return list(sums[strata["township"]])


def _numbers(frame: Frame, design: Design, strata: pd.DataFrame) -> list[Number]:
    taken = (strata["certainty"] == "1").to_numpy()
    shared = iter(shared_out(frame, design, strata[~taken]) if design.allocation else ())
    found = []
    for all_taken, rule, N in zip(taken, strata["rule"], strata["N"].tolist(), strict=True):
        if all_taken:
            found.append(Number(n=N, expected=Fraction(N), bound="all"))
        elif design.allocation:
            found.append(_shared(next(shared), rule, N))
        else:
            found.append(number(rule, N, design.villages_by.method, design.rounding, design.conflict))
    return found


def _shared(n: int, rule: SizeRule, N: int) -> Number:
    """A share of a total; where it stands at a bound, that bound is named."""
    bound = {rule.at_least: "at_least", rule.at_most: "at_most", N: "all"}.get(n, "total")
    return Number(n=n, expected=Fraction(n), bound=bound)


def strata_table(frame: Frame, design: Design) -> pd.DataFrame:
    """The table of `stratum_sizes` and its column of rules, unchecked."""
    strata = base_strata(frame, design)
    numbers = _numbers(frame, design, strata)
    rates = [found.expected / N for found, N in zip(numbers, strata["N"].tolist(), strict=True)]
    table = strata.assign(
        n=pd.array([found.n for found in numbers], dtype="Int64"),
        expected=[str(found.expected) for found in numbers],
        bound=[found.bound for found in numbers],
        rate=[str(rate) for rate in rates],
        pi=[float(rate) for rate in rates],
        weight=[float(1 / rate) if rate else math.inf for rate in rates],  # of 0: refused before it is shown
    )
    return table.assign(expected_visits=_visits(frame, design, table))[[*COLUMNS, "rule"]]


def _visits(frame: Frame, design: Design, table: pd.DataFrame) -> np.ndarray:
    """Households to visit in each stratum on average; by each village's own probability where it has one."""
    visits = pd.Series(expected_households(frame, design))
    stratum = stratum_of(frame.villages).to_numpy()
    if "pi" in frame.villages:
        own = visits * frame.villages["pi"].to_numpy().astype("float64")
        return own.groupby(stratum).sum()[table["stratum"]].to_numpy()
    sums = visits.groupby(stratum).sum()[table["stratum"]].to_numpy()
    expected = np.array([float(Fraction(n)) for n in table["expected"]])
    return expected * sums / table["N"].to_numpy()
