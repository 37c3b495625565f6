"""The stock of numbered forms: printed, issued, returned, void, missing. It has to add up."""

from collections.abc import Mapping, Sequence

import pandas as pd

from sampling.findings.state import ISSUED, PRINTED, SERIAL_VOID, Event, State
from sampling.words import InputError, Problem

IN_STOCK, RETURNED, VOID, MISSING = "in_stock", "returned", "void", "missing"
STATES = (IN_STOCK, RETURNED, VOID, MISSING)
"""Where a printed form is; each in exactly one of them. All but those in stock were issued."""


def stock_table(numbered: pd.DataFrame, state: State) -> pd.DataFrame:
    """Where each numbered form is.

    Parameters
    ----------
    numbered
        The rows of `numbered_households`.
    state
        Of the register.

    Returns
    -------
    DataFrame
        serial, list, township, village, household, to (the team that has it, or empty), state, as STATES.
        A form that is void and came back nevertheless is returned. One that is not printed is in stock.
    """
    came_back = _came_back(state)
    held = [state.stock.get(serial, {}) for serial in numbered["serial"]]
    pairs = zip(numbered["serial"], held, strict=True)
    states = [_state(payload, serial in came_back) for serial, payload in pairs]
    columns = ["serial", "list", "township", "village", "household"]
    return numbered[columns].assign(to=[payload.get("to", "") for payload in held], state=states)


def _came_back(state: State) -> set[str]:
    """The serials of all forms that came back, taken or waiting."""
    found = {payload["finding"]["serial"] for payload in state.findings.values()}
    return found | {payload["serial"] for entries in state.waiting.values() for payload in entries}


def _state(payload: Mapping, returned: bool) -> str:
    if returned:
        return RETURNED
    return {ISSUED: MISSING, SERIAL_VOID: VOID}.get(payload.get("kind", PRINTED), IN_STOCK)


def printed_events(numbered: pd.DataFrame, form_ids: pd.Series, state: State) -> list[Event]:
    """Forms that were made, a village each; those that were printed before are not printed anew.

    Parameters
    ----------
    numbered
        The households that forms were made for.
    form_ids
        The form number by village.
    """
    new = numbered[~numbered["serial"].isin(state.stock)]
    return [
        Event(
            kind=PRINTED,
            payload={"village": village, "form_id": form_ids[village], "serials": list(serials)},
        )
        for village, serials in new.groupby("village", sort=False)["serial"]
    ]


def issued_events(numbered: pd.DataFrame, state: State, *, to: str) -> list[Event]:
    """Forms that go out to a team, a village each; those that are out already, or void, stay so."""
    out = {serial for serial, payload in state.stock.items() if payload["kind"] != PRINTED}
    going = numbered[~numbered["serial"].isin(out)]
    return [
        Event(kind=ISSUED, payload={"village": village, "serials": list(serials), "to": to})
        for village, serials in going.groupby("village", sort=False)["serial"]
    ]


def void_events(
    numbered: pd.DataFrame, state: State, serials: Sequence[str], *, reason: str, by: str
) -> list[Event]:
    """Forms that are spoilt or lost, and shall not come back any more.

    Raises
    ------
    InputError
        With every serial that is not known, or whose form came back already.
    """
    village_of = dict(zip(numbered["serial"], numbered["village"], strict=True))
    came_back = _came_back(state)
    problems = [Problem(key="reconcile.void_unknown", value=one) for one in serials if one not in village_of]
    problems += [Problem(key="reconcile.void_returned", value=one) for one in serials if one in came_back]
    if problems:
        raise InputError(problems)
    chosen = pd.Series(list(serials), dtype="str")
    return [
        Event(
            kind=SERIAL_VOID,
            payload={"village": village, "serials": list(part), "reason": reason, "by": by},
        )
        for village, part in chosen.groupby(chosen.map(village_of), sort=False)
    ]
