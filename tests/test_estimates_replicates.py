"""Replicates: R's jackknife, and bootstraps that are right over everything that can be drawn."""

from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.estimates import adjust_nonresponse, estimate_total, poststratify, survey_data
from sampling.estimates.replicates import Replicates, Shares, bootstrap, jackknife
from sampling.estimates.resampling import half, pick, preston_factors, rao_wu_factors
from sampling.estimates.unequal import Unequal
from sampling.estimates.variance import total_variance
from sampling.estimates.weights import calibrate, rake
from sampling.words.errors import InputError

ORACLES = Path(__file__).parent / "oracles"
SAMPLE = pd.read_csv(ORACLES / "sample.csv", dtype={"household": str})
SAMPLE["frame"] = 33
SAMPLE["whole"] = SAMPLE["N"].where(SAMPLE["stratum"] != "D", 2)
LONELY = pd.read_csv(ORACLES / "lonely.csv", dtype={"household": str})
R = pd.read_csv(ORACLES / "replicates.csv", dtype=str, keep_default_na=False)
R["value"] = R["value"].astype(float)
STRATA = {"psu": "village", "stratum": "stratum"}
TWO_STAGE = dict(STRATA, ssu="household", psu_count="N", ssu_count="M")
KINDS, TOWNS = {"a": 75, "b": 95, "c": 80}, {"A": 97.5, "B": 70, "C": 45, "D": 37.5}
NUMBERS = {"1": 250, "persons": 780, "amount": 55000}


def one_stage():
    return survey_data(SAMPLE, **STRATA, psu_count="N")


DESIGNS = {
    "two-stage": lambda: jackknife(survey_data(SAMPLE, **TWO_STAGE), stages=1),
    "one-stage": lambda: jackknife(one_stage()),
    "with-replacement": lambda: jackknife(survey_data(SAMPLE, **STRATA, weight="weight")),
    "whole-stratum": lambda: jackknife(survey_data(SAMPLE, **STRATA, psu_count="whole")),
    "unstratified": lambda: jackknife(survey_data(SAMPLE, psu="village", psu_count="frame")),
    "post-stratified": lambda: jackknife(one_stage()).calibrated(
        one_stage(), lambda data: poststratify(data, "kind", KINDS)
    ),
    "calibrated": lambda: jackknife(one_stage()).calibrated(
        one_stage(), lambda data: calibrate(data, list(NUMBERS), NUMBERS)
    ),
    "raked": lambda: jackknife(one_stage()).calibrated(
        one_stage(), lambda data: rake(data, {"stratum": TOWNS, "kind": KINDS})
    ),
}


def estimator(verb, variable, inside):
    top, _, bottom = variable.partition("/")
    y = SAMPLE[top].to_numpy(dtype=float) * inside
    x = SAMPLE[bottom].to_numpy(dtype=float) * inside if bottom else inside
    return (lambda w: y @ w) if verb == "total" else (lambda w: y @ w / (x @ w))


@pytest.mark.parametrize("design", DESIGNS)
def test_the_jackknife_equals_that_of_r_survey(design):
    replicates = DESIGNS[design]()
    rows = R[(R["design"] == design) & R["verb"].isin(["mean", "total", "ratio"])]
    assert len(rows) == 56
    for row in rows.itertuples():
        inside = (SAMPLE["kind"] == row.domain).to_numpy(dtype=float) if row.domain else np.ones(len(SAMPLE))
        found = estimator(row.verb, row.variable, inside)
        value = found(replicates.full)
        noise = 1e-13 * value  # a known total has no error but rounding
        if row.statistic == "se":
            value = replicates.variance(found) ** 0.5
        assert value == pytest.approx(row.value, rel=1e-9, abs=noise), row


@pytest.mark.parametrize(("design", "method"), [("one-stage", "jkn/1"), ("unstratified", "jk1/1")])
def test_the_weights_of_the_jackknife_are_those_of_r_survey(design, method):
    replicates = DESIGNS[design]()
    assert replicates.method == method
    assert replicates.weights.shape == (len(SAMPLE), R[R["verb"] == "count"]["value"].iloc[0])
    for row, column in product((1, 50), (1, 5)):
        rows = R[(R["design"] == design) & (R["verb"] == "weight") & (R["variable"] == str(row))]
        expected = rows.loc[rows["statistic"] == str(column), "value"].iloc[0]
        assert replicates.weights[row - 1, column - 1] == pytest.approx(expected)


def with_substrata():
    table = SAMPLE.assign(sub=np.where(SAMPLE["persons"] > 2, "large", "small"))
    table["inside"] = table.groupby(["village", "sub"])["household"].transform("size") * 2
    return survey_data(table, **dict(TWO_STAGE, ssu_count="inside"), ssu_stratum="sub", lonely="certainty")


def with_silence():
    """Of three villages one household is left each; they borrow their spread."""
    came = (SAMPLE.groupby("village").cumcount() == 0) | ~SAMPLE["village"].isin(["A07", "C01", "D02"])
    return adjust_nonresponse(survey_data(SAMPLE, **TWO_STAGE), came.to_numpy())


def silent_town():
    """One household is left in each village of a stratum: the spread is that of all other villages."""
    came = (SAMPLE.groupby("village").cumcount() == 0) | (SAMPLE["stratum"] != "C")
    return adjust_nonresponse(survey_data(SAMPLE, **TWO_STAGE), came.to_numpy())


def with_an_empty_village():
    rows = SAMPLE[SAMPLE["village"] != "B04"]
    empty = SAMPLE[SAMPLE["village"] == "B04"].head(1).assign(household="")
    return survey_data(pd.concat([rows, empty]), **TWO_STAGE)


LINEAR = {
    "two-stage": lambda: survey_data(SAMPLE, **TWO_STAGE),
    "whole stratum": lambda: survey_data(SAMPLE, **dict(TWO_STAGE, psu_count="whole")),
    "substrata": with_substrata,
    "silence": with_silence,
    "silent town": silent_town,
    "empty village": with_an_empty_village,
    "with replacement": lambda: survey_data(SAMPLE, **STRATA, weight="weight"),
    "lonely: collapse by size": lambda: survey_data(LONELY, **TWO_STAGE, lonely="collapse"),
    "lonely: collapse with a taken one": lambda: survey_data(
        LONELY, **TWO_STAGE, lonely={"B": "x", "C": "x", "E": "x"}
    ),
    "lonely: certainty": lambda: survey_data(LONELY, **TWO_STAGE, lonely="certainty"),
    "lonely: average": lambda: survey_data(LONELY, **TWO_STAGE, lonely="average"),
}


def linear_variance(data, y):
    return total_variance(data.weight * y, data.design, lonely=data.lonely, pool_within=data.pool_within)[0]


@pytest.mark.parametrize("name", LINEAR)
def test_the_two_stage_jackknife_of_a_total_is_exactly_its_linear_variance(name):
    data = LINEAR[name]()
    replicates = jackknife(data)
    for variable in ("error", "amount", "wrong"):
        y = data.table[variable].to_numpy(dtype=float)
        exact = linear_variance(data, y)
        assert exact > 0
        assert replicates.variance(lambda w, y=y: y @ w) == pytest.approx(exact, rel=1e-10)
        assert replicates.variance_of(y @ replicates.weights) == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("name", [name for name in LINEAR if "collapse" not in name])
def test_bootstraps_come_to_the_linear_variance_of_totals_on_average(name):
    """Within four standard errors of a variance from as many replicates, measured from their own spread."""
    data = LINEAR[name]()
    replicates = bootstrap(data, 3000, 20240611)
    assert replicates.method == ("rao_wu/1" if name == "with replacement" else "preston/1")
    for variable in ("error", "amount", "wrong"):
        y = data.table[variable].to_numpy(dtype=float)
        found = y @ replicates.weights
        noise = ((found - found.mean()) ** 2).std() / np.sqrt(len(found))
        assert replicates.variance_of(found) == pytest.approx(linear_variance(data, y), abs=4 * noise)
        assert abs(found.mean() - y @ data.weight) < 4 * found.std() / np.sqrt(len(found))


def test_the_bootstrap_draws_strata_that_were_taken_together_as_one():
    """B and C have 6 villages each, one drawn: with equal fractions this is the linear variance again."""
    data = survey_data(LONELY, **TWO_STAGE, lonely={"B": "x", "C": "x"})
    replicates = bootstrap(data, 3000, 5)
    y = data.table["amount"].to_numpy()
    found = y @ replicates.weights
    noise = ((found - found.mean()) ** 2).std() / np.sqrt(len(found))
    assert replicates.variance_of(found) == pytest.approx(linear_variance(data, y), abs=4 * noise)


def every_rao_wu_draw(size):
    """How often each of `size` units comes, for every sequence of size - 1 draws."""
    return [np.bincount(draws, minlength=size) for draws in product(range(size), repeat=size - 1)]


def test_rao_wu_is_exactly_right_over_every_draw_there_is():
    """3 of 7 villages, 2 of 5, 1 of 1 and 3 of infinitely many: 9 x 2 x 9 draws."""
    group = np.array([0, 0, 0, 1, 1, 2, 3, 3, 3])
    frame, n = np.array([7, 5, 1, np.inf]), np.bincount(group)
    share = (1 - n / frame)[group]
    z = np.array([3.0, 8.0, 1.0, -2.0, 4.0, 7.0, 0.5, 2.0, 6.0])
    draws = product(*(every_rao_wu_draw(size) for size in n))
    factors = np.array([rao_wu_factors(np.concatenate(times), group, share) for times in draws])
    assert len(factors) == 162
    assert (factors >= 0).all()
    assert factors.mean(axis=0) == pytest.approx(np.ones(9))
    totals = factors @ z
    exact = sum(
        size * (1 - size / N) * z[group == h].var(ddof=1)
        for h, (size, N) in enumerate(zip(n, frame, strict=True))
        if size > 1
    )
    assert ((totals - z.sum()) ** 2).mean() == pytest.approx(exact)


def every_half(size, number):
    """Every way to keep `number` of `size`, as True and False."""
    return [np.isin(np.arange(size), kept) for kept in combinations(range(size), number)]


@pytest.mark.parametrize("frames", [(6, 7), (6, 3), (3, 3)])
def test_preston_is_exactly_right_over_every_half_there_is(frames):
    """Two strata of 3 villages drawn of `frames`, of which some were taken whole; 2 to 4 households each."""
    size = {"a": (2, 5), "b": (3, 4), "c": (2, 2), "d": (2, 9), "e": (1, 1), "f": (4, 6)}
    rows = [
        {"village": v, "household": j, "town": "xy"[v > "c"], "N": frames[v > "c"], "M": M}
        for v, (m, M) in size.items()
        for j in range(m)
    ]
    data = survey_data(
        pd.DataFrame(rows), psu="village", ssu="household", stratum="town", psu_count="N", ssu_count="M"
    )
    shares = Shares.of(data)
    z = np.random.default_rng(3).normal(2, 1, (len(rows), 3)) * data.weight[:, None]
    villages = half(shares.group, shares.between)
    households = half(shares.cell, shares.within[shares.cell])
    # villages of a stratum or households of a village taken whole are all kept
    assert villages.tolist() == [1 if N > 3 else 3 for N in frames]
    assert households.tolist() == [1, 1, 2, 1, 1, 2]
    chances = [every_half(3, kept) for kept in villages]
    chances += [every_half(m, kept) for m, kept in zip(np.bincount(shares.cell), households, strict=True)]
    factors = []
    for chosen in product(*chances):
        factors.append(
            preston_factors(
                np.concatenate(chosen[:2]),
                np.concatenate(chosen[2:]),
                group=shares.group,
                between=shares.between,
                psu=shares.psu,
                cell=shares.cell,
                within=shares.within,
            )
        )
    factors = np.array(factors)
    assert factors.mean(axis=0) == pytest.approx(np.ones(len(rows)))
    for column in z.T:
        exact = total_variance(column, data.design)[0]
        assert ((factors @ column - column.sum()) ** 2).mean() == pytest.approx(exact)


def test_every_half_comes_equally_often():
    group, rng = np.array([1, 0, 1, 0, 1, 2, 1]), np.random.default_rng(1)
    found = [tuple(pick(group, np.array([1, 2, 1]), rng)) for _ in range(6000)]
    kinds = pd.Series(found).value_counts()
    assert len(kinds) == 2 * 6
    assert ((kinds - 500) ** 2 / 500).sum() < 31.3  # chi-squared with 11 degrees of freedom at 0.1 %


def test_a_seed_gives_the_same_replicates_and_more_begin_with_the_fewer():
    for data in (survey_data(SAMPLE, **TWO_STAGE), one_stage()):
        few, many, other = bootstrap(data, 20, 7), bootstrap(data, 50, 7), bootstrap(data, 20, 8)
        assert (many.weights[:, :20] == few.weights).all()
        assert (other.weights != few.weights).any()
        assert few.rscales == pytest.approx([1 / 19] * 20)


def test_the_bootstrap_of_villages_never_has_a_weight_below_0():
    assert (bootstrap(one_stage(), 500, 3).weights >= 0).all()


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_several_estimates_at_once_are_those_one_by_one(seed):
    rng = np.random.default_rng(seed)
    replicates = bootstrap(one_stage(), 12, seed)
    y = rng.normal(size=(3, len(SAMPLE)))
    found = replicates.variance(lambda w: y @ w / w.sum())
    assert found.shape == (3,)
    assert found == pytest.approx([replicates.variance(lambda w, one=one: one @ w / w.sum()) for one in y])
    assert found == pytest.approx(
        replicates.variance_of(y @ replicates.weights / replicates.weights.sum(axis=0))
    )
    assert found == pytest.approx(
        np.var(y @ replicates.weights / replicates.weights.sum(axis=0), axis=1, ddof=1)
    )


def test_a_census_has_no_replicates_and_no_variance():
    table = SAMPLE.assign(N=SAMPLE.groupby("stratum")["village"].transform("nunique"))
    replicates = jackknife(survey_data(table, **STRATA, psu_count="N"))
    assert replicates.weights.shape == (len(table), 0)
    assert replicates.variance(lambda w: w.sum()) == 0
    assert replicates.variance(lambda w: np.array([w.sum(), w[0]])).tolist() == [0, 0]


def test_calibrated_replicates_keep_the_totals_and_come_near_the_residuals_variance():
    data = survey_data(SAMPLE, **TWO_STAGE)
    step = lambda data: rake(data, {"stratum": {"A": 195, "B": 140, "C": 90, "D": 75}})  # noqa: E731
    replicates = jackknife(data).calibrated(data, step)
    town = (data.table["stratum"] == "A").to_numpy(dtype=float)
    assert town @ replicates.weights == pytest.approx(np.full(replicates.weights.shape[1], 195))
    y = data.table["error"].to_numpy(dtype=float)
    linear = estimate_total(step(data), "error", interval="t").table["se"][0]
    assert replicates.variance(lambda w: y @ w) ** 0.5 == pytest.approx(linear, rel=0.1)


def keys(call):
    with pytest.raises(InputError) as caught:
        call()
    for problem in caught.value.problems:
        assert all(problem.to_line(lang) for lang in ("en", "zh"))
    return {problem.key.removeprefix("estimates.replicates."): problem for problem in caught.value.problems}


def test_a_calibration_that_a_replicate_cannot_repeat_is_refused_with_its_count():
    table = SAMPLE.assign(kind=np.where(SAMPLE["village"] == "A02", "only there", "elsewhere"))
    data = survey_data(table, **TWO_STAGE)
    for step in (poststratify, lambda data, by, totals: rake(data, {by: totals})):
        found = keys(
            lambda step=step: jackknife(data, stages=1).calibrated(
                data, lambda d: step(d, "kind", {"only there": 60, "elsewhere": 400})
            )
        )
        assert dict(found["not_repeated"].fields) == {"count": 1, "all": 12}


@pytest.mark.parametrize("rule", ["adjust", "average"])
def test_lonely_strata_whose_rule_no_replicate_can_follow_are_refused_by_name(rule):
    table = LONELY if rule == "adjust" else LONELY[LONELY["stratum"].isin(["B", "C"])]
    data = survey_data(table, **TWO_STAGE, lonely=rule)
    for call in (lambda: jackknife(data), lambda: bootstrap(data, 10, 1)):
        assert keys(call)["lonely"].fields["names"] == "B, C"


def test_draws_with_unequal_probabilities_are_refused():
    data = survey_data(SAMPLE, **TWO_STAGE)
    design = data.design
    chance = np.full(len(design.stratum), 0.5)
    first = Unequal(chance=chance, pairs={}, alone=np.ones(4, dtype=bool), sure=chance == 1)
    assert keys(lambda: jackknife(replace(data, design=replace(design, first=first)))).keys() == {"unequal"}


def test_wrong_arguments_are_refused():
    data = survey_data(SAMPLE, **TWO_STAGE)
    for call in (
        lambda: jackknife(data, stages=3),
        lambda: bootstrap(data, 1, 1),
        lambda: jackknife(poststratify(data, "kind", KINDS)),
    ):
        with pytest.raises(ValueError, match="must"):
            call()


def test_replicates_cannot_be_changed():
    replicates = jackknife(survey_data(SAMPLE, **TWO_STAGE))
    assert isinstance(replicates, Replicates)
    assert repr(replicates) == "Replicates(115 of 103 households by jkn_two_stage/1)"
    with pytest.raises(ValueError, match="read-only"):
        replicates.weights[0, 0] = 1
