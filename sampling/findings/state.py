"""What the register's events amount to: current findings, village forms, files seen, and what waits."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sampling.findings.expected import Key

FINDING, VILLAGE_FORM, QUARANTINED, FILE_RECEIVED = "finding", "village_form", "quarantined", "file_received"
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
    """The register at one moment. It is made by applying events in order, and by nothing else."""

    findings: dict[Key, Mapping] = field(default_factory=dict)
    villages: dict[str, Mapping] = field(default_factory=dict)
    files: dict[str, Mapping] = field(default_factory=dict)
    waiting: dict[Item, list[Mapping]] = field(default_factory=dict)
    refused: dict[str, Item] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Event]) -> "State":
        """The state after these events."""
        state = cls()
        for event in events:
            state.apply(event)
        return state

    def apply(self, event: Event) -> None:
        """Let one more event happen; a kind that this version does not know changes nothing here."""
        if event.kind == FINDING:
            self._found(event.payload)
        elif event.kind == VILLAGE_FORM:
            self.villages[event.payload["village_form"]["village"]] = event.payload
            self.waiting.pop(("village", event.payload["village_form"]["village"]), None)
        elif event.kind == QUARANTINED:
            self._wait(event.payload)
        elif event.kind == FILE_RECEIVED:
            self.files[event.payload["sha256"]] = event.payload
            self.waiting.pop(("file", event.payload["file"]), None)

    def _found(self, payload: Mapping) -> None:
        """A finding settles what waited about its household until now."""
        finding = payload["finding"]
        key = (finding["list"], finding["village"], finding["household"])
        self.findings[key] = payload
        self.waiting.pop(("household", *key), None)

    def _wait(self, payload: Mapping) -> None:
        """A newer wrong row takes the place of an older one; contradictions stay until they are settled."""
        item = tuple(payload["item"])
        earlier = self.waiting.get(item, [])
        kept = [e for e in earlier if e["status"] == "conflicting" or e["sha256"] == payload["sha256"]]
        self.waiting[item] = [*kept, payload]
        self.refused[content_hash(payload)] = item


def content_hash(payload: Mapping) -> str:
    """What a quarantined row says and whom it is about, whichever file it came in."""
    return hashlib.sha256(canonical([payload["item"], payload["cells"]]).encode()).hexdigest()


def canonical(value: object) -> str:
    """A value as the one JSON text that it has: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
