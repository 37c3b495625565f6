"""Whether a file tells who people are: names, identity numbers, accounts and phones, wherever in it."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from sampling.documents.model import PUBLIC, RESTRICTED
from sampling.documents.opened import Text, UnreadableError, texts_in
from sampling.documents.public import NOTICE
from sampling.frames.ids import looks_like_identity

NAME, IDENTITY, ACCOUNT, PHONE, UNREADABLE = KINDS = ("name", "identity", "account", "phone", "unreadable")
MASK = "…"
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u180e\u200e\u200f"))
RUN = re.compile(r"(?<![0-9A-Za-z])(?<!\d\.)\d+[XxTt]?(?![0-9A-Za-z])(?!\.\d)")
"""Digits that stand alone: not part of a word, a hash, or a number with decimals."""
GROUPS = re.compile(r"(?<![0-9A-Za-z.])\d+(?:[ -]\d+)+(?:[ -]?[XxTt])?(?![0-9A-Za-z])")
"""Digits in groups, as a card or a phone is written."""
MOBILE = re.compile(r"1[3-9]\d{9}")
ACCOUNT_DIGITS = range(16, 20)
MOST_GROUPS = 6
SHORTEST_NUMBER, SHORTEST_NAME = 7, 2
"""A shorter number, or a name of one sign, is everywhere: it cannot be told apart from others."""
NAME_HEADER = re.compile("姓名|开户人|户主|_name$")


@dataclass(frozen=True, kw_only=True)
class Leak:
    """Something that should not stand where it does; `sign` tells it apart without repeating it."""

    kind: str
    place: str
    sign: str


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What a file may hold all the same: names at all, and these numbers (an office's hotlines, the seed)."""

    names: bool = False
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Who the people of a campaign are; `numbers` by the kind that each is."""

    names: frozenset[str]
    numbers: Mapping[str, str]
    _starts: re.Pattern[str] = field(init=False, repr=False)
    _lengths: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = "".join(sorted({re.escape(name[0]) for name in self.names})) or "(?!)"
        pattern = f"[{starts}]" if self.names else starts
        object.__setattr__(self, "_starts", re.compile(pattern))
        object.__setattr__(self, "_lengths", tuple(sorted({len(name) for name in self.names})))

    def names_in(self, text: str) -> Iterator[str]:
        """The names that stand in a text."""
        for found in self._starts.finditer(text):
            start = found.start()
            for length in self._lengths:
                if text[start : start + length] in self.names:
                    yield text[start : start + length]


def secrets_of(tables: Iterable[pd.DataFrame], *, words: str) -> Secrets:
    """The names and numbers of rolls and lists.

    Parameters
    ----------
    tables
        With columns identity, account, phone, and names under any header that says so.
    words
        Text that is no secret: names of places, what the program itself says. A name that stands in it cannot
        be told apart from it and is not looked for.
    """
    names: set[str] = set()
    numbers: dict[str, str] = {}
    for table in tables:
        for column in table.columns:
            if NAME_HEADER.search(column) and column not in ("village_name", "township_name"):
                names |= {normal(str(name)).strip() for name in table[column].dropna().unique()}
            if column in (IDENTITY, ACCOUNT, PHONE):
                found = {digits_of(str(value)) for value in table[column].dropna().unique()}
                numbers |= dict.fromkeys((one for one in found if len(one) >= SHORTEST_NUMBER), column)
    known = normal(words)
    names = {name for name in names if len(name) >= SHORTEST_NAME and name not in known}
    return Secrets(names=frozenset(names), numbers=numbers)


def allowed_for(tier: str, stem: str, numbers: Iterable[str]) -> Allowed:
    """What a file of this tier and name may hold; `numbers` are those that may stand everywhere."""
    names = tier == RESTRICTED or (tier == PUBLIC and stem.startswith(NOTICE))
    return Allowed(names=names, numbers=frozenset(map(digits_of, numbers)))


def scan(name: str, data: bytes, secrets: Secrets, allowed: Allowed) -> list[Leak]:
    """Look for people in a file.

    Parameters
    ----------
    name, data
        The file; its name is looked at too.
    secrets
        Whom to look for; identity numbers, mobile phones and what looks like an account are found whoever's
        they are.
    allowed
        What it may hold.

    Returns
    -------
    leaks
        Each once for each place; a file that cannot be opened is one too.
    """
    found: dict[Leak, None] = {}
    try:
        for text in texts_in(name, data):
            for kind, secret in _secrets_in(text, secrets, allowed):
                sign = hashlib.sha256(secret.encode()).hexdigest()[:8]
                found[Leak(kind=kind, place=_masked(text.place, secrets), sign=sign)] = None
    except UnreadableError as error:
        found[Leak(kind=UNREADABLE, place=str(error), sign="")] = None
    return list(found)


def _masked(place: str, secrets: Secrets) -> str:
    """Where it stands, without what must not be said again: a file can have somebody's name."""
    words = normal(place)
    for name in sorted(secrets.names_in(words), key=len, reverse=True):
        words = words.replace(name, MASK)
    return RUN.sub(lambda run: MASK if len(run[0]) >= SHORTEST_NUMBER else run[0], words)


def _secrets_in(text: Text, secrets: Secrets, allowed: Allowed) -> Iterator[tuple[str, str]]:
    words = normal(text.words)
    if not allowed.names:
        for name in secrets.names_in(words):
            yield NAME, name
    for run in RUN.findall(words):
        digits = digits_of(run)
        kind = secrets.numbers.get(digits) or ("" if text.coded else _kind(digits))
        if kind and digits not in allowed.numbers:
            yield kind, digits
    for groups in GROUPS.findall(words):
        yield from _joined(re.split("[ -]", groups), secrets, allowed)


def _kind(digits: str) -> str:
    """What a number is whoever's it is; empty for one like any other."""
    if looks_like_identity(digits):
        return IDENTITY
    if MOBILE.fullmatch(digits):
        return PHONE
    return ACCOUNT if digits.isdigit() and len(digits) in ACCOUNT_DIGITS else ""


def _joined(groups: list[str], secrets: Secrets, allowed: Allowed) -> Iterator[tuple[str, str]]:
    """Numbers of the roll, and identity numbers, that are written in groups."""
    for start in range(len(groups)):
        for end in range(start + 2, min(start + MOST_GROUPS, len(groups)) + 1):
            digits = digits_of("".join(groups[start:end]))
            if digits in secrets.numbers and digits not in allowed.numbers:
                yield secrets.numbers[digits], digits


def normal(text: str) -> str:
    """A text as it reads: full width as half, without signs that nobody sees."""
    return unicodedata.normalize("NFKC", text.translate(INVISIBLE))


def digits_of(number: str) -> str:
    """A number without what stands between its digits, its letter large."""
    return re.sub(r"[^0-9XT]", "", normal(number).upper())
