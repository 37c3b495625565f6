"""Parts of a table of `campaign.toml`, read one by one; what is wrong is collected."""

import difflib
import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from sampling.designs.design import SizeRule
from sampling.words import Problem, fold

FILE = "campaign.toml"
RULE_KEYS = ("rate", "at_least", "at_most")
RATE = re.compile(r"(?P<number>\d+(\.\d+)?)(?P<percent>%?)|(?P<fraction>\d+/0*[1-9]\d*)", re.ASCII)
TAKEN = ("township", "village", "household", "certainty", "lambda", "pi")
"""Columns of the committed files that no field of the design may be named like."""
PRIVATE = ("household_name", "identity", "phone", "account", "address")
"""Fields of the roll that must not stand in a committed file: whoever checks the draw reads it."""


class Reader:
    """Reads parts of the table; what is wrong is collected, and a harmless value stands in for it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, key: str, name: str, value: object = "", **fields: object) -> None:
        self.problems.append(Problem(key=key, file=FILE, column=name, value=str(value), fields=fields))

    def needs(self, name: str, other: str) -> None:
        """What stands at `name` makes sense only with `other`, which is missing."""
        self.refuse("designs.needs", name, other=other)

    def clash(self, name: str, other: str) -> None:
        """What stands at `name` and `other` exclude each other."""
        self.refuse("designs.clash", name, other=other)

    def table(self, value: Any, name: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.refuse("designs.not_table", name, value)
        return {}

    def known(self, table: Mapping[str, Any], keys: Collection[str], name: str) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1) or keys
                self.refuse("designs.unknown_key", f"{name}.{key}", near=", ".join(near))

    def word(self, table: Mapping[str, Any], key: str, words: tuple[str, ...], name: str) -> str:
        """One of these words, the first where the key is missing; "" where it holds another."""
        value = table.get(key, words[0])
        if value in words:
            return str(value)
        self.refuse("designs.unknown_word", f"{name}.{key}", value, words=", ".join(words))
        return ""

    def plain(self, table: Mapping[str, Any], key: str, name: str) -> str:
        value = table.get(key, "")
        if isinstance(value, str):
            return value
        self.refuse("designs.not_text", f"{name}.{key}", value)
        return ""

    def yes(self, table: Mapping[str, Any], key: str, name: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.refuse("designs.not_yes_no", f"{name}.{key}", value)
        return value is True

    def texts(self, table: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(part, str) and part for part in value):
            return tuple(value)
        self.refuse("designs.not_texts", f"{name}.{key}", value)
        return ()

    def field(self, name: str, place: str) -> None:
        """Refuse a field that is named like a column of the committed files, or must not stand in them."""
        if name in TAKEN:
            self.refuse("designs.field_taken", place, name, taken=", ".join(TAKEN))
        if name in PRIVATE:
            self.refuse("designs.field_private", place, name)

    def whole(self, table: Mapping[str, Any], key: str, least: int, name: str) -> int | None:
        value = table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.refuse("designs.not_whole", f"{name}.{key}", value, least=least)
            return None
        return value

    def share(self, table: Mapping[str, Any], key: str, name: str, *, zero: bool = False) -> Fraction | None:
        """An exact share in (0, 1], or in [0, 1] where it may be `zero`."""
        value, place = table.get(key), f"{name}.{key}"
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse("designs.rate_not_text", place, value)
            return Fraction(1)
        share = _fraction(value)
        if share is None:
            self.refuse("designs.rate_unreadable", place, value)
        elif share > 1 or (not share and not zero):
            self.refuse("designs.rate_out_of_range", place, value)
        else:
            return share
        return Fraction(1)

    def rule(self, table: Mapping[str, Any], name: str, base: SizeRule | None = None) -> SizeRule:
        """Rate and bounds; what is not stated is taken from `base`."""
        rate = self.share(table, "rate", name) or (base.rate if base else None)
        if rate is None:
            self.refuse("designs.rate_missing", f"{name}.rate")
        at_least, at_most = self.whole(table, "at_least", 0, name), self.whole(table, "at_most", 1, name)
        if at_least is None:
            at_least = base.at_least if base else 0
        if at_most is None:
            at_most = base.at_most if base else None
        stated = {"at_least", "at_most"} & set(table)  # crossed bounds that were taken over are told once
        if stated and at_most is not None and at_least > at_most:
            self.refuse("designs.bounds_crossed", name, at_least=at_least, at_most=at_most)
        return SizeRule(rate=rate or Fraction(1), at_least=at_least, at_most=at_most)

    def leaf(self, value: Any, name: str, base: SizeRule) -> SizeRule:
        """A table that holds a rule and nothing else."""
        if not isinstance(value, Mapping):
            self.refuse("designs.not_table", name, value)
            return base
        self.known(value, RULE_KEYS, name)
        return self.rule(value, name, base)


def _fraction(value: str) -> Fraction | None:
    """An exact share from "20%", "1/5" or "0.2"; None where it is none of them."""
    found = RATE.fullmatch(fold(value).replace(" ", ""))
    if found is None:
        return None
    if found["fraction"]:
        return Fraction(found["fraction"])
    return Fraction(found["number"]) / (100 if found["percent"] else 1)
