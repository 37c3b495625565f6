"""What happens to a draw later: villages drawn on arrival, extensions, reserves opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

VILLAGE, EXTENSION, RESERVE = "village", "extension", "reserve"
Place = tuple[str, str]
"""A group in which reserves stand in order: list and village, or "stratum" and stratum for villages."""


@dataclass(frozen=True, kw_only=True)
class Extension:
    """More villages by stratum. With a seed of its own if it was decided after looking at findings."""

    more: Mapping[str, int]
    seed: str
    pi: Mapping[str, Fraction]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A reserve that was opened, and the unit that it replaces; `household` is empty for a village."""

    list: str
    village: str
    household: str
    replaces: str


@dataclass(frozen=True, kw_only=True)
class Acts:
    """The later acts of a draw as `receipt.json` lists them, by kind, each kind in order."""

    seeds: Mapping[str, str] = field(default_factory=dict)
    """The seed of every village that was drawn on arrival."""
    extensions: tuple[Extension, ...] = ()
    openings: tuple[Opening, ...] = ()

    def replaced_villages(self) -> set[str]:
        return {act.replaces for act in self.openings if not act.household}

    def village_openings(self) -> list[str]:
        """Villages opened in place of others, in order."""
        return [act.village for act in self.openings if not act.household]


def read_acts(acts: Sequence[Mapping[str, Any]]) -> Acts:
    """The acts of a receipt.

    Raises
    ------
    ValueError
        If an act is of an unknown kind.
    """
    if strangers := {act["act"] for act in acts} - {VILLAGE, EXTENSION, RESERVE}:
        raise ValueError(f"act must be village, extension or reserve, got {sorted(strangers)}")
    return Acts(
        seeds={act["village"]: act["seed"] for act in acts if act["act"] == VILLAGE},
        extensions=tuple(_extension(act) for act in acts if act["act"] == EXTENSION),
        openings=tuple(_opening(act) for act in acts if act["act"] == RESERVE),
    )


def _extension(act: Mapping[str, Any]) -> Extension:
    pi = {village: Fraction(float(value)) for village, value in act["pi"].items()}
    return Extension(more=act["more"], seed=act["seed"] if act["looked"] else "", pi=pi)


def _opening(act: Mapping[str, Any]) -> Opening:
    names = ("list", "village", "household", "replaces")
    return Opening(**{name: act[name] for name in names})
