"""Villages with one inspected household borrow their spread within; over every sample it is the right one."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from sampling.estimates import adjust_nonresponse, estimate_total, survey_data
from sampling.estimates.areas import stratum_variances
from sampling.estimates.campaign import CampaignData
from sampling.estimates.drawing import Drawing
from sampling.estimates.variance import TwoStage, borrowed_within, total_variance

VALUES = np.array([3.0, 0.0, 0.0, 1.0])
"""Of the four households of each village: villages are alike inside."""
KINDS = np.array([0, 0, 1, 1])
LEVEL = (0.0, 2.0, 1.0, 5.0)
"""What the villages differ by."""


def every_sample(taken, drawn):
    """Every sample of `drawn` villages and of `taken` households in each: the rows and their chance."""
    for villages in combinations(range(len(taken)), drawn):
        inside = [list(combinations(range(4), taken[v])) for v in villages]
        for chosen in product(*inside):
            yield villages, [list(found) for found in chosen], 1 / np.prod([len(found) for found in inside])


def design_of(villages, chosen, count):
    drawn = len(villages)
    weight = np.array([count / drawn * 4 / len(found) for found in chosen])
    psu = np.repeat(np.arange(drawn), [len(found) for found in chosen])
    design = TwoStage(
        psu=psu,
        stratum=np.zeros(drawn, dtype=int),
        frame=np.array([float(count)]),
        size=np.full(drawn, 4.0),
        group=np.array([0]),
        weight=weight,
    )
    return design, weight[psu]


@pytest.mark.parametrize("levels", [(0.0,) * 4, LEVEL])
@pytest.mark.parametrize(("taken", "drawn"), [((2, 2, 1, 1), 3), ((2, 3, 1, 2), 3), ((1, 2, 2, 2), 2)])
@pytest.mark.parametrize("by_kind", [False, True])
def test_the_variance_is_right_on_average_over_every_sample(taken, drawn, levels, by_kind):
    """Of the whole, and of domains that cut through the villages, also through those with one household."""
    count = len(taken)
    domains = 2 if by_kind else 1
    totals, variances, chances = [], [], []
    for villages, chosen, chance in every_sample(taken, drawn):
        design, weight = design_of(villages, chosen, count)
        household = np.concatenate(chosen)
        level = np.array(levels)[np.array(villages)][design.psu]
        domain = KINDS[household] if by_kind else np.zeros(len(household), dtype=int)
        z = weight * (VALUES[household] + level * (not by_kind))
        totals.append(np.bincount(domain, weights=z, minlength=domains))
        found = total_variance(z, design, domain=domain, domains=domains, pool_within=True)
        variances.append(found)
        chances.append(chance)
    share = np.array(chances)[:, None] / np.sum(chances)
    totals, variances = np.array(totals), np.array(variances)
    mean = (share * totals).sum(axis=0)
    assert (share * variances).sum(axis=0) == pytest.approx((share * (totals - mean) ** 2).sum(axis=0))


def test_a_village_with_its_only_household_inspected_tells_nothing_of_the_spread_of_others():
    """Three villages: two households of three inspected; one of three; and one of one."""
    design = TwoStage(
        psu=np.array([0, 0, 1, 2]),
        stratum=np.array([0, 1, 2]),
        frame=np.array([1.0, 1.0, 1.0]),
        size=np.array([3.0, 3.0, 1.0]),
        group=np.array([0, 1, 2]),
        weight=np.array([1.5, 3.0, 1.0]),
    )
    z = np.array([1.5 * 4, 1.5 * 0, 3.0 * 1, 1.0 * 7])
    spread = 8.0  # of 4 and 0
    own, lent = 2 * (1 / 3) * 1.5**2 * spread, (2 / 3) * 3.0**2 * spread
    assert total_variance(z, design, pool_within=True) == pytest.approx([own + lent])
    assert borrowed_within(z, design) == pytest.approx([0, lent, 0])


def sampled():
    """Strata A and B with one of three villages drawn, of A one household inspected; C with two of three."""
    rows = [
        ("A", "a", "1", 6.0),
        ("B", "b", "1", 4.0),
        ("B", "b", "2", 1.0),
        ("C", "c", "1", 3.0),
        ("C", "c", "2", 5.0),
        ("C", "d", "1", 0.0),
        ("C", "d", "2", 4.0),
    ]
    table = pd.DataFrame(rows, columns=["stratum", "village", "household", "y"]).assign(N=3, M=4)
    return survey_data(
        table,
        psu="village",
        ssu="household",
        stratum="stratum",
        psu_count="N",
        ssu_count="M",
        lonely={"A": "AB", "B": "AB"},
    )


def test_a_lonely_stratum_with_one_household_borrows_from_the_strata_it_is_taken_together_with():
    data = sampled()
    nothing = pd.DataFrame()
    drawing = Drawing(
        villages_by="srs", households_by="srs", substrata=False, first=nothing, frame=nothing, roll=nothing
    )
    campaign = CampaignData(
        data=data,
        drawing=drawing,
        roll=nothing,
        towns=("A", "B", "C"),
        lost_towns=(),
        town_of_stratum=np.arange(3),
    )
    y = data.table["y"].to_numpy()
    found = stratum_variances(campaign, y)
    assert data.pool_within
    spread = np.var([4.0, 1.0], ddof=1)  # of b, in A's group; c and d are not
    within = np.array([1 / 3 * 3 / 4 * 12.0**2, 2 * 1 / 3 * 1 / 2 * 6.0**2]) * spread
    weight = np.array([12.0, 12.0])
    mean = (12 * 6 + 6 * 4 + 6 * 1) / 24
    z = np.array([12 * (6 - mean), 6 * (4 + 1 - 2 * mean)])
    between = 2 * (2 / 3) * (z**2).sum() * weight**2 / (weight**2).sum()
    assert found[:2] == pytest.approx(between + within)


def test_the_standard_error_of_a_total_counts_a_village_with_one_respondent_in_a_domain_it_does_not_touch():
    """By the verb: the one respondent of a village is of kind x; kind y has a spread there all the same."""
    rows = [(v, h, 3, 4, y, kind) for v in "abc" for h, y, kind in (("1", 2.0, "x"), ("2", 1.0, "y"))]
    table = pd.DataFrame(rows, columns=["village", "household", "N", "M", "y", "kind"])
    data = survey_data(table, psu="village", ssu="household", psu_count="N", ssu_count="M")
    seen = ~((table["village"] == "c") & (table["kind"] == "y")).to_numpy()
    found = estimate_total(adjust_nonresponse(data, seen), "y", by="kind", interval="t").to_table()
    spread = np.var([1.0, 0.0], ddof=1)  # of kind y in a and in b, the household of kind x as 0
    within = (2 * (1 / 2) * 2.0**2 * 2 + (3 / 4) * 4.0**2) * spread
    assert found.loc[found["domain"] == "y", "se"].iloc[0] ** 2 == pytest.approx(within)
