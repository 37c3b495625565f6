"""What `campaign.toml` may say of the design: read exactly, and every problem told at once."""

import tomllib
from fractions import Fraction

import pytest

from sampling.designs import Allocation, Design, Selection, SizeRule, read_design
from sampling.designs.design import ALLOCATIONS, METHODS, RANDOM_SIZE, ROUNDINGS, SIZED
from sampling.designs.reader import FILE, PRIVATE, TAKEN
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
        "rounding": "down",
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
        "design.rounding": "unknown_word",
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


def changed(text: str, *, villages: str = "", households: str = "") -> dict:
    """A [design] table of 20 % and one half with these lines added."""
    rate = "" if "total" in villages else 'rate = "20%"'
    return tomllib.loads(f"""{text}
[villages]
{rate}
{villages}
[households]
rate = "50%"
{households}
""")


EVERYTHING = """
[design]
rounding = "half_up"
[design.villages]
method = "pareto"
size = "households"
calibrated = true
total = 80
at_most = 9
allocation = "power"
power = "1/2"
drawn_before = "1/4"
[design.villages.kind.unit]
at_most = 2
[design.households]
method = "systematic"
order = ["group", "persons"]
rate = "50%"
sealed = true
[design.households.category.A]
rate = "100%"
"""


def test_every_word_of_the_format_is_read_into_the_design():
    half = Fraction(1, 2)
    design = read_design(tomllib.loads(EVERYTHING)["design"], lists={})
    assert design == Design(
        rounding="half_up",
        villages=SizeRule(rate=Fraction(1), at_most=9),
        villages_by=Selection(method="pareto", size="households", calibrated=True),
        allocation=Allocation(total=80, how="power", power=half),
        drawn_before=Fraction(1, 4),
        kinds={"kind": {"unit": SizeRule(rate=Fraction(1), at_most=2)}},
        households=SizeRule(rate=half),
        households_by=Selection(method="systematic", order=("group", "persons")),
        categories={"category": {"A": SizeRule(rate=Fraction(1))}},
        sealed=True,
    )


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_read_at_both_stages_and_in_both_places(method):
    size = 'size = "persons"' if method in SIZED else ""
    table = changed(f'method = "{method}"', villages=size, households=f'method = "{method}"\n{size}')
    design = read_design(table, lists={})
    assert design.villages_by == design.households_by == Selection(method=method, size=size and "persons")
    inside = changed("", villages=f'method = "{method}"\n{size}')
    assert read_design(inside, lists={}).villages_by == design.villages_by
    assert read_design(inside, lists={}).households_by == Selection()


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_every_rounding_is_read(rounding):
    assert read_design(changed(f'rounding = "{rounding}"'), lists={}).rounding == rounding


@pytest.mark.parametrize("how", ALLOCATIONS)
def test_every_allocation_is_read(how):
    own = {"power": 'power = "1/3"', "neyman": 'spread = "amount"'}.get(how, "")
    design = read_design(changed("", villages=f'total = 7\nallocation = "{how}"\n{own}'), lists={})
    power, spread = (Fraction(1, 3) if how == "power" else Fraction(1)), "amount" if how == "neyman" else ""
    assert design.allocation == Allocation(total=7, how=how, power=power, spread=spread)


def test_a_wave_may_be_drawn_by_the_wave_before_alone_or_leave_it_out():
    table = changed('method = "pareto"', villages='drawn_before = "0"')
    design = read_design(table, lists={})
    assert (design.drawn_before, design.villages_by.size) == (0, "")


NEEDS = [
    ('method = "poisson"', "", "", "design.method", "design.villages.size"),
    ("", 'method = "pareto"', "", "design.villages.method", "design.villages.size"),
    ("", "", 'method = "sequential_poisson"', "design.households.method", "design.households.size"),
    ("", 'size = "x"', "", "design.villages.size", "method"),
    ("", "", 'size = "x"', "design.households.size", "method"),
    ("", 'order = ["x"]', "", "design.villages.order", "systematic"),
    ("", "", 'order = ["x"]', "design.households.order", "systematic"),
    ("", "calibrated = true", "", "design.villages.calibrated", "pareto"),
    ('method = "poisson"', 'size = "x"\ncalibrated = true', "", "design.villages.calibrated", "pareto"),
    ("", 'drawn_before = "1/4"', "", "design.villages.drawn_before", "sequential_poisson"),
    ("", "total = 9", "", "design.villages.total", "design.villages.allocation"),
    ("", 'allocation = "equal"', "", "design.villages.allocation", "design.villages.total"),
    ("", 'total = 9\nallocation = "power"', "", "design.villages.allocation", "design.villages.power"),
    ("", 'total = 9\nallocation = "neyman"', "", "design.villages.allocation", "design.villages.spread"),
    ("", 'total = 9\nallocation = "equal"\npower = "1/2"', "", "design.villages.power", "power"),
    ("", 'total = 9\nallocation = "equal"\nspread = "x"', "", "design.villages.spread", "neyman"),
    ("", 'power = "1/2"', "", "design.villages.power", "power"),
    ("", 'total = 9\nallocation = "equal"\nsize = "x"', "", "design.villages.size", "method"),
]


@pytest.mark.parametrize(("design", "villages", "households", "place", "other"), NEEDS)
def test_a_setting_without_what_it_needs_is_refused_naming_both(design, villages, households, place, other):
    table = changed(design, villages=villages, households=households)
    assert problems_of(table) == {place: "needs"}
    with pytest.raises(InputError) as refused:
        read_design(table, lists={})
    assert other in str(refused.value.problems[0].fields["other"])


FIXED = 'size = "x"\nmethod = "pareto"'
CLASHES = [
    ('method = "pareto"', 'method = "srs"', "", {"design.villages.method"}),
    ("", 'total = 9\nallocation = "equal"\nrate = "20%"', "", {"design.villages.rate"}),
    (
        "",
        'total = 9\nallocation = "equal"\n[villages.kind.unit]\nrate = "20%"',
        "",
        {"design.villages.kind.unit.rate"},
    ),
    ('rounding = "random"', FIXED, "", {"design.rounding"}),
    ('rounding = "random"', "", FIXED, {"design.rounding"}),
    ("", "", "[households.a.x]\n[households.b.y]", {"design.households.b"}),
] + [
    (f'method = "{m}"', f'total = 9\nallocation = "proportional"\n{s}', "", {"design.villages.total"})
    for m, s in zip(RANDOM_SIZE, ("", 'size = "x"'), strict=True)
]


@pytest.mark.parametrize(("design", "villages", "households", "places"), CLASHES)
def test_settings_that_exclude_each_other_are_refused(design, villages, households, places):
    found = problems_of(changed(design, villages=villages, households=households))
    assert found == dict.fromkeys(places, "clash")


def test_a_total_fixes_the_villages_so_that_random_rounding_is_left_to_the_households():
    villages = f'{FIXED}\ntotal = 9\nallocation = "proportional"'
    design = read_design(changed('rounding = "random"', villages=villages), lists={})
    assert design.allocation.total == 9


@pytest.mark.parametrize("name", TAKEN)
def test_columns_of_the_committed_files_are_no_fields_of_a_design(name):
    villages = f'method = "systematic"\norder = ["{name}"]\n[villages.{name}.x]\nat_least = 1'
    households = f'method = "poisson"\nsize = "{name}"\n[households.{name}.x]\nat_least = 1'
    places = ["design.villages.order", "design.households.size", f"design.households.{name}"]
    found = problems_of(changed("", villages=villages, households=households))
    own = found.pop(f"design.villages.{name}")
    assert own == ("not_text" if name == "certainty" else "field_taken")  # certainty is a setting of villages
    assert found == dict.fromkeys(places, "field_taken")
    spread = f'total = 9\nallocation = "neyman"\nspread = "{name}"'
    assert problems_of(changed("", villages=spread)) == {"design.villages.spread": "field_taken"}


@pytest.mark.parametrize("name", PRIVATE)
def test_a_design_does_not_put_personal_data_into_a_committed_file(name):
    found = problems_of(changed("", households=f'method = "systematic"\norder = ["{name}"]'))
    assert found == {"design.households.order": "field_private"}


WRONG = {
    'drawn_before = "5/4"\nmethod = "pareto"': {"design.villages.drawn_before": "rate_out_of_range"},
    'drawn_before = 0.25\nmethod = "pareto"': {"design.villages.drawn_before": "rate_not_text"},
    'drawn_before = "some"\nmethod = "pareto"': {"design.villages.drawn_before": "rate_unreadable"},
    'total = 9\nallocation = "power"\npower = "0"': {"design.villages.power": "rate_out_of_range"},
    'total = 9\nallocation = "fair"': {"design.villages.allocation": "unknown_word"},
    'total = 0\nallocation = "equal"': {"design.villages.total": "not_whole"},
    'method = "systematic"\norder = "x"': {"design.villages.order": "not_texts"},
    'method = "systematic"\norder = ["x", ""]': {"design.villages.order": "not_texts"},
    'method = "pareto"\nsize = 3\ndrawn_before = "0"': {"design.villages.size": "not_text"},
    'method = "pareto"\nsize = "x"\ncalibrated = "yes"': {"design.villages.calibrated": "not_yes_no"},
    'method = "lot"\nsize = "x"\norder = ["y"]\ncalibrated = true': {
        "design.villages.method": "unknown_word"
    },
    "sealed = true": {"design.villages.sealed": "unknown_key"},
}


@pytest.mark.parametrize(("villages", "problems"), WRONG.items())
def test_what_cannot_be_read_is_refused_once_and_where_it_stands(villages, problems):
    assert problems_of(changed("", villages=villages)) == problems


def test_a_rule_for_an_empty_category_is_refused_for_it_has_no_group_of_its_own():
    table = changed("", households='[households.category.""]\nrate = "100%"')
    assert problems_of(table) == {"design.households.category": "empty_value"}


def test_a_category_takes_from_the_households_what_it_does_not_state():
    table = changed("", households='at_least = 2\n[households.category.A]\nrate = "100%"')
    rule = SizeRule(rate=Fraction(1), at_least=2)
    assert read_design(table, lists={}).categories == {"category": {"A": rule}}
    unknown = changed("", households='[households.category.A]\nmethod = "srs"')
    assert problems_of(unknown) == {"design.households.category.A.method": "unknown_key"}
