"""Invented inspectors: they fill the very workbooks that teams get, from the hidden truth, with human slips.

What they see (who is at home, what they conclude) and how they write it down draw on separate streams of
chance, one for each household. So a corrected form says what the first one meant, and one form more or
less changes no other.
"""

import datetime
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from sampling.codes import LIST_VERDICTS, REASONS, ROLL, label, verdict_table
from sampling.files import write_whole
from sampling.forms import ReturnedForm, drawn_households, drawn_villages, read_workbook
from sampling.forms.issue import form_files, yuan
from sampling.forms.layout import ANSWER_FIELDS, ANSWERS
from sampling.forms.workbook import workbook_bytes
from sampling.words import text

TEAMS, MEMBERS = 8, 4
Answers = dict[str, str]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNoise:
    """How often things go otherwise than planned: shares of households, of forms, of fields, of villages.

    The last two are assumptions of the demo; all others are those of the synthetic county.
    """

    not_at_home: float = 0.06
    refused: float = 0.003
    moved: float = 0.015
    died: float = 0.005
    name_differs: float = 0.009
    false_positive: float = 0.01
    false_negative: float = 0.05
    entry_error: float = 0.004
    unsigned: float = 0.02
    serial_copied: float = 0.01
    posting_short: float = 0.05
    no_meeting: float = 0.03
    files_missing: float = 0.06


NOISE = FieldNoise()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trip:
    """What the inspectors go out with: the truth that they will see, and how chance treats them."""

    truth: Mapping[Key, Mapping[str, str]]
    keys: Mapping[str, Key]
    blank: frozenset[str]
    days: tuple[datetime.date, ...]
    noise: FieldNoise
    seed: int

    def chance(self, *stream: str) -> random.Random:
        """A stream of chance of its own for whatever is named; the same for the same names and seed."""
        return random.Random("/".join((str(self.seed), *stream)))


def fill_forms(
    forms_folder: Path,
    returned_folder: Path,
    truth: pd.DataFrame,
    sample: pd.DataFrame,
    *,
    seed: int,
    days: Sequence[datetime.date] = (),
    noise: FieldNoise = NOISE,
) -> tuple[Path, ...]:
    """Fill every workbook that was given out, and hand it in; two files are odd, as in life.

    Parameters
    ----------
    forms_folder
        The blank workbooks, as `write_forms` wrote them.
    returned_folder
        Where the filled ones go, under the same names.
    truth
        list, village, household, status (correct, ineligible, overpaid, underpaid, entitled), reason,
        amount_due_fen; a household that is not in it is correct.
    sample
        The rows of `sample.csv`.
    seed
        The same seed and days give the same files, byte for byte.
    days
        The days of the visits; today if there are none.
    noise
        How often things go wrong.

    Returns
    -------
    tuple of Path
        The files handed in: one per village, then a copy with an afterthought, and a program's lock file.
    """
    trip = _go_out(truth, sample, seed, days, noise)
    filled = []
    for name in _files(sample).values():
        form = _fill(read_workbook(forms_folder / name), trip)
        filled.append(_hand_in(form, returned_folder / name))
    return (*filled, *_oddities(filled, trip))


def correct_forms(
    quarantine: pd.DataFrame,
    forms_folder: Path,
    returned_folder: Path,
    truth: pd.DataFrame,
    sample: pd.DataFrame,
    *,
    seed: int,
    days: Sequence[datetime.date] = (),
    share: float = 0.85,
) -> tuple[Path, ...]:
    """The teams get the quarantine back and hand in most of its rows again, written properly this time.

    Parameters
    ----------
    quarantine
        The table of `Register.quarantine()`. Contradictions are left to those who keep the register.
    forms_folder, returned_folder, truth, sample, seed, days
        As in `fill_forms`, so that the same is said about each household as the first time.
    share
        The share of rows that come back.

    Returns
    -------
    tuple of Path
        One new file for each village that hands something in, `<village>-2.xlsx`; other rows are blank.
    """
    trip = _go_out(truth, sample, seed, days, NOISE)
    wrong = quarantine[(quarantine["status"] == "quarantined") & (quarantine["household"] != "")]
    keys = set(zip(wrong["list"], wrong["village"], wrong["household"], strict=True))
    again = {key for key in keys if trip.chance("again", *key).random() < share}
    files = _files(sample)
    written = []
    for village in sorted({village for _, village, _ in again}):
        form = _fill_again(read_workbook(forms_folder / files[village]), again, trip)
        name = f"{Path(files[village]).stem}-2.xlsx"
        written.append(_hand_in(form, returned_folder / name))
    return tuple(written)


def _go_out(
    truth: pd.DataFrame,
    sample: pd.DataFrame,
    seed: int,
    days: Sequence[datetime.date],
    noise: FieldNoise,
) -> _Trip:
    households, villages = drawn_households(sample), drawn_villages(sample)
    keys = zip(households["list"], households["village"], households["household"], strict=True)
    told = truth[["list", "village", "household"]].itertuples(index=False, name=None)
    seen: list[dict] = truth[["status", "reason", "amount_due_fen"]].astype("str").to_dict("records")
    return _Trip(
        truth=dict(zip(told, seen, strict=True)),
        keys=dict(zip(households["serial"], keys, strict=True)),
        blank=frozenset(villages.loc[villages["role"] == "certainty", "village"]),
        days=tuple(days) or (datetime.date.today(),),
        noise=noise,
        seed=seed,
    )


def _files(sample: pd.DataFrame) -> dict[str, str]:
    return form_files(drawn_villages(sample)["village"])


def _hand_in(form: ReturnedForm, path: Path) -> Path:
    write_whole(path, workbook_bytes(form.heading, form.rows, form.village_answers))
    return path


def _fill(form: ReturnedForm, trip: _Trip) -> ReturnedForm:
    rows: list[dict] = form.rows.to_dict("records")
    for row in rows:
        key = trip.keys[row["serial"]]
        row.update(_write_down(_visit(row, key, form, trip), key, form.heading.lang, trip))
    _copy_serials(rows, form, trip)
    table = pd.DataFrame(rows, columns=form.rows.columns, dtype="str")
    return replace(form, rows=table, village_answers=_ask_village(form, trip))


def _fill_again(form: ReturnedForm, again: set[Key], trip: _Trip) -> ReturnedForm:
    rows: list[dict] = form.rows.to_dict("records")
    for row in rows:
        if (key := trip.keys[row["serial"]]) in again:
            row.update(_visit(row, key, form, trip))
    return replace(form, rows=pd.DataFrame(rows, columns=form.rows.columns, dtype="str"))


def _visit(row: Mapping[str, str], key: Key, form: ReturnedForm, trip: _Trip) -> Answers:
    """One visit as it should be written down, in the words of the form's language."""
    chance, noise, lang = trip.chance("visit", *key), trip.noise, form.heading.lang
    at_door, fate, name, eye = (chance.random() for _ in range(4))
    answers = {**dict.fromkeys(ANSWER_FIELDS, ""), **_team(form, trip)}
    if at_door < noise.not_at_home + noise.refused:
        outcome = "absent" if at_door < noise.not_at_home else "refused"
        return answers | {"outcome": label("outcome", outcome, lang)}
    persons = row["persons"] or "1"
    concluded = {"verdict": "to_be_checked", "persons_found": persons, "note": ""}
    if fate < noise.died:
        concluded |= {"persons_found": str(max(int(persons) - 1, 0)), "note": "head_died_since"}
    elif fate < noise.died + noise.moved:
        concluded["note"] = "moved_out" if fate < noise.died + noise.moved / 2 else "lives_elsewhere"
    else:
        concluded |= _conclude(key, persons, eye, chance, trip)
        concluded["note"] = "name_differs" if name < noise.name_differs else ""
    return answers | {"outcome": label("outcome", "completed", lang)} | _in_words(concluded, key[0], lang)


def _conclude(key: Key, persons: str, eye: float, chance: random.Random, trip: _Trip) -> Answers:
    """What the inspectors take for true: sometimes they overlook an error, sometimes they see one."""
    truth = trip.truth.get(key, {"status": "correct", "reason": "", "amount_due_fen": ""})
    if truth["status"] == "correct":
        return _see_what_is_not(key[0], chance) if eye < trip.noise.false_positive else {"verdict": "correct"}
    if eye < trip.noise.false_negative:
        return {"verdict": "correct"}
    seen = {"verdict": truth["status"], "reason": truth["reason"] if key[0] == ROLL else ""}
    if truth["status"] in ("overpaid", "underpaid"):
        seen["amount_due"] = yuan(int(truth["amount_due_fen"]))
    if truth["status"] == "ineligible":
        seen |= _evidence(truth["reason"], chance)
    if truth["reason"] == "persons_wrong":
        step = -1 if truth["status"] == "overpaid" else 1
        seen["persons_found"] = str(max(int(persons) + step, 1))
    return seen


def _see_what_is_not(list_name: str, chance: random.Random) -> Answers:
    if list_name != ROLL:
        return {"verdict": LIST_VERDICTS[1]}
    reason = chance.choice(REASONS["ineligible"][1:6])
    return {"verdict": "ineligible", "reason": reason, **_evidence(reason, chance)}


def _evidence(reason: str, chance: random.Random) -> Answers:
    """What a removal needs: papers that were seen, income where who somebody is says nothing yet."""
    if reason == "head_died":
        return {"evidence": "died", "persons_found": "0", "entitled_found": "0"}
    return {"evidence": "income", "income_wages": str(chance.randint(30, 80) * 100)}


def _in_words(concluded: Mapping[str, str], list_name: str, lang: str) -> Answers:
    verdict = label(verdict_table(list_name), concluded["verdict"], lang)
    reason, note = concluded.get("reason", ""), concluded["note"]
    evidence = concluded.get("evidence", "")
    return {
        **concluded,
        "verdict": verdict,
        "reason": label("reason", reason, lang) if reason else "",
        "evidence": text(f"forms.inspector.evidence_{evidence}", lang) if evidence else "",
        "note": text(f"forms.inspector.{note}", lang) if note else "",
        "signed": label("yes_no", "yes", lang),
    }


def _team(form: ReturnedForm, trip: _Trip) -> Answers:
    """The day and the two inspectors, the same for a whole village."""
    chance, lang = trip.chance("team", form.village), form.heading.lang
    team, members = chance.randint(1, TEAMS), chance.sample(range(1, MEMBERS + 1), 2)
    names = [text("forms.inspector.code", lang, team=team, member=member) for member in members]
    return {"date": chance.choice(trip.days).isoformat(), "inspector_1": names[0], "inspector_2": names[1]}


def _write_down(answers: Answers, key: Key, lang: str, trip: _Trip) -> Answers:
    """The same answers as they come to stand on the form: unsigned here, mistyped there."""
    chance = trip.chance("pen", *key)
    written = dict(answers)
    if written["signed"] and chance.random() < trip.noise.unsigned:
        written["signed"] = label("yes_no", "no", lang)
    for column in ANSWERS:
        slips = chance.random() < trip.noise.entry_error
        if written[column.field] and slips:
            written[column.field] = _mistyped(written, column.field, column.kind, chance)
    return written


def _mistyped(written: Answers, name: str, kind: str, chance: random.Random) -> str:
    value = written[name]
    if name == "inspector_2":
        return written["inspector_1"]
    slips = {
        "choice": (value[:-1], value + "?", value[1:] + value[0]),
        "money": (value.replace(".", "。。"), value[:-1] + "O", value.replace(".", "0.")),
        "number": (value + "人", "-" + value, value + ".5"),
        "date": (value[:5] + "13" + value[7:], "2" + value, value[:8] + "32"),
    }
    return chance.choice(slips.get(kind, (value + " ",)))


def _copy_serials(rows: list[dict], form: ReturnedForm, trip: _Trip) -> None:
    """Now and then a row is copied over another and keeps the other's serial."""
    chance, serials = trip.chance("serials", form.village), [row["serial"] for row in rows]
    for place, row in enumerate(rows):
        if chance.random() < trip.noise.serial_copied and len(rows) > 1:
            row["serial"] = chance.choice([*serials[:place], *serials[place + 1 :]])


def _ask_village(form: ReturnedForm, trip: _Trip) -> Answers:
    chance, noise, lang = trip.chance("village", form.village), trip.noise, form.heading.lang
    short = chance.random() < noise.posting_short
    days = chance.randint(1, 6) if short else chance.randint(7, 10)
    said = {
        "meeting_held": chance.random() >= noise.no_meeting,
        "files_complete": chance.random() >= noise.files_missing,
        "blank_village": form.village in trip.blank,
    }
    counts = {"posting_days": str(days), "neighbours": str(chance.randint(2, 6)), "neighbours_against": "0"}
    counts["village_note"] = ""
    return counts | {name: label("yes_no", "yes" if true else "no", lang) for name, true in said.items()}


def _oddities(filled: Sequence[Path], trip: _Trip) -> tuple[Path, ...]:
    """A second copy of one form, saved after an afterthought, and the lock file of a program left open."""
    for path in filled:
        form = read_workbook(path)
        signed = form.rows.index[form.rows["signed"] == label("yes_no", "yes", form.heading.lang)]
        if len(signed):
            rows = form.rows.copy()
            rows.loc[signed[0], "note"] = text("forms.inspector.amended", form.heading.lang)
            copy = _hand_in(replace(form, rows=rows), path.with_name(f"{path.stem}(1).xlsx"))
            lock = path.with_name(f"~${path.name}")
            lock.write_bytes(b"\x05 user" + b" " * 160)
            return copy, lock
    return ()
