"""How many of everything the synthetic county has: the numbers of the first report, to the last household."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sampling.codes import REASONS

GROUNDS = REASONS["ineligible"][:6]
"""The campaign's six grounds of removal."""

REST = "living_improved"
"""The ground that takes every ineligible household without a ground of its own."""

DETECTED = {
    "head_died": 0.96,
    "official_relative": 0.45,
    "former_official": 0.55,
    "orphan_adult": 0.90,
    "pensioner": 0.85,
    "living_improved": 0.72,
}
"""Share of the truly ineligible that a self-check detects, by ground."""

PAYMENT_ERRORS = Fraction(45, 1000)
"""Share of the entitled households on the roll that are paid a wrong amount."""

OVERPAID = Fraction(60, 100)
"""Share of the wrong amounts that are too high; the others are too low."""


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What must come out exactly; counts of households, except `persons` of the other programmes."""

    before: int
    ineligible: Mapping[str, int]
    removed: Mapping[str, int]
    wrongly_removed: Mapping[str, int]
    new: int
    new_wrong: int
    refused: int
    refused_entitled: int
    persons: Mapping[str, int]
    hotline: int
    hotline_confirmed: int

    @property
    def rightly_removed(self) -> dict[str, int]:
        return {ground: self.removed[ground] - self.wrongly_removed[ground] for ground in GROUNDS}

    @property
    def left(self) -> dict[str, int]:
        """Ineligible households that the self-check left on the roll, by ground."""
        return {ground: self.ineligible[ground] - self.rightly_removed[ground] for ground in GROUNDS}

    @property
    def roll(self) -> int:
        """Households on the roll after the self-check."""
        return self.before - sum(self.removed.values()) + self.new

    @property
    def roll_ineligible(self) -> int:
        return sum(self.left.values()) + self.new_wrong


COUNTY = Totals(
    before=26_214,
    ineligible=dict(zip(GROUNDS, (501, 125, 76, 6, 154, 1_596), strict=True)),
    removed=dict(zip(GROUNDS, (462, 63, 46, 5, 128, 1_131), strict=True)),
    wrongly_removed=dict(zip(GROUNDS, (0, 9, 6, 0, 2, 28), strict=True)),
    new=1_340,
    new_wrong=40,
    refused=3_000,
    refused_entitled=180,
    persons={"five_guarantee": 1_150, "relief": 420, "other": 90},
    hotline=120,
    hotline_confirmed=42,
)
"""The county of the first report: 1,835 removed is 7.0 % of 26,214, and 25,719 are on the roll afterwards."""


def scaled(before: int) -> Totals:
    """The county's totals for a roll of `before` households, in proportion, and nothing at zero.

    Every ground keeps one removed household and one that is left; of the wrongly removed, at least the
    biggest ground keeps one.
    """

    def part(count: int, least: int = 1) -> int:
        return max(least, round(Fraction(count * before, COUNTY.before)))

    removed = {ground: part(count) for ground, count in COUNTY.removed.items()}
    wrongly = {ground: part(count, 0) for ground, count in COUNTY.wrongly_removed.items()}
    wrongly[REST] = max(1, wrongly[REST])
    rightly = {ground: removed[ground] - wrongly[ground] for ground in GROUNDS}
    return Totals(
        before=before,
        ineligible={ground: part(COUNTY.ineligible[ground], rightly[ground] + 1) for ground in GROUNDS},
        removed=removed,
        wrongly_removed=wrongly,
        new=part(COUNTY.new),
        new_wrong=part(COUNTY.new_wrong),
        refused=part(COUNTY.refused),
        refused_entitled=part(COUNTY.refused_entitled),
        persons={name: part(count) for name, count in COUNTY.persons.items()},
        hotline=part(COUNTY.hotline),
        hotline_confirmed=part(COUNTY.hotline_confirmed),
    )
