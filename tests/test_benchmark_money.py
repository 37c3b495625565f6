"""The money benchmark makes thousands of samples at once: it gives limits what the package gives them."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from estimates_stand_in import FINDING

from sampling.estimates import estimate_ratio, survey_data
from sampling.estimates.areas import TAINT, county, measured
from sampling.estimates.campaign import campaign_data

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
spec = importlib.util.spec_from_file_location("benchmark_money", BENCHMARKS / "money.py")
assert spec and spec.loader
benchmark = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = benchmark  # dataclasses look their module up
spec.loader.exec_module(benchmark)

DRAWS = 3
SITUATIONS = [
    next(
        cell
        for cell in benchmark.CELLS
        if (cell.place.design, cell.place.rate, cell.place.rho, cell.taint, cell.related) == wanted
    )
    for wanted in [
        ("2 of 10", 0.10, 0.2, "mixed", True),
        ("8 of 40", 0.02, 0.05, "small", False),
        ("20 towns, 2 or more", 0.05, 0.05, "whole", True),
    ]
]


def roll_of(pay):
    """The roll with the truth of every household."""
    people, village = pay.people, np.repeat(np.arange(len(pay.people.size)), pay.people.size)
    whole = np.where(pay.over == pay.paid, "ineligible", "overpaid")
    return pd.DataFrame(
        {
            "township": [f"T{town:02d}" for town in people.town[village]],
            "village": [f"V{number:03d}" for number in village],
            "household": [f"{number:05d}" for number in range(len(village))],
            "amount_fen": pay.paid,
            "amount_paid_fen": pay.paid,
            "amount_due_fen": pay.paid - pay.over,
            "verdict": np.where(pay.over > 0, whole, "correct"),
            "certainty": "0",
        }
    )


def sample_of(roll, pay, drawn, row):
    """Rows of sample.csv for one sample of the benchmark: `drawn` has who was inspected, by place."""
    villages, columns = drawn["village"][row], len(drawn["village"][row])
    parts = []
    for column, number in enumerate(villages):
        own = roll.iloc[pay.start[number] : pay.start[number + 1]]
        town = pay.people.town[number]
        shared = {
            "list": "",
            "township": own["township"].iloc[0],
            "stratum": own["township"].iloc[0],
            "village": own["village"].iloc[0],
            "role": "main",
            "N": (pay.people.town == town).sum(),
            "n": pay.people.draw[town],
        }
        seen = own["household"][drawn["seen"][row * columns + column]]
        parts.append(pd.DataFrame([{"stage": "1", "household": "", **shared}]))
        second = pd.DataFrame({"household": seen.to_numpy()})
        parts.append(second.assign(stage="2", M=len(own), m=len(seen), **shared))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("cell", SITUATIONS, ids=lambda cell: f"{cell.place.design} {cell.taint}")
def test_a_sample_of_the_benchmark_has_the_money_limits_that_a_campaign_publishes(cell):
    pay = benchmark.money(cell, np.random.default_rng(5))
    samples = benchmark.draw_samples(pay, DRAWS, np.random.default_rng(6))
    again = np.random.default_rng(6)
    village = benchmark.draw_villages(pay.people, DRAWS, again)
    seen = {}
    for _, places, inspected in benchmark.inspections(pay.people, village, again):
        seen |= dict(zip(places, inspected, strict=True))
    roll = roll_of(pay)
    known, combined = benchmark.published(samples, pay), benchmark.ratio(samples, pay)
    low, high = known.taint(benchmark.LEVEL)
    t_low, t_high = combined.student(benchmark.LEVEL)
    for row in range(DRAWS):
        sample = sample_of(roll, pay, {"village": village, "seen": seen}, row)
        found = sample.loc[sample["stage"] == "2", ["list", "village", "household"]]
        found = found.merge(roll, on=["village", "household"]).assign(outcome="completed", reason="")
        villages = roll[["township", "village", "certainty"]].drop_duplicates()
        campaign = campaign_data(sample, found[FINDING], roll[list(roll)[:4]], villages)
        table = campaign.data.table
        over = (table["amount_paid_fen"] - table["amount_due_fen"]).to_numpy(float)
        paid = table["amount_fen"].to_numpy(float)
        figures = measured(campaign, county(campaign), over, paid, pay.paid, benchmark.LEVEL)
        assert figures.interval.split()[0] == TAINT
        assert figures.share[0] == pytest.approx(known.share[row])
        assert figures.variance[0] == pytest.approx(known.variance[row])
        assert (figures.low[0], figures.high[0]) == pytest.approx((low[row], high[row]))

        plain = survey_data(
            table.assign(over=over, paid=paid),
            psu="village",
            ssu="household",
            stratum="township",
            psu_count="N",
            ssu_count="M",
        )
        student = estimate_ratio(plain, "over", "paid").to_table().iloc[0]
        assert (student["low"], student["high"]) == pytest.approx((t_low[row], t_high[row]))


def test_the_cells_are_those_of_the_table_and_their_errors_as_said():
    assert len(benchmark.CELLS) == 540
    for cell in SITUATIONS:
        pay = benchmark.money(cell, np.random.default_rng(7))
        wrong = pay.over > 0
        assert wrong.sum() == pay.people.errors.sum()
        taint = (pay.over / pay.paid)[wrong]
        assert taint.max() <= 1 and (taint.min() == 1) == (cell.taint == "whole")
        larger = pay.paid[wrong].mean() / pay.paid.mean()
        assert larger > 1.2 if cell.related else larger < 1.3


def test_in_a_small_run_the_published_limits_hold_where_t_does_not():
    table = pd.concat([benchmark.cell_table(cell, 301, 200) for cell in SITUATIONS[:2]])
    found = benchmark.summary(table).reset_index("size").loc["icc"]
    assert found.loc[benchmark.PUBLISHED, "clearly_under"] == 0
    assert found.loc[benchmark.STUDENT, "clearly_under"] > 0
    assert table["cover"].notna().all()
