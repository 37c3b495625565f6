"""Which drawn household a row of somebody's table is about: by serial, QR code, or village and household.

A workbook that was given out says whose it is; a table only claims it, row by row. A row whose claim does not
hold waits in quarantine, and the other rows are taken.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sampling.findings.expected import Expected, Issued, identify, same_id, serial_of, written_list
from sampling.findings.problems import wrong
from sampling.forms.serials import FormCode, read_code
from sampling.words import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a table says of where its rows are from; `code` is the text of the form's QR code."""

    campaign: str
    village: str
    code: str = ""


def claimed(
    row: Mapping[str, str], claim: Claim, issued: Issued, *, campaign: str, villages: Collection[str]
) -> tuple[Expected | None, list[Problem]]:
    """The household that a row claims to be about, and what speaks against it.

    Parameters
    ----------
    row
        The fields of the form as text.
    claim
        What else the table says of the row.
    issued
        What was given out.
    campaign, villages
        This campaign, and the villages that are drawn.

    Returns
    -------
    Expected or None, list of Problem
        The best guess, also where there are problems.
    """
    code = read_code(claim.code)
    if strange := _strange(row, claim, code, issued, campaign):
        return None, [strange]
    if serial_of(row["serial"]):
        return _by_serial(row, claim.village, issued, villages)
    return _by_place(row, claim.village, issued, villages)


def village_problem(village: str, villages: Collection[str]) -> Problem | None:
    """What is wrong with a village that a table names; nothing where it is drawn."""
    return (
        None
        if village in villages
        else Problem(key="findings.village_unknown", column="village", value=village)
    )


def _strange(
    row: Mapping[str, str], claim: Claim, code: FormCode | None, issued: Issued, campaign: str
) -> Problem | None:
    """Why a row is not of this campaign, or its code of no form of this draw."""
    if claim.campaign not in ("", campaign, campaign.replace("/", "_")):
        fields = {"campaign": campaign}
        return Problem(key="findings.row_of_another", column="serial", value=claim.campaign, fields=fields)
    if claim.code and code is None:
        return Problem(key="findings.code_unreadable", column="serial", value=claim.code)
    one = issued.by_serial.get(code.serial) if code else None
    if code and one and one.ticket and code.ticket != one.ticket:
        return wrong("code_of_another_draw", row, "serial")
    return None


def _by_serial(
    row: Mapping[str, str], village: str, issued: Issued, villages: Collection[str]
) -> tuple[Expected | None, list[Problem]]:
    """The serial says which household it is; village and household, where they are said, must agree."""
    one = issued.by_serial.get(serial_of(row["serial"]))
    if one is None:
        return identify(row, issued, village=village)
    if village and not same_id(one.village, village) and village not in villages:
        return one, [p for p in [village_problem(village, villages)] if p]
    within = one.village if not village or same_id(one.village, village) else village
    return identify({**row, "household": row["household"] or one.household}, issued, village=within)


def _by_place(
    row: Mapping[str, str], village: str, issued: Issued, villages: Collection[str]
) -> tuple[Expected | None, list[Problem]]:
    """Without a serial: the drawn household of this number, of the list that is named or the only one."""
    if not village or not row["household"]:
        return None, [wrong("missing", row, "serial" if not village else "household")]
    if problem := village_problem(village, villages):
        return None, [problem]
    found = issued.by_place.get((village, row["household"]), ())
    if row["list"].strip():
        found = tuple(one for one in found if one.list == written_list(row))
    if not found:
        return None, [wrong("household_not_drawn", row, "household")]
    return (found[0], []) if len(found) == 1 else (None, [wrong("list_unsaid", row, "list")])
