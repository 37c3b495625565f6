"""The towns' answers: reply sheets come back and go into the register, all of one call or none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.followup import problems_of, totals
from sampling.campaign.step import Done
from sampling.codes import code_of
from sampling.findings import Event, write_head
from sampling.findings.answers import read_amount, read_date, read_yes_no
from sampling.findings.state import REPLY, State, canonical
from sampling.forms.grids import cell_text, read_grids
from sampling.words import LANGUAGES, InputError, Problem, fold, refuse_if_any, text

FIELDS = (
    *("item", "attitude", "responsible", "measure", "done_on", "to_recover", "recovered"),
    *("settled", "note"),
)
"""The columns of a reply sheet that are read back, as `followup.column` names them."""
PERSONAL = ("responsible", "measure", "note")
"""What a town writes freely: it may name people."""
ACTOR = "replies"
"""Who adds events here: the step, not a person."""

Row = Mapping[str, str]


def take_replies(campaign: Campaign, files: Sequence[Path], *, now: datetime) -> Done:
    """Take reply sheets into the register; a later answer to the same problem takes the place of an earlier.

    Parameters
    ----------
    files
        Workbooks as they came back: rows sorted or missing, columns moved or hidden, in either language.

    Raises
    ------
    InputError
        With everything that is wrong in any of the files; then nothing of them is taken.
    """
    known = dict(problems_of(campaign)[["problem", "township"]].itertuples(index=False, name=None))
    wrong: list[Problem] = []
    answers: dict[str, dict[str, Any]] = {}
    for path in files:
        for line, row in _rows(path, wrong):
            faults = list(_faults(row, known, now.date()))
            wrong += [_problem(name, field, row, path.name, line, campaign.lang) for name, field in faults]
            if not faults:
                answers[row["item"]] = _reply(row, known)
    refuse_if_any(wrong)
    time = now.isoformat(timespec="seconds")
    register = campaign.register()
    held = register.state()
    told = register.personal(one["personal"] for one in held.replies.values() if "personal" in one)
    with register.writing() as writer:
        events = list(_events(answers.values(), writer.state, told))
        writer.append(events, actor=ACTOR, time=time)
    write_head(campaign.folder / place.HEADS, writer.head, time=time)
    fields = {"taken": len(events), "same": len(answers) - len(events), **dict(totals(problems_of(campaign)))}
    return Done(key="followup.done.replies", fields=fields)


def _rows(path: Path, wrong: list[Problem]) -> Iterator[tuple[int, Row]]:
    """The answered rows of a workbook with their numbers; what cannot be read is noted."""
    try:
        sheets, _ = read_grids(path.read_bytes(), path.name)
    except OSError:
        wrong.append(Problem(key="frames.file.missing", file=path.name))
        return
    except InputError as error:
        wrong.extend(error.problems)
        return
    found = False
    for sheet in sheets:
        grid = [[cell_text(cell) for cell in row] for row in sheet.rows]
        head = next((line for line, row in enumerate(grid) if _places(row).get("item") is not None), None)
        if head is None:
            continue
        found, places = True, _places(grid[head])
        for line, row in enumerate(grid[head + 1 :], start=head + 2):
            cells = {field: row[at].strip() if at < len(row) else "" for field, at in places.items()}
            if cells["item"] and any(value for field, value in cells.items() if field != "item"):
                yield line, {**dict.fromkeys(FIELDS, ""), **cells}
    if not found:
        wrong.append(Problem(key="followup.no_sheet", file=path.name))


def _places(row: Sequence[str]) -> dict[str, int]:
    """Where the columns of a reply sheet stand in a row of titles, in whichever language."""
    folded = [fold(cell).casefold() for cell in row]
    titles = {field: {_title(field, lang) for lang in LANGUAGES} for field in FIELDS}
    places = {
        field: next((at for at, cell in enumerate(folded) if cell in names), None)
        for field, names in titles.items()
    }
    return {field: at for field, at in places.items() if at is not None}


def _title(field: str, lang: str) -> str:
    return fold(text(f"followup.column.{field}", lang)).casefold()


def _problem(name: str, field: str, row: Row, file: str, line: int, lang: str) -> Problem:
    column = text(f"followup.column.{field}", lang)
    return Problem(key=f"followup.{name}", file=file, row=line, column=column, value=row[field][:60])


def _reply(row: Row, known: Mapping[str, str]) -> dict[str, Any]:
    """A row without a fault as an answer."""
    done = read_date(row["done_on"]) if row["done_on"] else None
    money = {name: read_amount(row[name]) if row[name] else None for name in ("to_recover", "recovered")}
    return {
        "problem": row["item"],
        "township": known[row["item"]],
        "attitude": code_of("reply", row["attitude"]) or "",
        "done_on": done.isoformat() if done else "",
        "to_recover_fen": money["to_recover"],
        "recovered_fen": money["recovered"],
        "settled": bool(read_yes_no(row["settled"])) if row["settled"] else False,
        "personal": {name: row[name] for name in PERSONAL},
    }


def _faults(row: Row, known: Mapping[str, str], today: date) -> Iterator[tuple[str, str]]:
    """What is wrong with a row: the name of the sentence, and the column."""
    if row["item"] not in known:
        yield "unknown_problem", "item"
    attitude = code_of("reply", row["attitude"])
    if attitude is None:
        yield ("unknown_attitude" if row["attitude"] else "no_attitude"), "attitude"
    for name in ("to_recover", "recovered"):
        if row[name] and read_amount(row[name]) is None:
            yield "bad_amount", name
    done = read_date(row["done_on"]) if row["done_on"] else None
    if row["done_on"] and (done is None or done > today):
        yield "bad_date", "done_on"
    settled = read_yes_no(row["settled"]) if row["settled"] else False
    if settled is None:
        yield "bad_settled", "settled"
    elif settled and not row["done_on"]:
        yield "settled_without_day", "done_on"
    elif settled and not row["measure"]:
        yield "settled_without_measure", "measure"
    paid, owed = (read_amount(row[name] or "0") for name in ("recovered", "to_recover"))
    if paid is not None and owed is not None and paid > owed:
        yield "recovered_too_much", "recovered"


def _events(
    answers: Iterable[Mapping[str, Any]], state: State, told: Mapping[str, Mapping]
) -> Iterator[Event]:
    """An event for each answer that says something new."""
    for answer in answers:
        personal = answer["personal"]
        payload = {name: value for name, value in answer.items() if name != "personal"}
        held = state.replies.get(answer["problem"], {})
        before = {name: held.get(name) for name in payload}
        if canonical(before) != canonical(payload) or told.get(held.get("personal", "")) != personal:
            yield Event(kind=REPLY, payload=payload, personal=personal)
