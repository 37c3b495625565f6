"""The design of a draw: how many villages of each town, how many households of each village."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

METHODS = ("srs", "systematic", "bernoulli", "poisson", "pareto", "sequential_poisson")
"""How units can be selected; what each does stands in `sampling.draws.methods` and in docs/draw-v1.md."""
SIZED = ("poisson", "pareto", "sequential_poisson")
"""Methods that draw in proportion to a measure of size."""
UNEQUAL = ("bernoulli", *SIZED)
"""Methods whose lambda and probability stand in the frame, unit by unit."""
RANDOM_SIZE = ("bernoulli", "poisson")
"""Methods that draw as many as come."""
CONFLICTS = ("bounds", "rate", "refuse")
ROUNDINGS = ("up", "half_up", "random")
ALLOCATIONS = ("equal", "proportional", "neyman", "power")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """How the units of one stage are selected.

    `size` is the field that measures size, `order` the fields that a systematic draw sorts by; `calibrated`
    asks for probabilities in exact proportion to size.
    """

    method: str = "srs"
    size: str = ""
    calibrated: bool = False
    order: tuple[str, ...] = ()

    @property
    def fields(self) -> set[str]:
        return {*self.order, *([self.size] if self.size else [])}


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """A total of villages to be shared out among the strata; bounds stay those of the size rules.

    `how` is "equal", "proportional" (to size, or to the number of villages where none is stated), "neyman"
    (N times the standard deviation of the field `spread`) or "power" (size to the power `power`).
    """

    total: int
    how: str
    power: Fraction = Fraction(1)
    spread: str = ""


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


Rules = Mapping[str, Mapping[str, SizeRule]]
"""Size rules by field and value."""
PLAIN = ("conflict", "rounding", "reserves", "certainty", "sealed")
DRAWN_BEFORE = "drawn_before"
"""The village field that says who was drawn in the wave before: 1 or 0."""


@dataclass(frozen=True, kw_only=True)
class Design:
    """What shall be drawn. `kinds` holds other rules for villages, by village field and value.

    `categories` holds other rules for households of the roll, by household field and value: these households
    are a substratum of their own in their village. `conflict` says who wins where a town's rate and bounds
    disagree; in a village the bounds always win. `sealed`: the households of a village are drawn on arrival.
    `drawn_before` is the weight of villages that the wave before drew (None: they are like the others).
    """

    conflict: str = "bounds"
    rounding: str = "up"
    reserves: int = 0
    villages: SizeRule
    villages_by: Selection = Selection()
    allocation: Allocation | None = None
    certainty: str = ""
    drawn_before: Fraction | None = None
    kinds: Rules = field(default_factory=lambda: MappingProxyType({}))
    households: SizeRule
    households_by: Selection = Selection()
    categories: Rules = field(default_factory=lambda: MappingProxyType({}))
    sealed: bool = False
    lists: Mapping[str, SizeRule] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def fields(self) -> tuple[str, ...]:
        """The village fields that the design names, beside the certainty flag: columns of `villages.csv`."""
        spread = {self.allocation.spread} - {""} if self.allocation else set()
        before = {DRAWN_BEFORE} if self.drawn_before is not None else set()
        return tuple(sorted({*self.kinds, *self.villages_by.fields, *spread, *before}))

    @property
    def household_fields(self) -> tuple[str, ...]:
        """The household fields that the design names: columns of `frame.csv`."""
        return tuple(sorted({*self.categories, *self.households_by.fields}))

    def village_rule(self, village: Mapping[str, str]) -> SizeRule:
        """The rule that a village follows: its kind's where the design names it, else the general one."""
        named = (rules[village[name]] for name, rules in self.kinds.items() if village[name] in rules)
        return next(named, self.villages)

    def to_dict(self) -> dict[str, Any]:
        """The design for `commit.json`: fractions as text."""
        plain = {name: getattr(self, name) for name in PLAIN}
        return plain | {
            "villages": self.villages.to_dict(),
            "villages_by": _selection(self.villages_by),
            "allocation": _allocation(self.allocation),
            "drawn_before": None if self.drawn_before is None else str(self.drawn_before),
            "kinds": {name: _rules_to_dict(rules) for name, rules in self.kinds.items()},
            "households": self.households.to_dict(),
            "households_by": _selection(self.households_by),
            "categories": {name: _rules_to_dict(rules) for name, rules in self.categories.items()},
            "lists": _rules_to_dict(self.lists),
        }

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> "Design":
        """The design that `to_dict` wrote, exactly."""
        before = table["drawn_before"]
        return cls(
            **{name: table[name] for name in PLAIN},
            villages=SizeRule.from_dict(table["villages"]),
            villages_by=_selection_from(table["villages_by"]),
            allocation=_allocation_from(table["allocation"]),
            drawn_before=None if before is None else Fraction(before),
            kinds=_by_field(table["kinds"]),
            households=SizeRule.from_dict(table["households"]),
            households_by=_selection_from(table["households_by"]),
            categories=_by_field(table["categories"]),
            lists=_rules_from_dict(table["lists"]),
        )

    def __repr__(self) -> str:
        villages, households = rate_text(self.villages.rate), rate_text(self.households.rate)
        if self.allocation:
            villages = str(self.allocation.total)
        return (
            f"Design({self.villages_by.method!r}, {villages} of the villages, {households} of the households)"
        )


def _selection(selection: Selection) -> dict[str, Any]:
    return asdict(selection) | {"order": list(selection.order)}


def _selection_from(table: Mapping[str, Any]) -> Selection:
    return Selection(**{**table, "order": tuple(table["order"])})


def _allocation(allocation: Allocation | None) -> dict[str, Any] | None:
    return asdict(allocation) | {"power": str(allocation.power)} if allocation else None


def _allocation_from(table: Mapping[str, Any] | None) -> Allocation | None:
    return Allocation(**{**table, "power": Fraction(table["power"])}) if table else None


def _by_field(table: Mapping[str, Any]) -> Rules:
    return MappingProxyType({name: _rules_from_dict(rules) for name, rules in table.items()})


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
