"""Weights that reach known totals: equal to R's survey, to derivatives, and refused in plain sentences."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.estimates import estimate_mean, estimate_ratio, estimate_total, poststratify, survey_data
from sampling.estimates.calibration import DISTANCES, independent, solve
from sampling.estimates.survey import Calibration
from sampling.estimates.variance import total_variance
from sampling.estimates.weights import calibrate, g_weights, rake, residuals, reweighted
from sampling.words.errors import InputError

ORACLES = Path(__file__).parent / "oracles"
SAMPLE = pd.read_csv(ORACLES / "sample.csv", dtype={"household": str})
R = pd.read_csv(ORACLES / "calibration.csv", dtype=str, keep_default_na=False)
R["value"] = R["value"].astype(float)
STRATA = {"psu": "village", "stratum": "stratum"}
DESIGNS = {
    "two-stage": (dict(STRATA, ssu="household", psu_count="N", ssu_count="M"), 1),
    "one-stage": (dict(STRATA, psu_count="N"), 0.5),
    "with-replacement": (dict(STRATA, weight="weight"), 25),
}
KINDS, TOWNS = {"a": 150, "b": 190, "c": 160}, {"A": 195, "B": 140, "C": 90, "D": 75}
NUMBERS = {"1": 500, "persons": 1560, "amount": 110000}


def times(k, totals):
    return {name: k * total for name, total in totals.items()}


def bounds(design):
    rows = R[(R["design"] == design) & (R["step"] == "bounds")].set_index("statistic")["value"]
    return rows["low"], rows["high"]


def calibrated(design, step):
    options, k = DESIGNS[design]
    data = survey_data(SAMPLE, **options)
    numbers, margins = times(k, NUMBERS), {"stratum": times(k, TOWNS), "kind": times(k, KINDS)}
    distance, _, limited = step.partition("-")
    if step == "poststratify":
        return poststratify(data, "kind", margins["kind"])
    if step == "rake":
        return rake(data, margins)
    if step == "raking-margins":
        return calibrate(data, ["kind", "stratum"], margins, distance="raking")
    if step == "linear-category":
        return calibrate(data, ["kind", "persons"], numbers | {"kind": margins["kind"]})
    limits = bounds(design) if limited or distance == "logit" else None
    return calibrate(data, list(NUMBERS), numbers, distance=distance, bounds=limits)


VERBS = {"mean": estimate_mean, "total": estimate_total}
STEPS = ["linear", "linear-category", "linear-bounded", "raking", "raking-bounded", "logit", "raking-margins"]


@pytest.mark.parametrize("step", [*STEPS, "rake", "poststratify"])
@pytest.mark.parametrize("design", DESIGNS)
def test_estimates_and_standard_errors_equal_those_of_r_survey(design, step):
    """To 1e-9, with bounds too: R iterates to its own tolerance, which was set to 1e-13."""
    data = calibrated(design, step)
    expected = R[(R["design"] == design) & (R["step"] == step) & (R["verb"] != "g")]
    if step == "rake":  # R takes these residuals without weights: see the tests below
        expected = expected[expected["statistic"] == "estimate"]
    assert len(expected) >= 28
    for (verb, variable), rows in expected.groupby(["verb", "variable"]):
        for by in (None, "kind"):
            mine = rows[rows["domain"].eq("") == (by is None)]
            names = variable.split("/")
            found = (estimate_ratio if verb == "ratio" else VERBS[verb])(data, *names, by=by)
            table = found.to_table().set_index("domain")
            for row in mine.itertuples():
                where = f"{verb} of {variable} in {row.domain!r}: {row.statistic}"
                value = table.loc[row.domain, row.statistic]
                noise = 1e-13 * table.loc[row.domain, "estimate"]  # a known total has no error but rounding
                assert value == pytest.approx(row.value, rel=1e-9, abs=noise), where


@pytest.mark.parametrize("step", [*STEPS, "rake", "poststratify"])
@pytest.mark.parametrize("design", DESIGNS)
def test_factors_of_weights_equal_those_of_r_survey(design, step):
    g = g_weights(calibrated(design, step))
    rows = R[(R["design"] == design) & (R["step"] == step) & (R["verb"] == "g")]
    found = {"1": g[0], "40": g[39], "80": g[79]}
    for row in rows.itertuples():
        value = {"min": g.min(), "max": g.max()}.get(row.statistic, found.get(row.variable))
        assert value == pytest.approx(row.value, rel=1e-9), row.variable


def unweighted_sweeps(data, u):
    """Residuals as R's rake has them: ten times around, the plain mean of each margin taken away."""
    for _ in range(10):
        for margin in ("stratum", "kind"):
            u = u - pd.Series(u).groupby(data.table[margin]).transform("mean").to_numpy()
    return u


@pytest.mark.parametrize("design", DESIGNS)
def test_r_rake_differs_in_its_standard_errors_alone_and_only_by_residuals_without_weights(design):
    data = calibrated(design, "rake")
    rows = R[
        (R["design"] == design) & (R["verb"] == "total") & (R["domain"] == "") & (R["statistic"] == "se")
    ]
    for variable in ("error", "amount", "wrong"):
        u = data.table[variable].to_numpy(dtype=float)
        mine = rows[rows["variable"] == variable].set_index("step")["value"]
        theirs = total_variance(data.weight * unweighted_sweeps(data, u), data.design)[0] ** 0.5
        assert theirs == pytest.approx(mine["rake"], rel=1e-9)
        assert estimate_total(data, variable).table["se"][0] == pytest.approx(
            mine["raking-margins"], rel=1e-9
        )


def test_raking_is_where_proportional_fitting_leads_to():
    data, margins = survey_data(SAMPLE, **DESIGNS["two-stage"][0]), {"stratum": TOWNS, "kind": KINDS}
    weight = pd.Series(data.weight)
    for _ in range(200):
        for name, totals in margins.items():
            values = data.table[name]
            weight = weight * values.map(totals) / weight.groupby(values).transform("sum")
    assert rake(data, margins).weight == pytest.approx(weight.to_numpy(), rel=1e-11)
    assert rake(data, dict(reversed(margins.items()))).weight == pytest.approx(weight.to_numpy(), rel=1e-11)


def test_a_post_stratum_without_a_number_or_below_0_is_refused_though_nobody_has_it():
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    found = problems(lambda: poststratify(data, "kind", KINDS | {"d": np.nan, "e": -3, "f": 0}))
    assert found["data.total_not_positive"].fields["names"] == "d, e"


def test_one_margin_is_post_stratification():
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    one, other = rake(data, {"kind": KINDS}), poststratify(data, "kind", KINDS)
    assert one.weight == pytest.approx(other.weight, rel=1e-12)
    for by in (None, "stratum"):
        mine, theirs = (estimate_total(each, "wrong", by=by).table["se"] for each in (one, other))
        assert mine.to_numpy() == pytest.approx(theirs.to_numpy(), rel=1e-11)


PATHS = {
    "linear": [lambda data: calibrate(data, list(NUMBERS), NUMBERS)],
    "factors below 0": [lambda data: calibrate(data, ["1", "persons"], {"1": 500, "persons": 800})],
    "poststratify, then linear": [
        lambda data: poststratify(data, "stratum", TOWNS),
        lambda data: calibrate(data, ["1", "persons", "kind"], NUMBERS | {"kind": KINDS}),
    ],
    "three steps, factors below 0": [
        lambda data: calibrate(data, ["1", "persons"], {"1": 500, "persons": 800}),
        lambda data: calibrate(data, ["kind", "amount"], NUMBERS | {"kind": KINDS}),
        lambda data: poststratify(data, "stratum", TOWNS),
    ],
}


@pytest.mark.parametrize("path", PATHS)
def test_residuals_are_the_derivatives_of_the_calibrated_total_by_the_weights(path):
    """By differences: every weight moved a little, all steps done again."""
    data = survey_data(SAMPLE, **DESIGNS["with-replacement"][0])
    data = replace(data, weight=data.weight * 480 / data.weight.sum())
    u = data.table["wrong"].to_numpy(dtype=float)

    def after(weight):
        found = replace(data, weight=weight)
        for step in PATHS[path]:
            found = step(found)
        return found

    final = after(data.weight)
    assert ((final.weight < 0).any()) == ("below 0" in path)
    moved = [
        data.weight * np.where(np.arange(len(u)) == i, 1 + h, 1)
        for i in range(0, len(u), 5)
        for h in (1e-4, -1e-4)
    ]
    up, down = np.array([after(weight).weight @ u for weight in moved]).reshape(-1, 2).T
    assert (final.weight * residuals(final, u))[::5] == pytest.approx((up - down) / 2e-4, rel=1e-5, abs=1e-3)


@given(st.integers(0, 10**6), st.sampled_from(sorted(DISTANCES)), st.booleans())
@settings(max_examples=150, deadline=None)
def test_totals_that_some_weights_within_the_bounds_reach_are_reached(seed, distance, limited):
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(8, 60)), int(rng.integers(1, 5))
    x = np.column_stack(
        [np.ones(n), rng.lognormal(0, 1, (n, k)) * 10.0 ** rng.integers(-2, 7, k), rng.random(n) < 0.4]
    )
    weight = rng.lognormal(1, 0.7, n)
    limits = (0.4, 2.5) if limited or distance == "logit" else (-np.inf, np.inf)
    reached = rng.uniform(0.5, 2.3, n) if seed % 2 else rng.choice([0.41, 0.8, 1.5, 2.49], n)  # few ways left
    totals = (weight * reached) @ x
    g, missed = solve(x, weight, totals, distance=distance, bounds=limits)
    assert (missed < 1e-9).all()
    assert (weight * g) @ x == pytest.approx(totals, rel=1e-9)
    assert limits[0] <= g.min() <= g.max() <= limits[1]


COST = {
    "linear": lambda g: (g - 1) ** 2 / 2,
    "raking": lambda g: g * np.log(g) - g + 1,
    "logit": lambda g: (g - 0.4) * np.log((g - 0.4) / 0.6) + (2.5 - g) * np.log((2.5 - g) / 1.5),
}


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("seed", range(5))
def test_no_other_weights_that_reach_the_totals_are_nearer(distance, seed):
    """From the weights found, in any direction that keeps the totals and the bounds, the distance grows."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(30), rng.random((30, 2))])
    weight = rng.uniform(1, 5, 30)
    limits = (0.4, 2.5)
    g, _ = solve(x, weight, (weight * rng.uniform(0.5, 2.4, 30)) @ x, distance=distance, bounds=limits)
    keeping = np.linalg.svd((weight[:, None] * x).T)[2][3:]
    cost = weight @ COST[distance](g)
    tried = 0
    for direction in rng.normal(size=(2000, len(keeping))) @ keeping:
        other = g + 0.02 * direction
        if (other > limits[0]).all() and (other < limits[1]).all():
            tried += 1
            assert weight @ COST[distance](other) > cost
    assert tried > 20


def test_columns_that_follow_from_others_change_nothing():
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    data = replace(data, table=data.table.assign(twice=2 * data.table["persons"]))
    known = NUMBERS | {"kind": KINDS, "twice": 2 * NUMBERS["persons"]}
    one = calibrate(data, ["kind", "persons"], known)
    other = calibrate(data, ["1", "kind", "persons", "kind", "twice"], known)
    assert other.weight == pytest.approx(one.weight, rel=1e-10)
    found, expected = (estimate_total(each, "wrong", by="stratum").table["se"] for each in (other, one))
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)


def test_a_category_that_nobody_has_needs_no_household():
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    assert rake(data, {"kind": KINDS | {"d": 0}}).weight == pytest.approx(rake(data, {"kind": KINDS}).weight)


def test_a_weight_that_a_bound_of_0_takes_away_has_a_variance_all_the_same():
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    found = calibrate(data, ["1", "persons"], {"1": 500, "persons": 900}, bounds=(0, 4))
    assert (found.weight == 0).any()
    assert np.isfinite(estimate_total(found, "wrong").table["se"][0])


def problems(call):
    with pytest.raises(InputError) as caught:
        call()
    for problem in caught.value.problems:
        assert all(problem.to_line(lang) for lang in ("en", "zh"))
    return {problem.key.removeprefix("estimates."): problem for problem in caught.value.problems}


def test_everything_wrong_with_columns_and_totals_is_said_at_once():
    table = SAMPLE.assign(
        amount=SAMPLE["amount"].where(SAMPLE.index > 2), kind=SAMPLE["kind"].where(SAMPLE.index != 5)
    )
    data = survey_data(table, **DESIGNS["two-stage"][0])
    totals = {"amount": 1.0, "gone": 2.0, "persons": np.nan, "kind": {"a": 150, "b": -1, "d": 7}}
    found = problems(lambda: calibrate(data, ["1", "amount", "gone", "persons", "kind"], totals))
    assert found["calibration.no_total"].column == "1"
    assert found["data.not_a_number"].fields["rows"] == "2, 3, 4"
    assert found["data.no_column"].column == "gone"
    assert found["calibration.total_no_number"].value == "nan"
    assert found["calibration.no_category"].fields["rows"] == "7"
    assert found["data.total_unknown"].fields["names"] == "c"
    assert found["data.total_not_positive"].fields["names"] == "b"
    assert found["data.group_not_sampled"].fields["names"] == "d"
    assert len(found) == 8


def test_a_text_for_a_total_and_a_total_given_twice_are_refused():
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    assert problems(lambda: calibrate(data, ["1"], {"1": "many"})).keys() == {"calibration.total_no_number"}
    twice = pd.Series([1, 2, 3, 4], index=["a", "b", "c", "a"])
    assert problems(lambda: rake(data, {"kind": twice})).keys() == {"calibration.total_twice"}


@pytest.mark.parametrize(
    ("limits", "distance"), [((1, 2), "linear"), ((0.5, 0.9), "raking"), ((2, 0.5), "linear")]
)
def test_bounds_that_do_not_lie_around_1_are_refused(limits, distance):
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    call = lambda: calibrate(data, ["1"], {"1": 500}, bounds=limits, distance=distance)  # noqa: E731
    assert problems(call).keys() == {"calibration.bad_bounds"}


@pytest.mark.parametrize("limits", [None, (0.5, np.inf), (np.nan, 2)])
def test_logit_needs_both_bounds(limits):
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    call = lambda: calibrate(data, ["1"], {"1": 500}, bounds=limits, distance="logit")  # noqa: E731
    assert problems(call).keys() == {"calibration.bad_bounds"}


@pytest.mark.parametrize("distance", DISTANCES)
def test_totals_that_no_weights_within_the_bounds_reach_are_refused_by_name(distance):
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    totals = {"1": 500, "persons": 2400}
    found = problems(lambda: calibrate(data, ["1", "persons"], totals, bounds=(0.8, 1.2), distance=distance))
    assert "persons" in found["calibration.not_reached"].fields["names"]


def test_totals_that_contradict_each_other_are_refused():
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    found = problems(lambda: calibrate(data, ["1", "kind"], {"1": 490, "kind": KINDS}))
    assert found.keys() == {"calibration.not_reached"}
    found = problems(lambda: rake(data, {"kind": KINDS, "stratum": TOWNS | {"A": 200}}))
    assert found["calibration.margins_disagree"].fields["sums"] == "kind 500, stratum 505"


def test_raking_does_not_end_where_a_pair_of_margins_is_impossible():
    """Nobody is of kind a outside of the first town, so the town cannot be smaller than the kind."""
    table = SAMPLE.assign(kind=np.where(SAMPLE["stratum"] == "A", SAMPLE["kind"], "b"))
    data = survey_data(table, **DESIGNS["two-stage"][0])
    found = problems(lambda: rake(data, {"stratum": TOWNS, "kind": {"a": 300, "b": 100, "c": 100}}))
    assert found.keys() == {"calibration.not_reached"}


def test_wrong_arguments_are_refused():
    data = survey_data(SAMPLE, **DESIGNS["two-stage"][0])
    for call in (
        lambda: calibrate(data, ["1"], {"1": 500}, distance="chi"),
        lambda: calibrate(data, [], {}),
        lambda: rake(data, {}),
    ):
        with pytest.raises(ValueError, match="must"):
            call()
    assert (g_weights(data) == 1).all()


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_residuals_are_those_of_least_squares_whatever_columns_follow_from_others(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(40, 3)) * 10.0 ** rng.integers(-3, 6, 3)
    x = np.column_stack([x, x @ rng.normal(size=(3, 2)), np.zeros(40)])
    weight, u = rng.lognormal(0, 1, 40), rng.normal(size=40)
    data = survey_data(pd.DataFrame({"village": range(40), "w": weight}), psu="village", weight="w")
    data = reweighted(data, weight, Calibration(name="x", weight=weight, columns=independent(x, weight)))
    root = np.sqrt(weight)
    slope = np.linalg.lstsq(x[:, :3] * root[:, None], u * root, rcond=None)[0]
    assert residuals(data, u) == pytest.approx(u - x[:, :3] @ slope, rel=1e-6, abs=1e-8)
