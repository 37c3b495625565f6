"""The design: what `campaign.toml` may say, and what rates and bounds come to in whole numbers."""

import json
import tomllib
from fractions import Fraction
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.designs import Design, SizeRule, rate_text, read_design, size
from sampling.designs.design import CONFLICTS
from sampling.designs.reading import FILE
from sampling.words import LANGUAGES, InputError

WHOLE = {"villages": {"rate": "20%", "at_least": 3, "at_most": 5}, "households": {"rate": "1/2"}}
FORMAT = """
[design]
method = "srs"
conflict = "bounds"
rounding = "up"
reserves = 2
[design.villages]
within = "township"
rate = "20%"
at_least = 3
at_most = 5
certainty = "blank"
[design.villages.kind.unit]
at_least = 1
[design.households]
rate = "50%"
at_least = 2
[lists.removed]
roll = "removed.csv"
rate = "50%"
[lists.named]
roll = "named.csv"
everywhere = true
"""


def problems_of(table: dict, lists: dict | None = None) -> dict[str, str]:
    """Every problem of the table: key of the problem by the place that it names."""
    with pytest.raises(InputError) as refused:
        read_design(table, lists=lists or {})
    assert all(problem.file == FILE for problem in refused.value.problems)
    for lang in LANGUAGES:  # every sentence exists and finds its fields
        assert all(problem.to_line(lang) for problem in refused.value.problems)
    return {problem.column: problem.key.removeprefix("designs.") for problem in refused.value.problems}


def test_the_example_of_the_format_reads_as_it_says():
    table = tomllib.loads(FORMAT)
    design = read_design(table["design"], lists=table["lists"])
    fifth, half = Fraction(1, 5), Fraction(1, 2)
    assert design == Design(
        reserves=2,
        villages=SizeRule(rate=fifth, at_least=3, at_most=5),
        certainty="blank",
        kinds={"kind": {"unit": SizeRule(rate=fifth, at_least=1, at_most=5)}},
        households=SizeRule(rate=half, at_least=2),
        lists={"removed": SizeRule(rate=half)},
    )
    assert design.fields == ("kind",)


EXACT = {"20%": "1/5", "1/5": "1/5", "0.2": "1/5", "12.5%": "1/8", "1": "1", "100%": "1", "２０％": "1/5"}
EXACT |= {"20 %": "1/5", "7%": "7/100", "1/3": "1/3", "0.1%": "1/1000"}


@pytest.mark.parametrize(("written", "rate"), EXACT.items())
def test_a_rate_in_quotes_is_read_exactly(written, rate):
    design = read_design(WHOLE | {"households": {"rate": written}}, lists={})
    assert design.households.rate == Fraction(rate)


NO_TEXT = (0.2, 1, True, {})
NO_SHARE = ("0", "101%", "20")
UNREADABLE = ("-20%", "1/0", "1e-1", "", "nan", "1/5%", "一成")
REFUSED = [(written, "rate_not_text") for written in NO_TEXT]
REFUSED += [(written, "rate_out_of_range") for written in NO_SHARE]
REFUSED += [(written, "rate_unreadable") for written in UNREADABLE]


@pytest.mark.parametrize(("written", "key"), REFUSED)
def test_a_rate_that_is_not_exact_or_not_a_share_is_refused(written, key):
    found = problems_of(WHOLE | {"households": {"rate": written}})
    assert found == {"design.households.rate": key}


def test_every_problem_is_named_at_once():
    table = {
        "metod": "srs",
        "method": "lottery",
        "conflict": "rate wins",
        "rounding": "half_up",
        "reserves": -2,
        "villages": {
            "rate": 0.2,
            "at_least": 6,
            "at_most": 5,
            "atmost": 4,
            "certainty": 1,
            "within": "county",
            "kind": {"unit": {"rate": "3", "at_least": 7, "certainty": "x"}, "town": 4},
        },
        "households": {"at_least": True, "at_most": 0},
    }
    lists = {
        "removed": {"roll": "r.csv", "rat": "50%"},
        "named": {"everywhere": True, "rate": "1"},
        "x": 3,
        "y": {},
    }
    assert problems_of(table, lists) == {
        "design.metod": "unknown_key",
        "design.method": "unknown_word",
        "design.conflict": "unknown_word",
        "design.rounding": "not_built",
        "design.reserves": "not_whole",
        "design.villages.rate": "rate_not_text",
        "design.villages": "bounds_crossed",
        "design.villages.atmost": "unknown_key",
        "design.villages.certainty": "not_text",
        "design.villages.within": "unknown_word",
        "design.villages.kind.unit.certainty": "unknown_key",
        "design.villages.kind.unit.rate": "rate_out_of_range",
        "design.villages.kind.unit": "bounds_crossed",
        "design.villages.kind.town": "not_table",
        "design.households.rate": "rate_missing",
        "design.households.at_least": "not_whole",
        "design.households.at_most": "not_whole",
        "lists.removed.rat": "unknown_key",
        "lists.removed.rate": "rate_missing",
        "lists.named.rate": "unknown_key",
        "lists.x": "not_table",
        "lists.y.rate": "rate_missing",
    }


@pytest.mark.parametrize("method", ["systematic", "bernoulli", "poisson", "pareto", "sequential_poisson"])
def test_methods_that_are_words_of_the_format_but_not_built_are_refused_by_a_sentence_that_says_so(method):
    assert problems_of(WHOLE | {"method": method}) == {"design.method": "not_built"}


def test_an_unknown_key_names_the_nearest_one():
    with pytest.raises(InputError) as refused:
        read_design(WHOLE | {"households": {"rate": "1/2", "at_lest": 2}}, lists={})
    (problem,) = refused.value.problems
    assert problem.fields["near"] == "at_least"


def test_the_rule_of_a_kind_takes_from_the_villages_what_it_does_not_state():
    kinds = {"kind": {"unit": {"at_least": 1}, "street": {"rate": "1/3", "at_most": 9}}}
    design = read_design(WHOLE | {"villages": WHOLE["villages"] | kinds}, lists={})
    assert design.kinds["kind"] == {
        "unit": SizeRule(rate=Fraction(1, 5), at_least=1, at_most=5),
        "street": SizeRule(rate=Fraction(1, 3), at_least=3, at_most=9),
    }


rules = st.builds(
    SizeRule,
    rate=st.fractions(min_value=0, max_value=1, max_denominator=997).filter(bool),
    at_least=st.integers(0, 40),
    at_most=st.none() | st.integers(1, 40),
)
names = st.text(min_size=1, max_size=5)
tables = st.dictionaries(names, rules, max_size=3).map(MappingProxyType)
designs = st.builds(
    Design,
    conflict=st.sampled_from(CONFLICTS),
    reserves=st.integers(0, 5),
    villages=rules,
    certainty=names,
    kinds=st.dictionaries(names, tables, max_size=2).map(MappingProxyType),
    households=rules,
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
