"""The coverage benchmark makes thousands of samples at once: it gives intervals what the package gives."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sampling
from sampling.estimates.intervals import DEFAULT, share_limits

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
from populations import CELLS, RISING, WHOLE, Samples, draw_samples, population  # noqa: E402

spec = importlib.util.spec_from_file_location("benchmark_coverage", BENCHMARKS / "coverage.py")
assert spec and spec.loader
coverage = importlib.util.module_from_spec(spec)  # by its path: there is a well-known library of this name
spec.loader.exec_module(coverage)
SITUATIONS = [CELLS[8], CELLS[-4], RISING[-1], WHOLE[-2]]


def households(samples: Samples, row: int) -> pd.DataFrame:
    """The inspected households of one sample, one by one."""
    parts = []
    for place, town in enumerate(samples.town):
        seen, wrong = samples.seen[row, place], samples.errors[row, place]
        part = pd.DataFrame({"household": np.arange(seen), "error": np.arange(seen) < wrong})
        drawn = (samples.town == town).sum()
        villages = round(drawn / samples.fraction[place])
        size = samples.size[row, place]
        parts.append(part.assign(town=town, village=f"v{place}", villages=villages, size=size))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("cell", SITUATIONS, ids=lambda cell: f"{cell.shape} {cell.design}")
def test_a_sample_of_the_benchmark_has_the_share_the_variance_and_the_limits_that_the_package_gives(cell):
    rng = np.random.default_rng(4)
    people = population(cell, rng)
    samples = draw_samples(people, 5, rng)
    facts = coverage.facts_of(samples, people, coverage.LEVEL, all_sizes=False)
    limits = {name: share_limits(name, facts) for name in ("korn_graubard", "icc_kg", "icc_kg_pooled")}
    for row in range(5):
        data = sampling.survey_data(
            households(samples, row).assign(household=lambda t: t["village"] + t["household"].astype(str)),
            psu="village",
            ssu="household",
            stratum="town",
            psu_count="villages",
            ssu_count="size",
        )
        for name, (low, high) in limits.items():
            found = sampling.estimate_share(data, "error", interval=name).to_table().iloc[0]
            assert found["estimate"] == pytest.approx(facts.share[row])
            assert found["se"] ** 2 == pytest.approx(facts.variance[row], abs=1e-15)
            assert (found["low"], found["high"]) == pytest.approx((low[row], high[row]))


@pytest.mark.parametrize("cell", SITUATIONS, ids=lambda cell: f"{cell.shape} {cell.design}")
def test_a_population_is_fresh_by_seed_and_has_about_the_rate_of_its_cell(cell):
    one, again, other = (population(cell, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one.errors == again.errors).all()
    assert len(one.errors) != len(other.errors) or (one.errors != other.errors).any()
    assert (one.errors <= one.size).all()
    assert one.rate == pytest.approx(cell.rate, abs=0.05 if cell.shape == "whole" else 0.001)


def test_villages_are_drawn_without_replacement_and_half_of_their_households():
    people = population(CELLS[-1], np.random.default_rng(3))
    samples = draw_samples(people, 50, np.random.default_rng(3))
    assert (samples.seen == (samples.size + 1) // 2).all()
    assert (np.bincount(samples.town) == people.draw).all()
    raised = (samples.weight * samples.seen).sum(axis=1).mean()
    assert raised == pytest.approx(people.size.sum(), rel=0.05)


def test_the_90_cells_and_the_two_stresses_are_there():
    assert len(CELLS) == 90
    assert {cell.shape for cell in RISING + WHOLE} == {"rising", "whole"}


def test_the_default_holds_in_a_small_run_where_korn_graubard_does_not():
    hard = [cell for cell in CELLS if cell.design == "2 of 10" and cell.rho == 0.2]
    table = pd.concat([coverage.cell_table(cell, 101, 400) for cell in hard])
    found = coverage.summary(table)
    assert found.loc["icc_kg_pooled", "clearly under"] == 0
    assert found.loc["korn_graubard", "clearly under"] > 0
    assert table["cover"].notna().all()
    assert DEFAULT in found.index
