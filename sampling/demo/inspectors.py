"""Invented inspectors: they fill the very workbooks that teams get, from the hidden truth, with human slips.

What they see (who is at home, what they conclude) and how they write it down draw on separate streams of
chance, one for each household. So a corrected form says what the first one meant, and one form more or
less changes nothing that another says.
"""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sampling.codes import label
from sampling.demo.pen import copy_serials, write_down
from sampling.demo.seeing import members_of, visit
from sampling.demo.trip import CAREFUL, NOISE, NOTHING_KNOWN, Answers, FieldNoise, Key, Known, Trip, go_out
from sampling.files import write_whole
from sampling.forms import ReturnedForm, drawn_households, drawn_villages, read_workbook
from sampling.forms.issue import form_files
from sampling.forms.returned import MEMBER_COLUMNS
from sampling.forms.workbook import workbook_bytes
from sampling.words import text


def fill_forms(
    forms_folder: Path,
    returned_folder: Path,
    truth: pd.DataFrame,
    sample: pd.DataFrame,
    *,
    seed: int,
    days: Sequence[datetime.date] = (),
    noise: FieldNoise = NOISE,
    known: Known = NOTHING_KNOWN,
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
    known
        What they know of the campaign.

    Returns
    -------
    tuple of Path
        The files handed in: one per village, then a copy with an afterthought, and a program's lock file.
    """
    trip = go_out(truth, sample, seed=seed, days=days, noise=noise, known=known)
    filled = []
    for name in _files(sample).values():
        form = _fill_all(read_workbook(forms_folder / name), trip)
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
    known: Known = NOTHING_KNOWN,
    share: float = 0.85,
) -> tuple[Path, ...]:
    """The teams get the quarantine back and hand in most of its rows again, written properly this time.

    Parameters
    ----------
    quarantine
        The table of `Register.quarantine()`. Contradictions are left to those who keep the register.
    forms_folder, returned_folder, truth, sample, seed, days, known
        As in `fill_forms`, so that the same is said about each household as the first time.
    share
        The share of rows that come back.

    Returns
    -------
    tuple of Path
        One new file for each village that hands something in, `<village>-2.xlsx`; other rows are blank.
    """
    trip = go_out(truth, sample, seed=seed, days=days, noise=NOISE, known=known)
    wrong = quarantine[(quarantine["status"] == "quarantined") & (quarantine["household"] != "")]
    keys = set(zip(wrong["list"], wrong["village"], wrong["household"], strict=True))
    again = {key for key in keys if trip.chance("again", *key).random() < share}
    files = _files(sample)
    written = []
    for village in sorted({village for _, village, _ in again}):
        form = _fill(read_workbook(forms_folder / files[village]), again, trip)
        name = f"{Path(files[village]).stem}-2.xlsx"
        written.append(_hand_in(form, returned_folder / name))
    return tuple(written)


def revisit_forms(
    forms_folder: Path,
    returned_folder: Path,
    truth: pd.DataFrame,
    sample: pd.DataFrame,
    *,
    seed: int,
    days: Sequence[datetime.date] = (),
    known: Known = NOTHING_KNOWN,
    share: float = 0.1,
) -> tuple[Path, ...]:
    """Other, more careful teams visit a share of the households again, and hand in forms of their own.

    Parameters
    ----------
    forms_folder, returned_folder, truth, sample, seed, days, known
        As in `fill_forms`; chance is the same as to who is at home.
    share
        The share of households; chosen by their tickets, so that anybody can choose the same.

    Returns
    -------
    tuple of Path
        One file for each village with such a household.
    """
    trip = go_out(truth, sample, seed=seed, days=days, noise=CAREFUL, known=known, shift=1)
    drawn = drawn_households(sample)
    chosen = drawn[drawn["ticket"].map(lambda ticket: int(ticket, 16) < share * 16 ** len(ticket))]
    twice = {trip.keys[serial] for serial in chosen["serial"]}
    files, written = _files(sample), []
    for village in chosen["village"].unique():
        form = _fill(read_workbook(forms_folder / files[village]), twice, trip)
        written.append(_hand_in(form, returned_folder / files[village]))
    return tuple(written)


def _files(sample: pd.DataFrame) -> dict[str, str]:
    return form_files(drawn_villages(sample)["village"])


def _hand_in(form: ReturnedForm, path: Path) -> Path:
    write_whole(path, workbook_bytes(form.heading, form.rows, form.village_answers, members=form.members))
    return path


def _fill_all(form: ReturnedForm, trip: Trip) -> ReturnedForm:
    """The whole form, with its slips of the pen."""
    filled = _fill(form, set(trip.keys.values()), trip)
    rows: list[dict] = filled.rows.to_dict("records")
    for row in rows:
        row.update(write_down(row, trip.keys[row["serial"]], form.heading.lang, trip))
    copy_serials(rows, form, trip)
    table = pd.DataFrame(rows, columns=form.rows.columns, dtype="str")
    return replace(filled, rows=table, village_answers=_ask_village(form, trip))


def _fill(form: ReturnedForm, which: set[Key], trip: Trip) -> ReturnedForm:
    """The form with these households filled in as they should be; the others stay blank."""
    rows: list[dict] = form.rows.to_dict("records")
    people: list[Answers] = []
    for row in rows:
        if (key := trip.keys[row["serial"]]) in which:
            row.update(visit(row, key, form, trip))
            people += members_of(row, row, key, form, trip)
    members = pd.DataFrame(people, columns=list(MEMBER_COLUMNS), dtype="str").fillna("")
    return replace(form, rows=pd.DataFrame(rows, columns=form.rows.columns, dtype="str"), members=members)


def _ask_village(form: ReturnedForm, trip: Trip) -> Answers:
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


def _oddities(filled: Sequence[Path], trip: Trip) -> tuple[Path, ...]:
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
