"""What the recording form works with, and what of the work is done and what is not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sampling.findings.expected import Expected
from sampling.findings.judging import Desk
from sampling.findings.recorder_search import Papers
from sampling.findings.recorder_seconds import seconds_to_enter
from sampling.findings.state import Item, State
from sampling.findings.store import Register
from sampling.words import text

DONE, MISSING, IN_DOUBT, SECOND, DIFFERS = "done", "missing", "in_doubt", "second", "differs"


@dataclass(frozen=True, kw_only=True)
class Office:
    """One campaign's desk, register and forms, and how its people are spoken to.

    Attributes
    ----------
    given
        By serial, what a form shows of its household before it is filled in: restricted.
    places
        The name of each village with its town.
    marks
        What every page of this campaign says: "synthetic", "rehearsal".
    share
        Of the forms typed here, how many are typed a second time by somebody else.
    now
        Gives the time, ISO 8601 with zone.
    noted
        Called after each event: the register's head is written down outside of it.
    """

    desk: Desk
    register: Register
    papers: Papers
    given: Mapping[str, Mapping[str, str]]
    places: Mapping[str, str]
    marks: tuple[str, ...]
    share: Fraction
    lang: str
    now: Callable[[], str]
    noted: Callable[[], object]

    def say(self, name: str, **fields: object) -> str:
        """A word of the recording form in the reader's language."""
        return text(f"recorder.{name}", self.lang, **fields)

    def place(self, village: str) -> str:
        """A village as people know it."""
        return self.places.get(village) or village

    def household(self, one: Expected) -> str:
        """A household in one line: its serial, whose it is, its number."""
        shown = self.given.get(one.serial, {})
        parts = (one.serial, shown.get("household_name", ""), one.household, self._kind(shown, one))
        return " · ".join(part for part in parts if part)

    def _kind(self, shown: Mapping[str, str], one: Expected) -> str:
        return shown.get("list", one.list) if one.list else ""

    def waiting(self, state: State) -> list[tuple[Item, Mapping[str, Any]]]:
        """Everything that waits, each with what it is about; villages in order."""
        entries = [(item, payload) for item, payloads in state.waiting.items() for payload in payloads]
        return sorted(entries, key=lambda one: (one[1]["village"], one[1]["serial"], one[1]["row"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The state of every form that went out, by serial."""

    status: Mapping[str, str]
    waiting: int

    @classmethod
    def of(cls, office: Office, state: State) -> "Work":
        """How far the work is, as the register has it."""
        second = set(seconds_to_enter(state, office.papers, office.share))
        status = {serial: _status(one, state, second) for serial, one in office.desk.issued.by_serial.items()}
        return cls(status=status, waiting=sum(len(entries) for entries in state.waiting.values()))

    def count(self, *wanted: str) -> int:
        """How many forms are in one of these states."""
        return sum(status in wanted for status in self.status.values())

    @property
    def recorded(self) -> int:
        """Forms that a finding is recorded for."""
        return self.count(DONE, SECOND, DIFFERS)

    @property
    def outstanding(self) -> int:
        """Forms without a finding."""
        return len(self.status) - self.recorded


def _status(one: Expected, state: State, second: set[str]) -> str:
    if one.key in state.findings:
        if one.key in state.differing:
            return DIFFERS
        return SECOND if one.serial in second else DONE
    return IN_DOUBT if ("household", *one.key) in state.waiting else MISSING
