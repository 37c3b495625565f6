"""Ids: which are refused, which are drawn but reported, and which are a person's identity number.

An id is what the roll says: nothing here folds, trims or repairs one (draw-protocol, section 1).
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from sampling.frames.rows import Rows
from sampling.words import REPORTED, Problem

CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029]")
DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
BYTE_ORDER_MARK = "\ufeff"
ZERO_WIDTH = re.compile("[\u00ad\u180e\u200b-\u200d\u2060]")
SCIENTIFIC = re.compile(r"\d\.\d+E\+\d{2}")
LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
IDEOGRAPHIC_PLANES = range(0x20000, 0x40000)  # which of these are assigned depends on Python's version

IDENTITY_SHARE = 0.01
IDENTITY = re.compile(r"(\d{2})\d{4}(\d{4}|\d{2})(\d{2})(\d{2})\d{3}([\dXT]?)")
PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|99")  # 99: invented numbers
INVENTED = re.compile(r"999999\d{11}T")  # check letter T: what the synthetic county writes, never a person's
CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
CHECK_CHARACTERS = "10X98765432"
PSEUDONYM_DIGITS = 20
"""Hexadecimal digits of a pseudonym: 80 bits, so that 100,000 households share one with a chance of 4e-15."""


def id_problems(rows: Rows) -> list[Problem]:
    """Every id of a roll or list that is refused or reported, with its row."""
    problems = []
    for field in ("township", "village", "household"):
        if field in rows.table:
            problems += _faults(rows, field)
            scope = "village" if field == "household" and "village" in rows.table else ""
            problems += _alike(rows, field, scope, _composed, "frames.id.same_nfc")
            problems += _alike(rows, field, scope, _twin_form, "frames.id.twins", severity=REPORTED)
    return problems


def fault(value: str) -> str:
    """The key of what makes this id impossible to draw, or "".

    >>> fault("0371"), fault("0371 ")
    ('', 'frames.id.edge_space')
    """
    if value.isascii() and value.isalnum():
        return ""
    if not value:
        return "frames.id.empty"
    if CONTROL.search(value):
        return "frames.id.control"
    if DIRECTION.search(value) or BYTE_ORDER_MARK in value:
        return "frames.id.direction"
    if value != value.strip():
        return "frames.id.edge_space" if value.strip() else "frames.id.empty"
    return "frames.id.unassigned" if any(map(_unassigned, value)) else ""


def _unassigned(character: str) -> bool:
    category = unicodedata.category(character)
    return category == "Cs" or (category == "Cn" and ord(character) not in IDEOGRAPHIC_PLANES)


def remark(value: str) -> str:
    """The key of what a reader should know about this id, which is drawn all the same, or ""."""
    if ZERO_WIDTH.search(value):
        return "frames.id.invisible"
    return "frames.id.scientific" if SCIENTIFIC.fullmatch(value) else ""


def _faults(rows: Rows, field: str) -> list[Problem]:
    found = by_value(rows.table[field], fault)
    problems = []
    for key in sorted(set(found) - {""}):
        name = "frames.id.no_household" if (key, field) == ("frames.id.empty", "household") else key
        problems += rows.each(name, np.flatnonzero(found == key), field)
    remarks = by_value(rows.table[field], remark)
    for key in sorted(set(remarks) - {""}):
        problems += rows.each(key, np.flatnonzero(remarks == key), field, severity=REPORTED)
    return problems


def by_value(column: pd.Series, rule: Callable[[str], str]) -> np.ndarray:
    """A rule's answer for each cell, worked out once for each value."""
    codes, values = pd.factorize(column, use_na_sentinel=False)
    answers = np.array([rule(value) for value in values], dtype=object)
    return answers[codes] if len(values) else np.array([], dtype=object)


def _composed(value: str) -> str:
    return unicodedata.normalize("NFC", value)


def _twin_form(value: str) -> str:
    folded = ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", value)).casefold()
    return LEADING_ZEROS.sub("", folded)


def _alike(
    rows: Rows, field: str, scope: str, form: Callable[[str], str], key: str, **severity: str
) -> list[Problem]:
    """Ids of one village (or of the whole frame) that differ, but not once they are brought to `form`."""
    by = [scope, "form"] if scope else ["form"]
    ids = rows.table[[scope, field] if scope else [field]].drop_duplicates()
    ids = ids.assign(form=by_value(ids[field], form), first=ids.index)
    ids["first"] = ids.groupby(by, sort=False)["first"].transform("first")
    later = ids[ids["first"] != ids.index]
    if key == "frames.id.twins" and len(later):  # what is the same after NFC has been refused already
        first = rows.table[field].iloc[later["first"]]
        later = later[by_value(later[field], _composed) != by_value(first, _composed)]
    first_of = later["first"].to_dict()
    return rows.each(
        key, later.index, field, fields=lambda i: rows.other(first_of[i], field, beside=i), **severity
    )


def looks_like_identity(value: str) -> bool:
    """Whether this is an identity number: 18 characters with a right check digit, or the 15 of old ones.

    >>> looks_like_identity("99999919900101001T"), looks_like_identity("441481102201417")
    (True, False)
    """
    folded = unicodedata.normalize("NFKC", value).upper() if len(value) >= 15 else ""
    match = IDENTITY.fullmatch(folded)
    if match is None or not PROVINCES.fullmatch(match[1]) or (len(match[2]) == 4) != (len(match[5]) == 1):
        return False
    if not _is_date(match[2] if len(match[2]) == 4 else "19" + match[2], match[3], match[4]):
        return False
    return (
        len(folded) == 15 or INVENTED.fullmatch(folded) is not None or _check_character(folded) == folded[-1]
    )


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return 1850 <= int(year) <= 2100


def _check_character(number: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(CHECK_WEIGHTS, number[:17], strict=True))
    return CHECK_CHARACTERS[total % 11]


def identity_problems(rows: Rows) -> list[Problem]:
    """Identity numbers used as household ids: refused from 1 % on, because a ticket would give them away.

    An id that begins with its village's own id is a number of the village, whatever it looks like.
    """
    if not {"village", "household"} <= set(rows.table) or rows.table.empty:
        return []
    table = rows.table
    suspects = np.flatnonzero(
        by_value(table["household"], lambda v: "x" if looks_like_identity(v) else "") == "x"
    ).tolist()
    households, villages = table["household"].to_numpy(), table["village"].to_numpy()
    found = [i for i in suspects if not (villages[i] and households[i].startswith(villages[i]))]
    if not found:
        return []
    first = ", ".join(str(rows.row_of(i)) for i in found[:5])
    refused = len(found) >= IDENTITY_SHARE * len(table)
    key = "frames.id.identity" if refused else "frames.id.identity_few"
    severity = {} if refused else {"severity": REPORTED}
    fields = {"count": len(found), "total": len(table), "rows": first + (" …" if len(found) > 5 else "")}
    return [rows.problem(key, found[0], "household", fields=fields, **severity)]


def pseudonyms(values: Sequence[str], key: bytes) -> list[str]:
    """Keyed stand-ins for identity numbers: the first 20 hexadecimal digits of their HMAC-SHA256.

    The number is folded first (width, spaces, a small x), so that a roll typed anew gives the same
    household. An empty cell stays empty. Without the key, which stays in `restricted/`, nobody can try
    all numbers of a county.

    Raises
    ------
    ValueError
        If there is no key, or two numbers came to one pseudonym.
    """
    if not key:
        raise ValueError("pseudonym_key must be given where a column has pseudonym_of, got nothing")
    folded = ["".join(unicodedata.normalize("NFKC", value).upper().split()) for value in values]
    stand_in = {number: _pseudonym(number, key) for number in set(folded) - {""}}
    if len(set(stand_in.values())) < len(stand_in):
        raise ValueError("pseudonyms must differ, got one twice: take another key")
    return [stand_in.get(number, "") for number in folded]


def _pseudonym(number: str, key: bytes) -> str:
    return hmac.new(key, number.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[
        :PSEUDONYM_DIGITS
    ]
