"""Populations of villages for the coverage benchmark, and many two-stage samples of each at once."""

from dataclasses import dataclass

import numpy as np

CANDIDATES = 400
ONE_TOWN = {"2 of 10": (10, 2), "3 of 10": (10, 3), "4 of 20": (20, 4), "8 of 40": (40, 8)}
TOWNS = {"20 towns, 2 or more": 2, "20 towns, 3 or more": 3}
DESIGNS = (*ONE_TOWN, *TOWNS)
RATES = (0.005, 0.02, 0.05, 0.10, 0.30)
CORRELATIONS = (0.0, 0.05, 0.20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One situation: a design, a true rate, and how the errors lie."""

    design: str
    rate: float
    shape: str = "icc"
    """ "icc": villages' rates are beta with correlation `rho`; "rising": they rise in proportion to the
    village's households; "whole": villages are wholly wrong or wholly right."""
    rho: float = 0.0


CELLS = tuple(
    Cell(design=design, rate=rate, rho=rho) for design in DESIGNS for rate in RATES for rho in CORRELATIONS
)
RISING = tuple(
    Cell(design=design, rate=rate, shape="rising") for design in DESIGNS for rate in (0.02, 0.05, 0.10)
)
WHOLE = tuple(
    Cell(design=design, rate=rate, shape="whole") for design in DESIGNS for rate in (0.02, 0.05, 0.10)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Villages by number: households, households in error, town; towns by number: villages drawn."""

    size: np.ndarray
    errors: np.ndarray
    town: np.ndarray
    draw: np.ndarray

    @property
    def rate(self) -> float:
        return float(self.errors.sum() / self.size.sum())


def population(cell: Cell, rng: np.random.Generator) -> Population:
    """A fresh population: of many, the first whose errors are nearest in number to the true rate."""
    if cell.design in ONE_TOWN:
        villages, draw = (np.array([x]) for x in ONE_TOWN[cell.design])
    else:
        villages = rng.integers(10, 41, 20)
        draw = np.maximum(np.rint(villages * 0.2), TOWNS[cell.design]).astype(int)
    size = np.clip(np.rint(rng.lognormal(np.log(35), 0.7, villages.sum())), 3, 120).astype(int)
    errors = _errors(cell, size, rng)
    target = max(1, round(cell.rate * size.sum()))
    nearest = np.argmin(np.abs(errors.sum(axis=1) - target))
    return Population(
        size=size, errors=errors[nearest], town=np.repeat(np.arange(len(villages)), villages), draw=draw
    )


def _errors(cell: Cell, size: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Households in error of each village in many candidate populations."""
    shape = (CANDIDATES, len(size))
    if cell.shape == "whole":
        order = rng.permuted(np.tile(np.arange(len(size)), (CANDIDATES, 1)), axis=1)
        count = max(1, round(cell.rate * len(size)))
        wrong = np.zeros(shape, dtype=bool)
        np.put_along_axis(wrong, order[:, :count], True, axis=1)
        return wrong * size
    if cell.shape == "rising":
        chance = np.minimum(cell.rate * size * size.sum() / (size.astype(float) ** 2).sum(), 1)
    elif cell.rho > 0:
        both = (1 - cell.rho) / cell.rho
        chance = rng.beta(cell.rate * both, (1 - cell.rate) * both, shape)
    else:
        chance = np.full(shape, cell.rate)
    return rng.binomial(size, chance, shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Many samples of one population: one row per sample, one column per drawn village."""

    size: np.ndarray
    seen: np.ndarray
    errors: np.ndarray
    weight: np.ndarray
    """Of each household of the village."""
    town: np.ndarray
    """Of each column."""
    fraction: np.ndarray
    """Villages drawn of those in the town, by column."""


def draw_samples(people: Population, count: int, rng: np.random.Generator) -> Samples:
    """Villages by simple random sampling in each town, half of the households of each, rounded up."""
    chosen = []
    for town, draw in enumerate(people.draw):
        members = np.flatnonzero(people.town == town)
        order = np.argpartition(rng.random((count, len(members))), draw - 1, axis=1)[:, :draw]
        chosen.append(members[order])
    village = np.concatenate(chosen, axis=1)
    size, wrong = people.size[village], people.errors[village]
    seen = (size + 1) // 2
    town = np.repeat(np.arange(len(people.draw)), people.draw)
    fraction = (people.draw / np.bincount(people.town))[town]
    return Samples(
        size=size,
        seen=seen,
        errors=rng.hypergeometric(wrong, size - wrong, seen),
        weight=size / seen / fraction,
        town=town,
        fraction=fraction,
    )
