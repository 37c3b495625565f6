"""Recording a village's own form at the desk: posting, meeting, files, neighbours; and correcting it."""

import json
from collections.abc import Mapping
from dataclasses import replace

from sampling.findings.judging import Desk, Judged
from sampling.findings.problems import wrong
from sampling.findings.recording import NO_FILE, Recorded, appended, told, unnamed
from sampling.findings.state import VILLAGE_FORM, Event, canonical
from sampling.findings.store import Register
from sampling.findings.village import VillageForm, check_village
from sampling.findings.weighing import CONFLICTING, KNOWN, Books
from sampling.forms.layout import QUESTION_FIELDS
from sampling.words import REFUSED


def judge_village(desk: Desk, village: str, answers: Mapping[str, str]) -> Judged:
    """What intake would say of a village's answers; nothing is recorded."""
    cells = {field: answers.get(field, "") for field in QUESTION_FIELDS}
    checked = check_village(cells, township=desk.townships[village], village=village)
    judged = Judged(
        row="", cells=cells, item=("village", village), township=desk.townships[village], village=village
    )
    return replace(judged, problems=checked) if isinstance(checked, tuple) else replace(judged, found=checked)


def record_village(
    desk: Desk, register: Register, village: str, answers: Mapping[str, str], *, by: str, time: str
) -> Recorded:
    """Record a village's form by the rules of intake; one that says something else than the register waits.

    Parameters
    ----------
    answers
        The questions of the layout and what is written beside them.
    by, time
        Who types it and when (ISO 8601 with zone).
    """
    judged = judge_village(desk, village, answers)
    if refusing := (*unnamed(by=by), *judged.problems):
        return Recorded(status=REFUSED, problems=refusing)
    with register.writing() as writer:
        status, event = Books.open(writer.state, register, {village}).settle(judged, NO_FILE)
        doubt = wrong("village_conflicting", judged.cells, "posting_days")
        done = Recorded(status=status, problems=(doubt,) if status == CONFLICTING else ())
        events = (replace(event, payload={**event.payload, "by": by.strip()}),) if event else ()
        return appended(done, events, writer, by=by, time=time)


def correct_village(
    desk: Desk,
    register: Register,
    village: str,
    answers: Mapping[str, str],
    *,
    reason: str,
    by: str,
    time: str,
) -> Recorded:
    """Replace a village's form by what should have been recorded; the old one stays in the chain.

    Parameters are those of `record_village`, and the reason.
    """
    judged = judge_village(desk, village, answers)
    if refusing := (*unnamed(by=by, reason=reason), *judged.problems):
        return Recorded(status=REFUSED, problems=refusing)
    assert isinstance(judged.found, VillageForm)
    personal = json.loads(canonical(judged.found.to_vault()))
    with register.writing() as writer:
        held = writer.state.villages.get(village)
        if held is None:
            return Recorded(status=REFUSED, problems=(told("no_village_form"),))
        same = canonical(held[VILLAGE_FORM]) == canonical(judged.found.to_dict())
        if same and register.personal([held["personal"]]).get(held["personal"]) == personal:
            return Recorded(status=KNOWN, seq=writer.head.seq)
        payload = {VILLAGE_FORM: judged.found.to_dict(), "reason": reason.strip(), "by": by.strip()}
        event = Event(
            kind=VILLAGE_FORM, payload={"row": "", "file": "", "sha256": "", **payload}, personal=personal
        )
        return appended(Recorded(status="accepted"), (event,), writer, by=by, time=time)


def village_cells(held: Mapping, private: Mapping) -> dict[str, str]:
    """The answers that a kept village form is read from."""
    said = {**held[VILLAGE_FORM], "village_note": private.get("note", "")}
    return {field: _cell(said[field]) for field in QUESTION_FIELDS}


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
