"""Reconciliation: everything adds up, whatever happened to the forms, and odd patterns are told."""

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from visits_stand_in import make_visits

from sampling.findings.patterns import patterns
from sampling.findings.reconciling import reconcile
from sampling.findings.state import Event, State
from sampling.findings.stock import STATES, issued_events, printed_events, stock_table, void_events
from sampling.findings.tables import FINDINGS
from sampling.forms import drawn_villages, numbered_households
from sampling.words import LANGUAGES, InputError, text

SAMPLE, _, _ = make_visits(villages=6, households=12)
NUMBERED = numbered_households(SAMPLE)
FORM_IDS = drawn_villages(SAMPLE).set_index("village")["form_id"]
SERIALS = list(NUMBERED["serial"])


def found(serial: str, outcome: str = "completed", **more: object) -> dict:
    """A finding as the register keeps it."""
    place = NUMBERED[NUMBERED["serial"] == serial].iloc[0]
    empty = {name: None if kind == "Int64" else "" for name, kind in FINDINGS.items() if name != "decision"}
    said = {"outcome": outcome, "signed": True, "inspectors": ["a", "b"], "date": "2026-06-03"}
    return (
        empty
        | {name: place[name] for name in ("serial", "list", "township", "village", "household")}
        | said
        | more
    )


def state_of(*events: Event) -> State:
    return State.of(events)


def finding(serial: str, **more: object) -> Event:
    return Event(kind="finding", payload={"finding": found(serial, **more)}, personal={"photos": ["1.jpg"]})


def waiting(serial: str) -> Event:
    place = found(serial)
    item = ["household", place["list"], place["village"], place["household"]]
    where = {name: place[name] for name in ("serial", "list", "township", "village", "household")}
    return Event(
        kind="quarantined",
        payload={**where, "item": item, "status": "quarantined", "sha256": "x", "cells": {}},
    )


@given(st.data())
def test_issued_is_returned_and_void_and_missing_and_drawn_is_with_a_result_and_without(data):
    some = st.sets(st.sampled_from(SERIALS))
    state, out, void, seen, waits = State(), *(data.draw(some) for _ in range(4))
    for event in printed_events(NUMBERED, FORM_IDS, state):
        state.apply(event)
    for event in issued_events(NUMBERED[NUMBERED["serial"].isin(out)], state, to="1"):
        state.apply(event)
    for event in void_events(NUMBERED, state, sorted(void), reason="r", by="n"):
        state.apply(event)
    for event in [*map(finding, sorted(seen)), *map(waiting, sorted(waits - seen))]:
        state.apply(event)
    table = reconcile(NUMBERED, state, vault={})
    forms, households = table.forms.sum(numeric_only=True), table.households.sum(numeric_only=True)
    assert forms["printed"] == len(SERIALS) == forms["in_stock"] + forms["issued"]
    assert forms["issued"] == forms["returned"] + forms["void"] + forms["missing"]
    back = seen | waits
    assert forms["returned"] == len(back) and forms["void"] == len(void - back)
    assert set(table.missing["serial"]) == out - void - back
    assert households["drawn"] == len(SERIALS) == households["found"] + households["outstanding"]
    assert (households["found"], households["waiting"]) == (len(seen), len(waits - seen))


def test_printing_and_issuing_twice_changes_nothing():
    printed = printed_events(NUMBERED, FORM_IDS, State())
    assert sorted(serial for event in printed for serial in event.payload["serials"]) == SERIALS
    state = state_of(*printed)
    assert printed_events(NUMBERED, FORM_IDS, state) == []
    state = state_of(*printed, *issued_events(NUMBERED, state, to="1"))
    assert issued_events(NUMBERED, state, to="2") == []
    assert set(stock_table(NUMBERED, state)["to"]) == {"1"}


def test_all_wrong_serials_are_named_at_once_when_forms_are_declared_void():
    state = state_of(finding("00001"))
    with pytest.raises(InputError) as refused:
        void_events(NUMBERED, state, ["00001", "99999", "00002"], reason="r", by="n")
    assert [problem.key for problem in refused.value.problems] == [
        "reconcile.void_unknown",
        "reconcile.void_returned",
    ]


def test_a_photo_that_is_named_and_did_not_come_is_missed():
    event = finding("00001")
    stored = Event(kind=event.kind, payload={**event.payload, "personal": "h"})
    vault = {"h": {"photos": ["1.jpg", "2.JPG"]}}
    arrival = {"file": "2.jpg", "sha256": "s", "purpose": "finding", "state": "paper"}
    state = state_of(stored, Event(kind="file_received", payload=arrival))
    assert reconcile(NUMBERED, state, vault=vault).papers.to_dict("records") == [
        {"serial": "00001", "file": "1.jpg"}
    ]
    assert {"returned", *STATES} <= set(reconcile(NUMBERED, state, vault=vault).forms)


def visits(number: int, **more: object) -> pd.DataFrame:
    """Ordinary visits of one team: half an hour each, incomes that nobody would think invented."""
    chance = random.Random(number)
    rows = []
    for place in range(number):
        start = 8 * 60 + (place % 12) * 40
        rows.append(
            dict.fromkeys(FINDINGS, "")
            | {
                "serial": f"{place:05d}",
                "village": f"v{place // 12}",
                "outcome": "completed",
                "verdict": "correct",
            }
            | {"arrive": _clock(start), "leave": _clock(start + 30), "date": f"2026-06-{1 + place // 12:02d}"}
            | {f"income_{kind}_fen": None for kind in ("business", "property", "transfers")}
            | {"inspectors": "a;b", "income_wages_fen": chance.randrange(20000, 90000, 100)}
            | {name: None for name in ("amount_paid_fen", "persons_found")}
            | {name: value(place) if callable(value) else value for name, value in more.items()}
        )
    return pd.DataFrame(rows)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def other_team(number: int) -> pd.DataFrame:
    return visits(
        number,
        inspectors="c;d",
        serial=lambda place: f"x{place}",
        verdict=lambda place: "ineligible" if place % 5 == 0 else "correct",
    )


def told(table: pd.DataFrame) -> set[str]:
    return {pattern.pattern for pattern in patterns(table)}


def test_ordinary_visits_call_for_nothing():
    assert told(visits(60, verdict=lambda p: "ineligible" if p % 5 == 0 else "correct")) == set()


@pytest.mark.parametrize(
    ("odd", "name"),
    [
        ({"leave": lambda place: _clock(8 * 60 + (place % 12) * 40 + 3)}, "pace"),
        ({"arrive": "09:00", "leave": "09:40"}, "two_places"),
        ({"income_wages_fen": lambda place: 45600 if place < 3 else 20300 + 700 * place}, "copies"),
        ({"income_wages_fen": lambda place: 30700 + 1000 * place}, "digits"),
        ({"outcome": lambda place: "absent" if place % 2 else "completed"}, "absent"),
        ({"verdict": "correct"}, "no_errors"),
    ],
)
def test_a_pattern_is_told_of_the_team_that_shows_it_and_worded_in_both_languages(odd, name):
    usual = {"verdict": lambda place: "ineligible" if place % 5 == 0 else "correct"}
    table = pd.concat([visits(60, **(usual | odd)), other_team(60)], ignore_index=True)
    shown = [pattern for pattern in patterns(table) if pattern.pattern == name]
    assert shown and {member for pattern in shown for member in pattern.team.split(";")} <= {"a", "b"}
    for pattern in shown:
        for lang in LANGUAGES:
            assert text(f"reconcile.pattern.{name}", lang, **pattern.figures)
