"""What the register's events amount to: current findings, village forms, files seen, and what waits."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sampling.findings.expected import Key

FINDING, VILLAGE_FORM, QUARANTINED, FILE_RECEIVED = "finding", "village_form", "quarantined", "file_received"
CORRECTION, REOPENED, DISMISSED, DECISION = "correction", "reopened", "dismissed", "decision"
SECOND_ENTRY, SECOND_VISIT = "second_entry", "second_visit"
PRINTED, ISSUED, SERIAL_VOID = "printed", "issued", "serial_void"
DRAW_VOID = "draw_void"
REPLY = "reply"
FOLLOWED = (REPLY,)
"""Kinds of event that say what became of findings afterwards; no figure of a report depends on one."""
Item = tuple[str, ...]
"""What a quarantined thing is about: ("household", list, village, household), ("village", village),
("row", village, row) where the household is unknown, or ("file", file)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, before it is stored: its kind and everything about it.

    `personal` is what tells who people are: it goes into the vault, and the stored payload has its hash only.
    """

    kind: str
    payload: Mapping
    personal: Mapping | None = None


@dataclass(slots=True, kw_only=True)
class State:
    """The register at one moment. It is made by applying events in order, and by nothing else.

    Each value is the payload of the event that says so; one that is not stored yet has its personal part
    under `private`, a stored one has the vault's hash of it under `personal`.

    Attributes
    ----------
    findings
        By household: the last finding or correction.
    second_visits, second_entries
        By household: what another team found; what somebody else typed from the same form.
    differing
        Households whose second entry says something else, until a third person has settled it.
    stock
        By serial: what became of its paper form.
    replies
        By problem: what the town answered last.
    """

    findings: dict[Key, Mapping] = field(default_factory=dict)
    second_visits: dict[Key, Mapping] = field(default_factory=dict)
    second_entries: dict[Key, Mapping] = field(default_factory=dict)
    decisions: dict[Key, Mapping] = field(default_factory=dict)
    villages: dict[str, Mapping] = field(default_factory=dict)
    files: dict[tuple[str, str], Mapping] = field(default_factory=dict)
    waiting: dict[Item, list[Mapping]] = field(default_factory=dict)
    refused: dict[str, list[Mapping]] = field(default_factory=dict)
    stock: dict[str, Mapping] = field(default_factory=dict)
    replies: dict[str, Mapping] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Event]) -> "State":
        """The state after these events."""
        state = cls()
        for event in events:
            state.apply(event)
        return state

    def apply(self, event: Event) -> None:
        """Let one more event happen; a kind that this version does not know changes nothing here."""
        if event.kind in CHANGES:
            private = {} if event.personal is None else {"private": event.personal}
            CHANGES[event.kind](self, {**event.payload, **private, "kind": event.kind})

    @property
    def differing(self) -> dict[Key, Mapping]:
        """Second entries that say something else than the first, until a correction settles it."""
        return {
            key: second
            for key, second in self.second_entries.items()
            if key in self.findings and self.findings[key]["kind"] == FINDING and second["differs"]
        }

    def _found(self, payload: Mapping) -> None:
        """A finding settles what waited about its household until now."""
        key = key_of(payload["finding"])
        self.findings[key] = payload
        self.waiting.pop(("household", *key), None)

    def _seen_again(self, payload: Mapping) -> None:
        self.second_visits[key_of(payload["finding"])] = payload

    def _entered_again(self, payload: Mapping) -> None:
        self.second_entries[key_of(payload["finding"])] = payload

    def _reopened(self, payload: Mapping) -> None:
        key = tuple(payload["key"])
        for held in (self.findings, self.second_entries, self.decisions):
            held.pop(key, None)

    def _decided(self, payload: Mapping) -> None:
        self.decisions[tuple(payload["key"])] = payload

    def _village_seen(self, payload: Mapping) -> None:
        self.villages[payload["village_form"]["village"]] = payload
        self.waiting.pop(("village", payload["village_form"]["village"]), None)

    def _arrived(self, payload: Mapping) -> None:
        self.files[payload["sha256"], payload["purpose"]] = payload
        self.waiting.pop(("file", payload["file"]), None)

    def _wait(self, payload: Mapping) -> None:
        """A newer wrong row takes the place of an older one; contradictions stay until they are settled."""
        item = tuple(payload["item"])
        earlier = self.waiting.get(item, [])
        kept = [e for e in earlier if e["status"] == "conflicting" or e["sha256"] == payload["sha256"]]
        self.waiting[item] = [*kept, payload]
        self.refused.setdefault(content_hash(payload), []).append(payload)

    def _dismissed(self, payload: Mapping) -> None:
        self.waiting.pop(tuple(payload["item"]), None)

    def _stocked(self, payload: Mapping) -> None:
        self.stock |= dict.fromkeys(payload["serials"], payload)

    def _replied(self, payload: Mapping) -> None:
        self.replies[payload["problem"]] = payload

    def _drawn_anew(self, _payload: Mapping) -> None:
        """The forms of a draw that does not count have serials that the next draw gives to others."""
        self.stock.clear()

    @property
    def anything_came_back(self) -> bool:
        """Whether any form was taken in, recorded or put aside."""
        return bool(self.findings or self.villages or self.files or self.waiting or self.refused)


CHANGES: Mapping[str, Callable[[State, Mapping], None]] = {
    FINDING: State._found,
    CORRECTION: State._found,
    SECOND_VISIT: State._seen_again,
    SECOND_ENTRY: State._entered_again,
    REOPENED: State._reopened,
    DECISION: State._decided,
    VILLAGE_FORM: State._village_seen,
    FILE_RECEIVED: State._arrived,
    QUARANTINED: State._wait,
    DISMISSED: State._dismissed,
    PRINTED: State._stocked,
    ISSUED: State._stocked,
    SERIAL_VOID: State._stocked,
    DRAW_VOID: State._drawn_anew,
    REPLY: State._replied,
}
"""What each kind of event does."""


def key_of(finding: Mapping) -> Key:
    """What a kept finding is about."""
    return (finding["list"], finding["village"], finding["household"])


def content_hash(payload: Mapping) -> str:
    """What a quarantined row says of whom, whichever file it came in; without the vault's part."""
    return hashlib.sha256(canonical([payload["item"], payload["cells"]]).encode()).hexdigest()


def canonical(value: object) -> str:
    """A value as the one JSON text that it has: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
