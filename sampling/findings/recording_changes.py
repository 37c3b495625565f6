"""What happens to a finding once it is recorded: corrected, settled, reopened, decided; and dismissals.

Every function is one transaction. Who acts, and where it is asked for why, must be said.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sampling.codes import DECISIONS
from sampling.findings.expected import Key
from sampling.findings.judging import Desk
from sampling.findings.reading import Row
from sampling.findings.recording import (
    Recorded,
    appended,
    dismissal,
    entry_held,
    entry_of,
    finding_in,
    judge_entry,
    mark_of,
    payload_of,
    same_person,
    told,
    unnamed,
    vault_part,
)
from sampling.findings.state import CORRECTION, DECISION, REOPENED, Event, Item, State
from sampling.findings.store import Register
from sampling.findings.weighing import ACCEPTED, KNOWN
from sampling.words import REFUSED, Problem


def correct(
    desk: Desk,
    register: Register,
    row: Row,
    members: Sequence[Row],
    *,
    replaces: str,
    reason: str,
    by: str,
    time: str,
) -> Recorded:
    """Replace a finding by what should have been recorded; the old one stays in the chain.

    Parameters
    ----------
    replaces
        `mark_of` the finding as it was shown: what somebody else has changed since is not overwritten unseen.
    reason, by
        Why, and who says so.

    Notes
    -----
    While two entries of the form differ, neither of the two who made them may correct it; see `settle`.
    """

    def unfit(state: State, key: Key) -> tuple[Problem, ...]:
        return (*_not_replaceable(state, key, replaces), *_party(state, key, by))

    return _replace(desk, register, row, members, unfit=unfit, reason=reason, by=by, time=time)


def settle(
    desk: Desk,
    register: Register,
    row: Row,
    members: Sequence[Row],
    *,
    replaces: str,
    reason: str,
    by: str,
    time: str,
) -> Recorded:
    """Settle the difference between first and second entry, by somebody who made neither.

    Parameters are those of `correct`; what is said may be the first, the second or neither of the two.
    """

    def unfit(state: State, key: Key) -> tuple[Problem, ...]:
        settled = () if key in state.differing else (told("nothing_to_settle"),)
        return (*settled, *_not_replaceable(state, key, replaces), *_party(state, key, by))

    return _replace(desk, register, row, members, unfit=unfit, reason=reason, by=by, time=time)


def reopen(register: Register, key: Key, *, reason: str, by: str, time: str) -> Recorded:
    """Take a finding back: the household is to be visited or recorded anew."""
    payload = {"key": list(key), "village": key[1], "reason": reason.strip(), "by": by.strip()}

    def unfit(state: State) -> tuple[Problem, ...]:
        return () if key in state.findings else (told("nothing_recorded"),)

    event = Event(kind=REOPENED, payload=payload)
    return _add(register, event, unfit, unnamed(by=by, reason=reason), by=by, time=time)


def decide(
    register: Register, key: Key, decision: str, *, reason: str, by: str, day: str, time: str
) -> Recorded:
    """Record what the county made of a recommendation; a later decision takes the place of an earlier one.

    Parameters
    ----------
    decision
        accepted, changed or dropped.
    reason
        Why; may be empty where the recommendation is accepted as it is.
    day
        The day of the decision (ISO 8601): not before the visit, not after `time`.
    """
    if decision not in DECISIONS:
        raise ValueError(f"decision must be one of {', '.join(DECISIONS)}, got {decision!r}")
    payload = {"key": list(key), "village": key[1], "decision": decision, "reason": reason.strip()}
    event = Event(kind=DECISION, payload={**payload, "by": by.strip(), "date": day})

    def unfit(state: State) -> tuple[Problem, ...]:
        if key not in state.findings:
            return (told("nothing_recorded"),)
        visited = state.findings[key]["finding"]["date"]
        return () if _is_between(visited, day, time) else (told("bad_day"),)

    refusing = unnamed(by=by, reason=reason if decision != "accepted" else None)
    return _add(register, event, unfit, refusing, by=by, time=time)


def dismiss(register: Register, item: Item, *, reason: str, by: str, time: str) -> Recorded:
    """Put aside for good what waits in quarantine or as a conflict."""
    if refusing := unnamed(by=by, reason=reason):
        return Recorded(status=REFUSED, problems=refusing)
    with register.writing() as writer:
        if item not in writer.state.waiting:
            return Recorded(status=REFUSED, problems=(told("nothing_waiting"),))
        event = dismissal(writer.state, item, reason=reason, by=by)
        return appended(Recorded(status=ACCEPTED), (event,), writer, by=by, time=time)


def _replace(
    desk: Desk,
    register: Register,
    row: Row,
    members: Sequence[Row],
    *,
    unfit: Callable[[State, Key], tuple[Problem, ...]],
    reason: str,
    by: str,
    time: str,
) -> Recorded:
    judged = judge_entry(desk, row, members, time=time)
    if refusing := (*unnamed(by=by, reason=reason), *judged.problems):
        return Recorded(status=REFUSED, problems=refusing, reminders=judged.reminders)
    found = finding_in(judged)
    with register.writing() as writer:
        state = writer.state
        if problems := unfit(state, found.key):
            return Recorded(status=REFUSED, problems=problems, reminders=judged.reminders)
        held = state.findings[found.key]
        if found.key not in state.differing and entry_held(held, register) == entry_of(found):
            return Recorded(status=KNOWN, reminders=judged.reminders)
        payload = payload_of(judged) | {"reason": reason.strip(), "by": by.strip(), "replaces": mark_of(held)}
        event = Event(kind=CORRECTION, payload=payload, personal=vault_part(found))
        done = Recorded(status=ACCEPTED, reminders=judged.reminders)
        return appended(done, (event,), writer, by=by, time=time)


def _not_replaceable(state: State, key: Key, replaces: str) -> tuple[Problem, ...]:
    held = state.findings.get(key)
    if held is None:
        return (told("nothing_recorded"),)
    return () if mark_of(held) == replaces else (told("changed_meanwhile"),)


def _party(state: State, key: Key, by: str) -> tuple[Problem, ...]:
    """Who made one of two entries that differ does not judge between them."""
    if key not in state.differing:
        return ()
    entries = (state.findings[key], state.second_entries[key])
    party = any(same_person(by, one.get("by", "")) for one in entries)
    return (told("third_person"),) if party else ()


def _add(
    register: Register,
    event: Event,
    unfit: Callable[[State], tuple[Problem, ...]],
    refusing: tuple[Problem, ...],
    *,
    by: str,
    time: str,
) -> Recorded:
    """Add an event that is about a finding, if the register is as it must be."""
    if refusing:
        return Recorded(status=REFUSED, problems=refusing)
    with register.writing() as writer:
        if problems := unfit(writer.state):
            return Recorded(status=REFUSED, problems=problems)
        return appended(Recorded(status=ACCEPTED), (event,), writer, by=by, time=time)


def _is_between(visited: str, day: str, time: str) -> bool:
    try:
        decided = date.fromisoformat(day)
    except ValueError:
        return False
    return date.fromisoformat(visited) <= decided <= datetime.fromisoformat(time).date()
