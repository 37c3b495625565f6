"""Where a judged row ends: accepted, known already, conflicting, in quarantine, or blank."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sampling.findings.finding import Finding
from sampling.findings.judging import Judged
from sampling.findings.problems import to_record, wrong
from sampling.findings.state import (
    FINDING,
    QUARANTINED,
    SECOND_VISIT,
    VILLAGE_FORM,
    Event,
    State,
    canonical,
    content_hash,
)
from sampling.findings.store import Register
from sampling.words import Problem

ACCEPTED, KNOWN, CONFLICTING, WAITING, BLANK = "accepted", "known", "conflicting", "quarantined", "blank"
STATUSES = (ACCEPTED, KNOWN, CONFLICTING, WAITING, BLANK)
"""Where a returned row ends; each in exactly one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row stands: the file, its hash, and whether it tells of first visits or of second ones."""

    file: str
    sha256: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the register holds while files are taken in: its state, and what the vault knows of it."""

    state: State
    vault: Mapping[str, Mapping]

    @classmethod
    def open(cls, state: State, register: Register, villages: Iterable[str]) -> "Books":
        """The books on these villages; what the vault holds of them is read at once."""
        wanted = {
            payload["personal"]
            for payload in _payloads(state)
            if "personal" in payload and _village(payload) in set(villages)
        }
        return cls(state=state, vault=register.personal(wanted))

    def settle(self, judged: Judged, place: Place) -> tuple[str, Event | None]:
        """Where a judged row ends; an event that changes anything is applied to the state."""
        status, event = self.weigh(judged, place)
        if event:
            self.state.apply(event)
        return status, event

    def weigh(self, judged: Judged, place: Place) -> tuple[str, Event | None]:
        """Where a judged row ends, and the event that would say so; nothing is applied."""
        if judged.found is None and not judged.problems:
            return BLANK, None
        if judged.found is None:
            return self._waits(judged, place, WAITING)
        if isinstance(judged.found, Finding) and (doubt := self._same_team(judged, place)):
            return self._waits(replace(judged, problems=(doubt,)), place, WAITING)
        held = self._held(judged, place)
        if held is None:
            return ACCEPTED, _found_event(judged, place)
        if self._says_the_same(held, judged):
            return KNOWN, None
        return self._waits(replace(judged, problems=(_conflict(judged),)), place, CONFLICTING)

    def _waits(self, judged: Judged, place: Place, status: str) -> tuple[str, Event | None]:
        """Put a row in quarantine, once: the same row in another file is no news, settled or not."""
        event = waiting_event(judged, place, status)
        if earlier := self.refused(event):
            return (status if tuple(earlier["item"]) in self.state.waiting else KNOWN), None
        return status, event

    def refused(self, event: Event) -> Mapping | None:
        """The payload by which the same row was put aside before."""
        same = self.state.refused.get(content_hash(event.payload), ())
        private = canonical(event.personal)
        return next((p for p in same if self._private(p) in (None, private)), None)

    def _held(self, judged: Judged, place: Place) -> Mapping | None:
        """What the register holds about the same household or village."""
        if judged.expected is None:
            return self.state.villages.get(judged.village)
        table = self.state.second_visits if place.purpose == SECOND_VISIT else self.state.findings
        return table.get(judged.expected.key)

    def _says_the_same(self, held: Mapping, judged: Judged) -> bool:
        assert judged.found is not None
        content = held["finding" if isinstance(judged.found, Finding) else VILLAGE_FORM]
        same = canonical(content) == canonical(judged.found.to_dict())
        return same and self._private(held) in (None, canonical(judged.found.to_vault()))

    def _private(self, payload: Mapping) -> str | None:
        """What the vault holds of a payload; None where it was erased."""
        found = payload.get("private") or self.vault.get(payload.get("personal", ""))
        return None if found is None else canonical(found)

    def _same_team(self, judged: Judged, place: Place) -> Problem | None:
        """A second visit by those who made the first says nothing of how far inspectors agree."""
        assert isinstance(judged.found, Finding)
        if place.purpose != SECOND_VISIT or judged.found.key not in self.state.findings:
            return None
        first = self.state.findings[judged.found.key]["finding"]["inspectors"]
        both = set(first) & set(judged.found.inspectors)
        return wrong("second_same_team", judged.cells, "inspector_1") if both else None


def _payloads(state: State) -> Iterable[Mapping]:
    for table in (state.findings, state.second_visits, state.villages):
        yield from table.values()
    for payloads in state.refused.values():
        yield from payloads


def _village(payload: Mapping) -> str:
    part = payload.get("finding") or payload.get(VILLAGE_FORM) or payload
    return part["village"]


def _conflict(judged: Judged) -> Problem:
    name, field = ("conflicting", "household") if judged.expected else ("village_conflicting", "posting_days")
    return wrong(name, judged.cells, field)


def _found_event(judged: Judged, place: Place) -> Event:
    assert judged.found is not None
    kind = place.purpose if isinstance(judged.found, Finding) else VILLAGE_FORM
    name = FINDING if isinstance(judged.found, Finding) else VILLAGE_FORM
    return Event(
        kind=kind,
        payload={
            "file": place.file,
            "row": judged.row,
            "sha256": place.sha256,
            name: judged.found.to_dict(),
            "reminders": [to_record(problem) for problem in judged.reminders],
        },
        personal=json.loads(canonical(judged.found.to_vault())),
    )


def waiting_event(judged: Judged, place: Place, status: str) -> Event:
    """The event that puts a row, a cover or a whole file into quarantine."""
    one = judged.expected
    payload = {
        "file": place.file,
        "row": judged.row,
        "sha256": place.sha256,
        "purpose": place.purpose,
        "status": status,
        "item": list(judged.item),
        "serial": judged.cells.get("serial", ""),
        "list": one.list if one else "",
        "township": judged.township,
        "village": judged.village,
        "household": one.household if one else judged.cells.get("household", ""),
        "problems": [to_record(problem) for problem in judged.problems],
        "cells": judged.public_cells(),
    }
    return Event(kind=QUARANTINED, payload=payload, personal=judged.private_cells())
