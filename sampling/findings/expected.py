"""What was asked for: the drawn households with their serials, and which of them a returned row is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from sampling.codes import ROLL, code_of
from sampling.findings.problems import wrong
from sampling.forms import issued_households, numbered_households
from sampling.words import Problem, fold

PLACE = ("serial", "list", "township", "village", "household")
Key = tuple[str, str, str]
"""List, village and household: what a finding is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One drawn household as its form was given out; the amount is what the roll says, if it is known.

    `area` (rural, urban) and `category` say which standard counts for it; empty where the roll does not say.
    `ticket` is what the QR code of its form has beside the serial: a code of another draw has another one.
    """

    serial: str
    list: str
    township: str
    village: str
    household: str
    amount_paid_fen: int | None = None
    area: str = ""
    category: str = ""
    ticket: str = ""

    @property
    def key(self) -> Key:
        """What a finding about this household is filed under."""
        return (self.list, self.village, self.household)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """All households that forms were given out for."""

    by_serial: Mapping[str, Expected]
    by_place: Mapping[tuple[str, str], tuple[Expected, ...]]

    @classmethod
    def of(cls, households: Iterable[Expected]) -> "Issued":
        """The same households by serial, and by village and household."""
        by_serial: dict[str, Expected] = {}
        by_place: dict[tuple[str, str], tuple[Expected, ...]] = {}
        for one in households:
            by_serial[one.serial] = one
            place = (one.village, one.household)
            by_place[place] = (*by_place.get(place, ()), one)
        return cls(by_serial=by_serial, by_place=by_place)


def read_issued(sample: pd.DataFrame, roll: pd.DataFrame | None, lists: Mapping[str, pd.DataFrame]) -> Issued:
    """The households that forms can have gone out for; with the roll, also what each of them is paid.

    Those that a reserve replaced are among them: what was found there says why they were replaced.
    """
    table = numbered_households(sample) if roll is None else issued_households(sample, roll, lists)
    known = table.reindex(columns=[*PLACE, "ticket", "amount_fen", "programme", "category"])
    return Issued.of(_expected(row) for row in known.to_dict("records"))


def _expected(row: Mapping) -> Expected:
    amount, programme, category = row["amount_fen"], row["programme"], row["category"]
    return Expected(
        **{field: row[field] for field in (*PLACE, "ticket")},
        amount_paid_fen=None if pd.isna(amount) else int(amount),
        area="" if pd.isna(programme) else code_of("programme", programme) or "",
        category="" if pd.isna(category) else code_of("category", category) or category,
    )


def identify(
    row: Mapping[str, str], issued: Issued, *, village: str
) -> tuple[Expected | None, list[Problem]]:
    """Which drawn household a row is about, and what speaks against it.

    Serial and household must name the same. Where they do not, the household counts: a serial is more
    easily copied into the wrong row than a household's number is.

    Parameters
    ----------
    row
        The fields of the form as text.
    issued
        What was given out.
    village
        The village of the form.

    Returns
    -------
    Expected or None, list of Problem
        The best guess, also where there are problems.
    """
    serial = serial_of(row["serial"])
    numbered, named = issued.by_serial.get(serial), _named(row, issued, village)
    if not serial:
        return named, [wrong("missing", row, "serial")]
    if numbered is None:
        return named, [wrong("serial_unknown", row, "serial")]
    if numbered.village != village:
        return named, [wrong("serial_elsewhere", row, "serial", village=numbered.village)]
    mangled = named is None and same_id(numbered.household, row["household"])
    if mangled or numbered.household == row["household"]:
        return numbered, []
    if named is None:
        return numbered, [wrong("household_unknown", row, "household", expected=numbered.household)]
    return named, [wrong("serial_of_another", row, "serial", household=numbered.household)]


def written_list(row: Mapping[str, str]) -> str:
    """The list that a row says it belongs to, by its label; the roll where it says nothing known."""
    name = code_of("list", row["list"]) or row["list"]
    return ROLL if name in ("", "roll") else name


def _named(row: Mapping[str, str], issued: Issued, village: str) -> Expected | None:
    candidates = issued.by_place.get((village, row["household"]), ())
    same_list = [one for one in candidates if one.list == written_list(row)]
    return next(iter([*same_list, *candidates]), None)


def same_id(known: str, written: str) -> bool:
    """Whether an id beside a serial is meant: a spreadsheet that took it for a number has eaten its zeros."""
    plain = fold(written)
    return written == known or plain == known or (plain.isdigit() and plain == known.lstrip("0"))


def serial_of(written: str) -> str:
    """A serial as it was given out: a spreadsheet that took it for a number has eaten its zeros."""
    plain = fold(written)
    return plain.zfill(5) if plain.isascii() and plain.isdigit() else plain
