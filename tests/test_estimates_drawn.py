"""Campaigns drawn by every method, with categories, reserves and silence: what estimates say and refuse."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from acts_folder import OTHER_SEED, drawn_in, run, sample_of
from campaign_folder import visit
from estimates_stand_in import make_findings, make_roll, roll_columns

from sampling.campaign import open_campaign
from sampling.designs import SIZED, UNEQUAL, Design, Selection, SizeRule, substratum_of, with_chances
from sampling.draws import draw
from sampling.draws.additions import reserve_act
from sampling.draws.roles import drawn_rows
from sampling.estimates import estimate_campaign, methods
from sampling.estimates.areas import county, measured
from sampling.estimates.campaign import campaign_data
from sampling.frames import Frame
from sampling.words import LANGUAGES, InputError
from sampling.words.text import catalogue

WRONG = ("ineligible", "overpaid", "underpaid")
ALONE = {"category": {"alone": SizeRule(rate=Fraction(1))}}
SMALL = {"towns": 4, "units": 1, "villages": (9, 13), "size": 12, "rate": 0.2}


def frame_of(roll: pd.DataFrame, *, alike: bool = False) -> Frame:
    units = roll[["township", "village", "household", "certainty", "category"]].astype("str")
    units["size"] = "1" if alike else (roll["amount_fen"] // 100).astype("str")
    sizes = roll.groupby("village").size()
    villages = units[["township", "village", "certainty"]].drop_duplicates(ignore_index=True)
    villages["households"] = "1" if alike else villages["village"].map(sizes).astype("str")
    return Frame(units=units, villages=villages, sizes=sizes, control_totals={})


def design_of(
    villages: str = "srs", households: str = "srs", categories: dict | None = None, **more
) -> Design:
    selections = [
        Selection(method=method, size=size if method in SIZED else "")
        for method, size in ((villages, "households"), (households, "size"))
    ]
    rules = {"rate": Fraction(1, 3)} | more.pop("rule", {})
    return Design(
        certainty="certainty",
        villages=SizeRule(**{"at_least": 2} | rules),
        villages_by=selections[0],
        households=SizeRule(rate=Fraction(1, 2), at_least=2),
        households_by=selections[1],
        categories=categories or {},
        **more,
    )


class County:
    """A roll, its frame with chances and its design; samples of it, and what is estimated from them."""

    def __init__(self, roll: pd.DataFrame, design: Design, *, alike: bool = False) -> None:
        self.roll, self.design = roll, design
        self.frame = with_chances(frame_of(roll, alike=alike), design)

    def sample(self, seed: int, acts=()) -> pd.DataFrame:
        return draw(self.frame, self.design, seed=f"{seed:020}", campaign="c", acts=acts).table

    def findings(self, sample, *, missing: float = 0.0, seed: int = 0) -> pd.DataFrame:
        return make_findings(drawn_rows(sample), self.roll, seed=seed, missing=missing)

    @property
    def known(self) -> pd.DataFrame:
        known = roll_columns(self.roll)
        if self.design.households_by.method not in UNEQUAL:
            return known
        units = self.frame.units.assign(substratum=substratum_of(self.frame.units, self.design))
        names = ["village", "household", "lambda", "substratum"]
        return known.merge(units[names], on=["village", "household"])

    def data(self, sample, findings):
        return campaign_data(sample, findings, self.known, self.frame.villages, self.design)

    def estimates(self, sample, findings, **options) -> pd.DataFrame:
        options = {"design": self.design} | options
        return estimate_campaign(sample, findings, self.known, self.frame.villages, **options)


def value(table, parameter, column="estimate", by="", domain=""):
    row = table[(table["parameter"] == parameter) & (table["by"] == by) & (table["domain"] == domain)]
    assert len(row) == 1
    return row[column].iloc[0]


def notes(table: pd.DataFrame) -> set[str]:
    return {key for cell in table["note"] for key in cell.split(";") if key}


def as_srs(sample: pd.DataFrame) -> pd.DataFrame:
    """The same units with the chances that their counts would give a simple random sample."""
    rows = sample.copy()
    villages = rows[(rows["stage"] == "1") & rows["role"].isin(["main", "certainty"])]
    n = rows["stratum"].map(villages["stratum"].value_counts())
    first = n / rows["N"].astype(int)
    second = pd.to_numeric(rows["m"]) / pd.to_numeric(rows["M"])
    both = first.where(rows["stage"] == "1", first * second)
    return rows.assign(weight=(1 / both).map(repr), pi=both.map(repr), n=n.astype("str"))


@pytest.mark.parametrize("method", UNEQUAL)
def test_equal_chances_are_simple_random_sampling(method):
    """Nonresponse, one village of several and towns without any are treated alike too."""
    place = County(make_roll(2, **SMALL), design_of(method), alike=True)
    sample = place.sample(3)
    findings = place.findings(sample, missing=0.25)
    found = place.estimates(sample, findings)
    plain = place.estimates(as_srs(sample), findings, design=design_of())
    pd.testing.assert_frame_equal(found, plain, rtol=1e-7)


def test_all_households_in_one_category_are_households_without_categories():
    roll = make_roll(2, **SMALL).assign(category="alone")
    rule = {"category": {"alone": SizeRule(rate=Fraction(1, 2), at_least=2)}}
    with_one, without = County(roll, design_of(categories=rule)), County(roll, design_of())
    sample = with_one.sample(3)
    findings = with_one.findings(sample, missing=0.25)
    plain = without.estimates(sample.drop(columns="substratum"), findings)
    pd.testing.assert_frame_equal(with_one.estimates(sample, findings), plain, rtol=1e-9)


CASES = [
    ("pareto", "srs", ALONE, 0.15),
    ("poisson", "srs", {}, 0.0),
    ("sequential_poisson", "poisson", {}, 0.15),
    ("systematic", "pareto", ALONE, 0.15),
]


@pytest.mark.parametrize(("villages", "households", "categories", "missing"), CASES)
def test_estimates_of_many_draws_are_right_on_average(villages, households, categories, missing):
    roll = make_roll(21, towns=3, units=0, villages=(12, 15), size=10, rate=0.25)
    place = County(roll, design_of(villages, households, categories))
    found = []
    for seed in range(30):
        sample = place.sample(seed)
        campaign = place.data(sample, place.findings(sample, missing=missing, seed=seed))
        error = campaign.data.table["verdict"].isin(WRONG).to_numpy(dtype=float)
        ones = np.ones(len(error)), np.ones(len(campaign.roll))
        figures = measured(campaign, county(campaign), error, *ones, 0.95)
        found.append([figures.share[0], figures.variance[0]])
    share, variance = np.array(found).T
    truth = roll["verdict"].isin(WRONG).mean()
    assert abs(share.mean() - truth) < 4 * share.std() / np.sqrt(30)
    assert 0.5 < variance.mean() / share.var() < 2


def test_shares_times_the_roll_are_totals_and_towns_add_up_whatever_the_draw():
    place = County(make_roll(5, **SMALL), design_of("poisson", "pareto", ALONE))
    sample = place.sample(1)
    table = place.estimates(sample, place.findings(sample, missing=0.1))
    towns = table[(table["by"] == "township") & (table["parameter"] == "error_households")]
    assert towns["estimate"].sum() == pytest.approx(value(table, "error_households"))
    size = len(place.roll)
    assert value(table, "error_share") * size == pytest.approx(value(table, "error_households"))


def opened(place: County, seed: int, units: list[tuple[str, str]]) -> tuple[pd.DataFrame, list]:
    acts: list[dict] = []
    for village, household in units:
        act = reserve_act(
            place.sample(seed, acts),
            place.design,
            village=village,
            household=household,
            reason="not_paid",
            by="x",
            time="2026-05-01T08:00:00+08:00",
        )
        acts.append(act)
    return place.sample(seed, acts), acts


def test_replaced_households_count_as_right_and_the_others_bring_their_own_total():
    """All villages taken: a village of 9 where 5 are drawn and 1 more is opened stands for 9 households."""
    roll = make_roll(2, towns=1, units=0, villages=(3, 4), size=9, rate=0.3)
    place = County(roll, design_of(reserves=4, rule={"rate": Fraction(1)}))
    first = place.sample(3)
    gone = first[(first["stage"] == "2") & (first["role"] == "main")].groupby("village").head(1)
    sample, _ = opened(place, 3, list(zip(gone["village"], gone["household"], strict=True))[:2])
    findings = place.findings(sample)
    table = place.estimates(sample, findings)
    total = 0.0
    for _, rows in sample[sample["stage"] == "2"].groupby("village"):
        drawn = rows[rows["role"].isin(["main", "certainty"])]
        M, m, k = int(rows["M"].iloc[0]), len(drawn), len(drawn) + (rows["role"] == "replaced").sum()
        weight = M / m if k == m else M * (m - 1) / (m * (k - 1))
        verdicts = drawn.merge(findings, on=["village", "household"])["verdict"]
        total += weight * verdicts.isin(WRONG).sum()
    assert (sample["role"] == "replaced").sum() == 2
    assert value(table, "error_households") == pytest.approx(total)
    assert value(table, "error_households", "n_ssu") == len(findings)
    assert "replaced" in value(table, "error_share", "note")


def test_all_households_of_a_replaced_village_count_as_right():
    roll = make_roll(2, towns=1, units=0, villages=(10, 11), size=9, rate=0.3)
    place = County(roll, design_of(reserves=4))
    first = place.sample(3)
    gone = first[(first["stage"] == "1") & (first["role"] == "main")]["village"].iloc[0]
    sample, _ = opened(place, 3, [(gone, "")])
    findings = place.findings(sample)
    table = place.estimates(sample, findings)
    sizes = roll.groupby("village").size()
    villages = sample[(sample["stage"] == "1") & (sample["role"] == "main")]
    N, n = int(villages["N"].iloc[0]), len(villages)
    own = N * (n - 1) / (n * n)  # k - 1 is n: one village was replaced
    verdicts = drawn_rows(sample).merge(findings, on=["list", "village", "household"])
    wrong = verdicts["verdict"].isin(WRONG) * verdicts["M"].astype(int) / verdicts["m"].astype(int)
    everybody = own * sizes[villages["village"]].sum() + N / n * sizes[gone]
    certain, free = roll["certainty"] == "1", verdicts["stratum"] == "T00"
    share = own * wrong[free].sum() / everybody
    expected = share * (~certain).sum() + wrong[~free].sum()
    assert value(table, "error_households") == pytest.approx(expected)
    assert (
        value(table, "error_share", "n_psu")
        == sample[sample["stage"] == "1"]["role"].isin(["main", "certainty"]).sum()
    )


def test_a_substratum_of_which_nobody_was_drawn_is_stood_for_by_its_village():
    few = {"category": {"alone": SizeRule(rate=Fraction(1, 20))}}
    place = County(make_roll(2, **SMALL), design_of(categories=few, rounding="random"))
    sample = place.sample(3)
    groups = sample[sample["stage"] == "2"].groupby("village")["substratum"].unique()
    assert groups.map(lambda kinds: "alone" not in kinds).sum() > 3
    campaign = place.data(sample, place.findings(sample))
    data = campaign.data
    weights = np.bincount(data.design.psu, weights=data.weight)
    sizes = place.roll.groupby("village").size()[data.psu_names].to_numpy()
    ratio = weights / sizes
    for stratum in range(
        len(data.stratum_names)
    ):  # one factor for the villages of a stratum: that of the roll
        mine = ratio[data.design.stratum == stratum]
        assert mine == pytest.approx(np.full(len(mine), mine[0]))


def test_a_stratum_where_chance_drew_nothing_is_named_and_borrowed():
    place = County(
        make_roll(2, **SMALL), design_of("bernoulli", rule={"rate": Fraction(1, 12), "at_least": 0})
    )
    sample = next(
        s for s in map(place.sample, range(99)) if 1 < s[s["stage"] == "1"]["township"].nunique() < 5
    )
    table = place.estimates(sample, place.findings(sample))
    empty = set(place.roll["township"]) - set(sample.loc[sample["stage"] == "1", "township"])
    for town in empty:
        told = value(table, "error_share", "note", "township", town)
        assert {"nothing_drawn", "borrowed"} <= set(told.split(";"))
    assert "nothing_drawn" in value(table, "error_share", "note")


def test_a_systematic_draw_says_that_its_spread_is_approximate():
    place = County(make_roll(2, **SMALL), design_of("systematic"))
    sample = place.sample(3)
    table = place.estimates(sample, place.findings(sample))
    assert "systematic" in value(table, "error_share", "note")
    plain = place.estimates(sample, place.findings(sample), design=design_of())
    numbers = ["estimate", "se", "low", "high"]
    pd.testing.assert_frame_equal(table[numbers], plain[numbers])


def test_villages_that_cannot_be_drawn_are_named():
    roll = make_roll(2, **SMALL)
    place = County(roll, design_of("pareto"))
    frame = frame_of(roll)
    free = frame.villages["certainty"] == "0"
    frame.villages.loc[free & frame.villages["village"].str.endswith("03"), "households"] = "0"
    place.frame = with_chances(frame, place.design)
    sample = place.sample(3)
    assert "unreachable" in notes(place.estimates(sample, place.findings(sample)))


def refused(call) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        call()
    for lang in LANGUAGES:
        assert [problem.to_line(lang) for problem in caught.value.problems]
    return {problem.key: problem.value for problem in caught.value.problems}


def test_a_method_without_a_variance_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(methods, "BUILT", ("srs",))
    place = County(make_roll(2, **SMALL), design_of("pareto", "bernoulli"))
    sample = place.sample(3)
    found = refused(lambda: place.estimates(sample, place.findings(sample)))
    assert found == {
        "estimates.method.not_built_1": "pareto",
        "estimates.method.not_built_2": "bernoulli",
    }


@pytest.mark.parametrize("method", ["pareto", "bernoulli"])
def test_a_sample_estimated_without_its_design_is_refused_for_its_weights(method):
    place = County(make_roll(2, **SMALL), design_of(method))
    sample = place.sample(3)
    found = refused(lambda: place.estimates(sample, place.findings(sample), design=None))
    assert set(found) == {"estimates.data.weights_differ"}


def test_chances_that_are_not_those_of_the_frame_are_refused():
    place = County(make_roll(2, **SMALL), design_of("pareto"))
    sample = place.sample(3)
    free = place.frame.villages["certainty"] == "0"
    mixed = place.frame.villages.loc[free, "lambda"].sort_values().to_numpy()
    place.frame.villages.loc[free, "lambda"] = mixed
    found = refused(lambda: place.estimates(sample, place.findings(sample)))
    assert set(found) == {"estimates.data.chances_differ"}


def test_households_that_need_lambda_cannot_be_estimated_without_it():
    place = County(make_roll(2, **SMALL), design_of("srs", "pareto"))
    sample = place.sample(3)
    findings, bare = place.findings(sample), roll_columns(place.roll)
    with pytest.raises(ValueError, match="lambda"):
        estimate_campaign(sample, findings, bare, place.frame.villages, design=place.design)


def test_the_notes_have_words_in_every_language():
    keys = ["systematic", "nothing_drawn", "unreachable", "approximate", "replaced", "spread_unknown"]
    keys += ["extended_looked"]
    for lang in LANGUAGES:
        assert not [key for key in keys if f"estimates.note.{key}" not in catalogue(lang)]


def test_the_estimate_step_knows_the_draw_and_its_later_acts(tmp_path):
    """Pareto villages, a household replaced, two villages more after the findings were there."""
    folder = tmp_path / "c"
    drawn_in(folder, method="pareto", villages='rate = "20%"\nat_least = 3\nsize = "households"')
    rows = sample_of(folder)
    one = rows[(rows["stage"] == "2") & (rows["role"] == "main")].iloc[0]
    which = ("--village", one["village"], "--household", one["household"])
    assert run("reserve", folder, *which, "--reason", "not_paid", "--by", "x") == 0
    visit(folder)
    assert run("estimate", folder) == 0
    assert "extended_looked" not in notes(open_campaign(folder).estimates())
    assert run("extend", folder, "--more", "A=2", "--looked", "--seed", OTHER_SEED, "--source", "dice") == 0
    assert run("estimate", folder) == 0
    table = open_campaign(folder).estimates()
    assert {"replaced", "extended_looked"} <= set(value(table, "error_share", "note").split(";"))
    assert "extended_looked" in value(table, "error_share", "note", "township", "A")
    assert "extended_looked" not in value(table, "error_share", "note", "township", "B")
