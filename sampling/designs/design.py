"""The design of a draw: how many villages of each town, how many households of each village."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

METHOD_WORDS = ("srs", "systematic", "bernoulli", "poisson", "pareto", "sequential_poisson")
CONFLICTS = ("bounds", "rate", "refuse")
ROUNDINGS = ("up", "half_up", "random")
BUILT = {"method": ("srs",), "conflict": CONFLICTS, "rounding": ("up",)}
"""The words of the format that this version draws by; the others are refused with a sentence."""


@dataclass(frozen=True, kw_only=True)
class SizeRule:
    """How many units to take of N: a rate, and bounds on the number (`at_most` None: no upper bound)."""

    rate: Fraction
    at_least: int = 0
    at_most: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The rule for `commit.json`; the rate is an exact fraction as text."""
        return {"rate": str(self.rate), "at_least": self.at_least, "at_most": self.at_most}

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> "SizeRule":
        """The rule that `to_dict` wrote."""
        return cls(rate=Fraction(table["rate"]), at_least=table["at_least"], at_most=table["at_most"])


@dataclass(frozen=True, kw_only=True)
class Design:
    """What shall be drawn. `kinds` holds other rules for villages, by village field and value.

    `conflict` says who wins where a town's rate and bounds disagree; in a village the bounds always win.
    """

    method: str = "srs"
    conflict: str = "bounds"
    rounding: str = "up"
    reserves: int = 0
    villages: SizeRule
    certainty: str = ""
    kinds: Mapping[str, Mapping[str, SizeRule]] = field(default_factory=lambda: MappingProxyType({}))
    households: SizeRule
    lists: Mapping[str, SizeRule] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def fields(self) -> tuple[str, ...]:
        """The village fields that the design names, beside the certainty flag: columns of `villages.csv`."""
        return tuple(sorted(self.kinds))

    def to_dict(self) -> dict[str, Any]:
        """The design for `commit.json`."""
        return {
            "method": self.method,
            "conflict": self.conflict,
            "rounding": self.rounding,
            "reserves": self.reserves,
            "villages": self.villages.to_dict(),
            "certainty": self.certainty,
            "kinds": {name: _rules_to_dict(rules) for name, rules in self.kinds.items()},
            "households": self.households.to_dict(),
            "lists": _rules_to_dict(self.lists),
        }

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> "Design":
        """The design that `to_dict` wrote, exactly."""
        kinds = {name: _rules_from_dict(rules) for name, rules in table["kinds"].items()}
        plain = {name: table[name] for name in ("method", "conflict", "rounding", "reserves", "certainty")}
        return cls(
            **plain,
            villages=SizeRule.from_dict(table["villages"]),
            kinds=MappingProxyType(kinds),
            households=SizeRule.from_dict(table["households"]),
            lists=_rules_from_dict(table["lists"]),
        )

    def __repr__(self) -> str:
        villages, households = rate_text(self.villages.rate), rate_text(self.households.rate)
        return f"Design({self.method!r}, {villages} of the villages, {households} of the households)"


def _rules_to_dict(rules: Mapping[str, SizeRule]) -> dict[str, Any]:
    return {name: rule.to_dict() for name, rule in rules.items()}


def _rules_from_dict(table: Mapping[str, Any]) -> Mapping[str, SizeRule]:
    return MappingProxyType({name: SizeRule.from_dict(rule) for name, rule in table.items()})


def rate_text(rate: Fraction) -> str:
    """A rate as people write it: in percent where that is exact, else as a fraction.

    >>> rate_text(Fraction(1, 8)), rate_text(Fraction(1, 3))
    ('12.5%', '1/3')
    """
    exact = (rate * 100_000).denominator == 1  # three digits after the point
    return f"{float(rate * 100):g}%" if exact else str(rate)


def size(rule: SizeRule, N: int, conflict: str) -> tuple[int, str]:
    """How many of N units the rule takes, in whole numbers.

    Parameters
    ----------
    rule
        Rate and bounds.
    N
        Units there are.
    conflict
        "rate": the bounds do not count. "bounds" and "refuse": they win; refusing is for the caller, who
        knows the town's name.

    Returns
    -------
    n, bound
        The number, and which rule made it: "rate", "at_least", "at_most", or "all" where the rule wants more
        units than there are.

    Notes
    -----
    n = min(N, max(at_least, min(at_most, ceil(N x rate)))): draw-v1, sizes.
    """
    by_rate = math.ceil(N * rule.rate)  # a Fraction: exact, where 0.07 * 100 in floats would give 8
    if conflict == "rate":
        return by_rate, "rate"
    at_most = by_rate if rule.at_most is None else min(rule.at_most, by_rate)
    wanted = max(rule.at_least, at_most)
    if wanted > N:
        return N, "all"
    if wanted == by_rate:
        return wanted, "rate"
    return wanted, "at_least" if wanted > by_rate else "at_most"
