"""The design: what `commit.json` holds of it, and what rates and bounds come to in whole numbers."""

import json
import math
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.designs import (
    ROUND,
    Allocation,
    Design,
    Selection,
    SizeRule,
    expected_size,
    rate_text,
    rounded_by,
    size,
)
from sampling.designs.design import ALLOCATIONS, CONFLICTS, METHODS, ROUNDINGS

rules = st.builds(
    SizeRule,
    rate=st.fractions(min_value=0, max_value=1, max_denominator=997).filter(bool),
    at_least=st.integers(0, 40),
    at_most=st.none() | st.integers(1, 40),
)
names = st.text(min_size=1, max_size=5)
tables = st.dictionaries(names, rules, max_size=3).map(MappingProxyType)
rules_by_field = st.dictionaries(names, tables, max_size=2).map(MappingProxyType)
shares = st.fractions(min_value=0, max_value=1, max_denominator=997)
selections = st.builds(
    Selection,
    method=st.sampled_from(METHODS),
    size=names,
    calibrated=st.booleans(),
    order=st.lists(names, max_size=2).map(tuple),
)
designs = st.builds(
    Design,
    conflict=st.sampled_from(CONFLICTS),
    rounding=st.sampled_from(ROUNDINGS),
    reserves=st.integers(0, 5),
    villages=rules,
    villages_by=selections,
    allocation=st.none()
    | st.builds(
        Allocation, total=st.integers(1, 99), how=st.sampled_from(ALLOCATIONS), power=shares, spread=names
    ),
    certainty=names,
    drawn_before=st.none() | shares,
    kinds=rules_by_field,
    households=rules,
    households_by=selections,
    categories=rules_by_field,
    sealed=st.booleans(),
    lists=tables,
)


@given(designs)
def test_a_design_comes_back_from_a_json_file_exactly_as_it_was(design):
    written = json.dumps(design.to_dict(), ensure_ascii=False, sort_keys=True)
    assert Design.from_dict(json.loads(written)) == design


def nearest(rule: SizeRule, N: int, conflict: str) -> int:
    """The number drawn, by search among the numbers allowed: another road than the formula's."""
    by_rate = next(n for n in range(N + 1) if n * rule.rate.denominator >= N * rule.rate.numerator)
    highest = N if rule.at_most is None else rule.at_most
    allowed = [n for n in range(N + 1) if rule.at_least <= n <= highest]
    if conflict == "rate":
        return by_rate
    return min(allowed, key=lambda n: abs(n - by_rate)) if allowed else N


RATES = ["1/5", "7/100", "11/20", "1/3", "1/2", "1", "1/1000", "999/1000"]
BOUNDS = [(0, None), (3, 5), (1, 5), (2, None), (0, 1), (5, 5), (20, 25), (1, 300)]


@pytest.mark.parametrize("rate", RATES)
def test_sizes_are_those_of_a_search_over_all_whole_numbers(rate):
    for at_least, at_most in BOUNDS:
        rule = SizeRule(rate=Fraction(rate), at_least=at_least, at_most=at_most)
        for N in range(301):
            for conflict in CONFLICTS:
                assert size(rule, N, conflict)[0] == nearest(rule, N, conflict), (rule, N, conflict)


@given(rules.filter(lambda rule: rule.at_most is None or rule.at_least <= rule.at_most), st.integers(0, 300))
def test_the_rule_that_is_named_is_the_one_that_made_the_size(rule, N):
    n, bound = size(rule, N, "bounds")
    by_rate, _ = size(rule, N, "rate")
    facts = {
        "rate": n == by_rate and rule.at_least <= n,
        "at_least": n == rule.at_least > by_rate,
        "at_most": n == rule.at_most and n < by_rate,
        "all": n == N < rule.at_least,
    }
    assert facts[bound]


@pytest.mark.parametrize(
    ("rate", "N", "n"), [("0.07", 100, 7), ("0.55", 100, 55), ("0.55", 180, 99), ("0.55", 220, 121)]
)
def test_rates_that_floats_get_wrong_are_right(rate, N, n):
    assert size(SizeRule(rate=Fraction(rate)), N, "bounds") == (n, "rate")


def test_a_rate_is_shown_as_people_write_it():
    shown = [rate_text(Fraction(rate)) for rate in ("1/5", "1/8", "1", "1/3", "7/1000", "1/10000000")]
    assert shown == ["20%", "12.5%", "100%", "1/3", "0.7%", "1/10000000"]


def test_the_fields_of_a_design_are_all_that_its_parts_name():
    rule = SizeRule(rate=Fraction(1, 2))
    design = Design(
        villages=rule,
        villages_by=Selection(method="pareto", size="households"),
        allocation=Allocation(total=9, how="neyman", spread="amount"),
        drawn_before=Fraction(1, 4),
        kinds={"kind": {"unit": rule}},
        households=rule,
        households_by=Selection(method="systematic", order=("group", "persons")),
        categories={"category": {"A": rule}},
    )
    assert design.fields == ("amount", "drawn_before", "households", "kind")
    assert design.household_fields == ("category", "group", "persons")


ordered = rules.filter(lambda rule: rule.at_most is None or rule.at_least <= rule.at_most)


@given(ordered, st.integers(0, 60), st.sampled_from(CONFLICTS))
def test_random_rounding_comes_to_its_expected_size_over_evenly_spread_tickets(rule, N, conflict):
    steps = rule.rate.denominator  # the fraction of N x rate is a multiple of 1/steps: each step one ticket
    tickets = [f"{(2 * k + 1) * 16**64 // (2 * steps):064x}" for k in range(steps)]
    drawn = [size(rule, N, conflict, rounded_by(ticket))[0] for ticket in tickets]
    assert Fraction(sum(drawn), steps) == expected_size(rule, N, conflict, whole=True)


@given(ordered, st.integers(0, 300), st.sampled_from(CONFLICTS))
def test_half_up_is_the_nearest_whole_number_before_the_bounds_count(rule, N, conflict):
    exact = N * rule.rate
    nearest = min((math.floor(exact) + 1, math.floor(exact)), key=lambda n: abs(n - exact))  # a tie: up
    unbounded = SizeRule(rate=rule.rate)
    assert size(unbounded, N, conflict, ROUND["half_up"])[0] == nearest
    low, high = (size(rule, N, conflict, round)[0] for round in (math.floor, math.ceil))
    assert low <= size(rule, N, conflict, ROUND["half_up"])[0] <= high


@given(ordered, st.integers(0, 300))
def test_an_average_that_need_not_be_whole_lies_within_the_bounds_or_takes_all(rule, N):
    exact, expected = N * rule.rate, expected_size(rule, N, "bounds", whole=False)
    assert expected_size(rule, N, "rate", whole=False) == exact
    ends = [rule.at_least, N if rule.at_most is None else rule.at_most]
    middle = sorted([exact, *ends])[1]  # of three numbers the one within the other two
    assert expected == min(N, middle)
