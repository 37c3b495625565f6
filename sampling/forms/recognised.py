"""Which field a header of somebody's table is: by our titles in every language, field names, known headers.

Exports of phones put groups before the name (`visit/outcome`, `visit-outcome`); what comes after them counts.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from sampling.forms.layout import ANSWER_FIELDS, GIVEN_FIELDS, MEMBER_FIELDS, QUESTION_FIELDS
from sampling.frames.headers import KNOWN, fold_header
from sampling.words import LANGUAGES, text

HOUSEHOLDS, MEMBERS = "households", "members"
"""The two kinds of tables: a row a household (or a village's answers), a row a member."""

CODE, VILLAGE, CAMPAIGN, KEY, PARENT = "code", "village", "campaign", "key", "parent"
"""What a table can say beside the form's own fields: the QR code's text, where, and who belongs to whom."""

KEYS = {"key": KEY, "index": KEY, "parentkey": PARENT, "parentindex": PARENT}
SEPARATORS = re.compile(r"[/.:-]")
SYSTEM = re.compile(
    r"(.*@odata.*|_.*|.*\b_(id|uuid)|set-of-.*|meta[-/:].*|(instance|form|device|submitter|edits|review).*|"
    r"submission.*|attachments.*|status|start|end|today|username|phonenumber|audit|simserial|subscriberid)",
    re.IGNORECASE,
)
"""Columns that phones and their servers add; they say nothing of a household."""


@cache
def field_of(header: str, table: str) -> str:
    """The field that a header stands for in a table of this kind; empty if it is none.

    >>> field_of("visit-persons_found", "households")
    'persons_found'
    """
    known = _known(table)
    ends = [0, *(found.end() for found in SEPARATORS.finditer(header))]
    return next((known[name] for end in ends if (name := fold_header(header[end:])) in known), "")


def fields_of(headers: Iterable[str], table: str) -> set[str]:
    """The fields that a line of headers has."""
    return {field for header in headers if (field := field_of(header, table))}


def is_system(header: str) -> bool:
    """Whether a phone or its server added this column."""
    return SYSTEM.fullmatch(header.strip()) is not None


def names_a_household(fields: set[str]) -> bool:
    """Whether these columns tell which household a row is about."""
    return bool(fields & {"serial", CODE}) or {VILLAGE, "household"} <= fields


def names_a_village(fields: set[str]) -> bool:
    """Whether these columns are a village's own answers."""
    return VILLAGE in fields and bool(fields & set(QUESTION_FIELDS))


def names_a_member(fields: set[str]) -> bool:
    """Whether these columns tell of a member, and of which household."""
    of_whom = PARENT in fields or names_a_household(fields)
    return of_whom and len(fields & set(MEMBER_FIELDS)) >= 2


@cache
def _known(table: str) -> Mapping[str, str]:
    """Field by folded header; the first meaning of a title counts."""
    fields = (
        (*GIVEN_FIELDS, *ANSWER_FIELDS) if table == HOUSEHOLDS else (*MEMBER_FIELDS, "serial", "household")
    )
    asked = QUESTION_FIELDS if table == HOUSEHOLDS else ()
    found: dict[str, str] = {}
    for field in (*fields, *asked, CODE, VILLAGE, CAMPAIGN):
        found.setdefault(fold_header(field), field)
    for lang in LANGUAGES:
        for field in fields:
            found.setdefault(fold_header(text(f"forms.column.{field}", lang)), field)
        for field in asked:
            found.setdefault(fold_header(text(f"forms.question.{field}", lang)), field)
        for field in (CODE, VILLAGE, CAMPAIGN):
            for header in text(f"tables.header.{field}", lang).split(";"):
                found.setdefault(fold_header(header), field)
    known = dict.fromkeys(KNOWN["village"][0] | KNOWN["village"][1], VILLAGE)
    known |= dict.fromkeys(KNOWN["household"][0], "household")
    return {**known, **KEYS, **found}
