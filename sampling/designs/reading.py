"""The [design] and [lists] tables of `campaign.toml`: read into a Design, every problem at once."""

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from sampling.designs.design import (
    ALLOCATIONS,
    CONFLICTS,
    METHODS,
    RANDOM_SIZE,
    ROUNDINGS,
    SIZED,
    Allocation,
    Design,
    Selection,
    SizeRule,
)
from sampling.designs.reader import FILE, RULE_KEYS, Reader
from sampling.words import refuse_if_any

__all__ = ["FILE", "read_design"]

DESIGN, VILLAGES, HOUSEHOLDS = "design", "design.villages", "design.households"
SELECTION_KEYS = ("method", "size", "calibrated", "order")
ALLOCATION_KEYS = ("total", "allocation", "power", "spread")
DESIGN_KEYS = ("method", "conflict", "rounding", "reserves", "villages", "households")
VILLAGE_KEYS = ("within", *RULE_KEYS, "certainty", *SELECTION_KEYS, *ALLOCATION_KEYS, "drawn_before")
HOUSEHOLD_KEYS = (*RULE_KEYS, *SELECTION_KEYS, "sealed")
SOURCE_KEYS = ("roll", "columns", "everywhere")
"""Keys of a list that say where it lies; they are the campaign's to read."""
FIXED = ("pareto", "sequential_poisson")
"""Methods whose number and lambda are fixed in the commit."""
BY_SIZE = ("proportional", "power")
"""Allocations that use a measure of size."""


def read_design(table: Mapping[str, Any], *, lists: Mapping[str, Mapping[str, Any]]) -> Design:
    """The design that `campaign.toml` states.

    Parameters
    ----------
    table
        Its [design] table. Any sub-table of `villages` is a village field, whose sub-tables are values that
        have a rule of their own; what such a rule does not state it takes from `villages`. A sub-table of
        `households` is the same for a household field.
    lists
        Its [lists] table: other lists drawn in the same villages, each with its own rate and bounds. Lists
        with `everywhere = true` are inspected whole and are no part of the design.

    Raises
    ------
    InputError
        With every problem at once: unknown keys (with the nearest known name), rates that are not text or
        not in (0, 1], crossed bounds, unknown words, settings that exclude or lack each other.
    """
    reader = Reader()
    villages = reader.table(table.get("villages", {}), VILLAGES)
    households = reader.table(table.get("households", {}), HOUSEHOLDS)
    reader.known(table, DESIGN_KEYS, DESIGN)
    reader.word(villages, "within", ("township",), VILLAGES)
    rounding = reader.word(table, "rounding", ROUNDINGS, DESIGN)
    allocation = _allocation(reader, villages)
    rule = _village_rule(reader, villages)
    household_rule = reader.rule(households, HOUSEHOLDS)
    design = Design(
        villages_by=_villages_by(reader, table, villages, allocation, rounding),
        conflict=reader.word(table, "conflict", CONFLICTS, DESIGN),
        rounding=rounding,
        reserves=reader.whole(table, "reserves", 0, DESIGN) or 0,
        villages=rule,
        allocation=allocation,
        certainty=reader.plain(villages, "certainty", VILLAGES),
        drawn_before=reader.share(villages, "drawn_before", VILLAGES, zero=True),
        kinds=_values(reader, villages, VILLAGE_KEYS, VILLAGES, rule),
        households=household_rule,
        households_by=_households_by(reader, households, rounding),
        categories=_categories(reader, households, household_rule),
        sealed=reader.yes(households, "sealed", HOUSEHOLDS),
        lists=_lists(reader, lists),
    )
    refuse_if_any(reader.problems)
    return design


def _village_rule(reader: Reader, villages: Mapping[str, Any]) -> SizeRule:
    """Rate and bounds of the villages; with a total the rate is what every stratum may give at most."""
    if "total" not in villages:
        return reader.rule(villages, VILLAGES)
    for place in _rates(villages):
        reader.clash(place, f"{VILLAGES}.total")
    return reader.rule({key: villages[key] for key in villages if key != "rate"} | {"rate": "1"}, VILLAGES)


def _rates(villages: Mapping[str, Any]) -> list[str]:
    """Where rates of villages stand: in their own table and in those of their kinds."""
    places = [f"{VILLAGES}.rate"] if "rate" in villages else []
    for field, values in _sub_tables(villages, VILLAGE_KEYS).items():
        for value, rule in values.items():
            if isinstance(rule, Mapping) and "rate" in rule:
                places.append(f"{VILLAGES}.{field}.{value}.rate")
    return places


def _sub_tables(table: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    """The sub-tables that are fields, by name."""
    return {key: value for key, value in table.items() if key not in keys and isinstance(value, Mapping)}


def _values(
    reader: Reader, table: Mapping[str, Any], keys: tuple[str, ...], place: str, base: SizeRule
) -> Mapping[str, Mapping[str, SizeRule]]:
    """Rules by field and value; every other key must be one of `keys`."""
    fields = _sub_tables(table, keys)
    reader.known({key: table[key] for key in table if key not in fields}, keys, place)
    rules: dict[str, Mapping[str, SizeRule]] = {}
    for field, values in fields.items():
        reader.field(field, name := f"{place}.{field}")
        leaves = {value: reader.leaf(rule, f"{name}.{value}", base) for value, rule in values.items()}
        rules[field] = MappingProxyType(leaves)
    return MappingProxyType(rules)


def _categories(
    reader: Reader, households: Mapping[str, Any], base: SizeRule
) -> Mapping[str, Mapping[str, SizeRule]]:
    """Rules of substrata; one field at most, and no rule for an empty value, which all others share."""
    rules = _values(reader, households, HOUSEHOLD_KEYS, HOUSEHOLDS, base)
    for field in list(rules)[1:]:
        reader.clash(f"{HOUSEHOLDS}.{field}", f"{HOUSEHOLDS}.{next(iter(rules))}")
    for field in (field for field, values in rules.items() if "" in values):
        reader.refuse("designs.empty_value", f"{HOUSEHOLDS}.{field}")
    return rules


def _allocation(reader: Reader, villages: Mapping[str, Any]) -> Allocation | None:
    """The total and how it is shared out; None where rates make the sizes."""
    total = reader.whole(villages, "total", 1, VILLAGES)
    power = reader.share(villages, "power", VILLAGES)
    spread = reader.plain(villages, "spread", VILLAGES)
    reader.field(spread, f"{VILLAGES}.spread")
    stated = [name for name in ("total", "allocation") if name in villages]
    if len(stated) == 1:
        other = "allocation" if stated == ["total"] else "total"
        reader.needs(f"{VILLAGES}.{stated[0]}", f"{VILLAGES}.{other}")
    how = reader.word(villages, "allocation", ALLOCATIONS, VILLAGES) if "allocation" in villages else None
    for name, word in (("power", "power"), ("spread", "neyman")):
        if name in villages and how not in (word, ""):
            reader.needs(f"{VILLAGES}.{name}", f'allocation = "{word}"')
        elif not villages.get(name) and how == word:
            reader.needs(f"{VILLAGES}.allocation", f"{VILLAGES}.{name}")
    return Allocation(total=total or 1, how=how, power=power or Fraction(1), spread=spread) if how else None


def _villages_by(
    reader: Reader,
    design: Mapping[str, Any],
    villages: Mapping[str, Any],
    allocation: Allocation | None,
    rounding: str,
) -> Selection:
    """How villages are selected; the method may stand in [design] or in [design.villages]."""
    stated = [
        (table, place) for table, place in ((design, DESIGN), (villages, VILLAGES)) if "method" in table
    ]
    if len(stated) > 1 and design["method"] != villages["method"]:
        reader.clash(f"{VILLAGES}.method", f'method = "{design["method"]}"')
    table, place = stated[-1] if stated else (design, DESIGN)
    method = reader.word(table, "method", METHODS, place)
    if "total" in villages and method in RANDOM_SIZE:
        reader.clash(f"{VILLAGES}.total", f'method = "{method}"')
    if "drawn_before" in villages and method not in (*SIZED, ""):
        reader.needs(f"{VILLAGES}.drawn_before", _methods(SIZED))
    if rounding == "random" and method in FIXED and "total" not in villages:
        reader.clash(f"{DESIGN}.rounding", f'method = "{method}"')
    return _selection(
        reader,
        villages,
        VILLAGES,
        method,
        f"{place}.method",
        sized="drawn_before" in villages,
        used=allocation is not None and allocation.how in BY_SIZE,
    )


def _households_by(reader: Reader, households: Mapping[str, Any], rounding: str) -> Selection:
    method = reader.word(households, "method", METHODS, HOUSEHOLDS)
    if rounding == "random" and method in FIXED:
        reader.clash(f"{DESIGN}.rounding", f'method = "{method}"')
    return _selection(reader, households, HOUSEHOLDS, method, f"{HOUSEHOLDS}.method")


def _selection(
    reader: Reader,
    table: Mapping[str, Any],
    place: str,
    method: str,
    method_place: str,
    *,
    sized: bool = False,
    used: bool = False,
) -> Selection:
    """What is said beside the method, and whether the method ("" where it is unknown) wants it.

    `sized`: the method has a measure of size without the field; `used`: the field is of use whatever the
    method.
    """
    size, order = reader.plain(table, "size", place), reader.texts(table, "order", place)
    calibrated = reader.yes(table, "calibrated", place)
    if method in SIZED and not size and not sized:
        reader.needs(method_place, f"{place}.size")
    wanted = ((size and not used, "size", SIZED), (order, "order", ("systematic",)))
    for value, key, methods in (*wanted, (calibrated, "calibrated", FIXED)):
        if value and method not in (*methods, ""):
            reader.needs(f"{place}.{key}", _methods(methods))
    for key, fields in (("size", (size,)), ("order", order)):
        for field in fields:
            reader.field(field, f"{place}.{key}")
    return Selection(method=method, size=size, calibrated=calibrated, order=order)


def _methods(methods: tuple[str, ...]) -> str:
    return "method = " + " | ".join(f'"{method}"' for method in methods)


def _lists(reader: Reader, lists: Mapping[str, Any]) -> Mapping[str, SizeRule]:
    rules: dict[str, SizeRule] = {}
    for name, value in lists.items():
        table = reader.table(value, place := f"lists.{name}")
        whole = table.get("everywhere", False)  # inspected whole: a rate there would promise a draw
        reader.known(table, SOURCE_KEYS if whole else (*SOURCE_KEYS, *RULE_KEYS), place)
        if isinstance(value, Mapping) and not whole:
            rules[name] = reader.rule(table, place)
    return MappingProxyType(rules)
