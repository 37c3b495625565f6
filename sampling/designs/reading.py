"""The [design] and [lists] tables of `campaign.toml`: read into a Design, every problem at once."""

import difflib
import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from sampling.designs.design import CONFLICTS, METHODS, ROUNDINGS, Design, Selection, SizeRule
from sampling.words import Problem, fold, refuse_if_any

FILE = "campaign.toml"
RULE_KEYS = ("rate", "at_least", "at_most")
DESIGN_KEYS = ("method", "conflict", "rounding", "reserves", "villages", "households")
VILLAGE_KEYS = ("within", *RULE_KEYS, "certainty")
SOURCE_KEYS = ("roll", "columns", "everywhere")
"""Keys of a list that say where it lies; they are the campaign's to read."""
RATE = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<percent>%?)|(?P<fraction>\d+/0*[1-9]\d*)", re.ASCII)


def read_design(table: Mapping[str, Any], *, lists: Mapping[str, Mapping[str, Any]]) -> Design:
    """The design that `campaign.toml` states.

    Parameters
    ----------
    table
        Its [design] table. Any sub-table of `villages` is a village field, whose sub-tables are values that
        have a rule of their own; what such a rule does not state it takes from `villages`.
    lists
        Its [lists] table: other lists drawn in the same villages, each with its own rate and bounds. Lists
        with `everywhere = true` are inspected whole and are no part of the design.

    Raises
    ------
    InputError
        With every problem at once: unknown keys (with the nearest known name), rates that are not text or
        not in (0, 1], crossed bounds, unknown words, and words of the format that are not built yet.
    """
    reader = _Reader()
    villages = reader.table(table.get("villages", {}), "design.villages")
    reader.known(table, DESIGN_KEYS, "design")
    rule = reader.rule(villages, "design.villages")
    reader.word(villages, "within", ("township",), "design.villages")
    design = Design(
        villages_by=Selection(method=reader.word(table, "method", METHODS, "design")),
        conflict=reader.word(table, "conflict", CONFLICTS, "design"),
        rounding=reader.word(table, "rounding", ROUNDINGS, "design"),
        reserves=reader.whole(table, "reserves", 0, "design") or 0,
        villages=rule,
        certainty=reader.plain(villages, "certainty", "design.villages"),
        kinds=reader.kinds(villages, rule),
        households=reader.leaf(table.get("households", {}), "design.households"),
        lists=reader.lists(lists),
    )
    refuse_if_any(reader.problems)
    return design


class _Reader:
    """Reads parts of the table; what is wrong is collected, and a harmless value stands in for it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, key: str, name: str, value: object = "", **fields: object) -> None:
        problem = Problem(key=f"designs.{key}", file=FILE, column=name, value=str(value), fields=fields)
        self.problems.append(problem)

    def table(self, value: Any, name: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.refuse("not_table", name, value)
        return {}

    def known(self, table: Mapping[str, Any], keys: Collection[str], name: str) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1) or keys
                self.refuse("unknown_key", f"{name}.{key}", near=", ".join(near))

    def word(self, table: Mapping[str, Any], key: str, words: tuple[str, ...], name: str) -> str:
        value = table.get(key, words[0])
        if value not in words:
            self.refuse("unknown_word", f"{name}.{key}", value, words=", ".join(words))
        return str(value)

    def plain(self, table: Mapping[str, Any], key: str, name: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.refuse("not_text", f"{name}.{key}", value)
        return str(value)

    def whole(self, table: Mapping[str, Any], key: str, least: int, name: str) -> int | None:
        value = table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.refuse("not_whole", f"{name}.{key}", value, least=least)
            return None
        return value

    def rate(self, table: Mapping[str, Any], name: str) -> Fraction | None:
        value = table.get("rate")
        if value is None:
            return None
        place = f"{name}.rate"
        if not isinstance(value, str):
            self.refuse("rate_not_text", place, value)
            return Fraction(1)
        if (rate := _fraction(value)) is None:
            self.refuse("rate_unreadable", place, value)
        elif not 0 < rate <= 1:
            self.refuse("rate_out_of_range", place, value)
        return rate or Fraction(1)

    def rule(self, table: Mapping[str, Any], name: str, base: SizeRule | None = None) -> SizeRule:
        rate = self.rate(table, name) or (base.rate if base else None)
        if rate is None:
            self.refuse("rate_missing", f"{name}.rate")
        at_least, at_most = self.whole(table, "at_least", 0, name), self.whole(table, "at_most", 1, name)
        if at_least is None:
            at_least = base.at_least if base else 0
        if at_most is None:
            at_most = base.at_most if base else None
        stated = {"at_least", "at_most"} & set(table)  # crossed bounds that were taken over are told once
        if stated and at_most is not None and at_least > at_most:
            self.refuse("bounds_crossed", name, at_least=at_least, at_most=at_most)
        return SizeRule(rate=rate or Fraction(1), at_least=at_least, at_most=at_most)

    def leaf(self, value: Any, name: str, base: SizeRule | None = None) -> SizeRule:
        if not isinstance(value, Mapping):
            self.refuse("not_table", name, value)
            return base or SizeRule(rate=Fraction(1))
        self.known(value, RULE_KEYS, name)
        return self.rule(value, name, base)

    def kinds(self, villages: Mapping[str, Any], base: SizeRule) -> Mapping[str, Mapping[str, SizeRule]]:
        fields = {
            key: value
            for key, value in villages.items()
            if key not in VILLAGE_KEYS and isinstance(value, Mapping)
        }
        self.known(
            {key: villages[key] for key in villages if key not in fields}, VILLAGE_KEYS, "design.villages"
        )
        return MappingProxyType({key: self._values(value, key, base) for key, value in fields.items()})

    def _values(self, table: Mapping[str, Any], key: str, base: SizeRule) -> Mapping[str, SizeRule]:
        name = f"design.villages.{key}"
        return MappingProxyType(
            {value: self.leaf(rule, f"{name}.{value}", base) for value, rule in table.items()}
        )

    def lists(self, lists: Mapping[str, Any]) -> Mapping[str, SizeRule]:
        rules: dict[str, SizeRule] = {}
        for name, value in lists.items():
            table = self.table(value, place := f"lists.{name}")
            whole = table.get("everywhere", False)  # inspected whole: a rate there would promise a draw
            self.known(table, SOURCE_KEYS if whole else (*SOURCE_KEYS, *RULE_KEYS), place)
            if isinstance(value, Mapping) and not whole:
                rules[name] = self.rule(table, place)
        return MappingProxyType(rules)


def _fraction(value: str) -> Fraction | None:
    """An exact rate from "20%", "1/5" or "0.2"; None where it is none of them."""
    found = RATE.fullmatch(fold(value).replace(" ", ""))
    if found is None:
        return None
    if found["fraction"]:
        return Fraction(found["fraction"])
    return Fraction(found["number"]) / (100 if found["percent"] else 1)
