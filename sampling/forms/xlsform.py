"""The forms for phones (ODK Collect, KoboCollect): one for households, one for villages, as XLSForm.

One file serves all teams, so nobody's name, address or amount is in it: only ids, serials and the names of
places. The text of each QR code is in it, to tell whether a code is one of this campaign.
"""

import datetime
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from xlsxwriter import Workbook

from sampling.codes import BUILT_IN, ROLL, Codebook, code_of, is_paid, list_label, verdicts_of
from sampling.draws.roles import drawn_rows
from sampling.files import records, write_whole
from sampling.forms.drawn import drawn_villages, issued_households
from sampling.forms.issue import village_names, yuan
from sampling.forms.layout import VERSION, choice_label, choices_of
from sampling.forms.serials import code_text
from sampling.forms.standard import NO_STANDARD, Standard
from sampling.forms.workbook import CREATED
from sampling.forms.xlsform_survey import Row, household_survey, village_survey
from sampling.words import LANGUAGES, text

HOUSEHOLD_FORM, VILLAGE_FORM = "xlsform.xlsx", "xlsform-village.xlsx"
KINDS = {"household": HOUSEHOLD_FORM, "village": VILLAGE_FORM}
UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def write_xlsforms(
    sample: pd.DataFrame,
    roll: pd.DataFrame,
    lists: Mapping[str, pd.DataFrame],
    folder: Path,
    *,
    campaign: str,
    lang: str,
    codebook: Codebook = BUILT_IN,
    standard: Standard = NO_STANDARD,
    marks: Sequence[str] = (),
    drawn: datetime.date | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> tuple[Path, ...]:
    """Write `xlsform.xlsx` for households and `xlsform-village.xlsx` for villages.

    Parameters
    ----------
    sample
        The rows of `sample.csv`.
    roll, lists
        For the names of places, and which standard counts for whom.
    folder
        Where the files go; each is there whole or not at all.
    campaign, codebook, standard, marks
        As in `write_workbook`.
    lang
        The language that phones show first; they can change it.
    drawn
        The day of the draw; dates of visits before it are refused.
    progress
        Called after each file with the number done and the number of all.
    """
    villages = drawn_villages(sample)
    households = drawn_rows(issued_households(sample, roll, lists))
    places = [*place_choices(villages, village_names(roll, lists), lang)]
    contents = {
        "household": (
            household_survey(campaign, codebook, standard, drawn=drawn, marks=marks),
            [*code_choices(codebook), *places, *household_choices(households, campaign, standard)],
        ),
        "village": (village_survey(campaign, marks), [*code_choices(codebook), *places]),
    }
    written = []
    for kind, (survey, choices) in contents.items():
        settings = settings_of(campaign, kind, lang, survey=survey, choices=choices)
        write_whole(folder / KINDS[kind], xlsform_bytes(survey, choices, settings))
        written.append(folder / KINDS[kind])
        if progress:
            progress(len(written), len(contents))
    return tuple(written)


def code_choices(codebook: Codebook) -> list[Row]:
    """The code lists; a verdict says for which households, a reason for which verdict it is."""
    others = {
        table: codes
        for table, codes in choices_of(codebook).items()
        if table not in ("verdict", "list_verdict", "reason")
    }
    plain = [_choice(table, code, codebook) for table, codes in others.items() for code in codes]
    verdicts = [
        _choice(table, code, codebook) | {"list_name": "verdict", "paid": paid}
        for table, paid, some_list in (("verdict", "yes", ROLL), ("list_verdict", "no", "removed"))
        for code in verdicts_of(some_list)
    ]
    reasons = [
        _choice("reason", reason, codebook) | {"verdict": verdict}
        for verdict in verdicts_of(ROLL)
        for reason in codebook.reasons_of(verdict)
    ]
    return [*plain, *verdicts, *reasons]


def _choice(table: str, code: str, codebook: Codebook) -> Row:
    return {
        "list_name": table,
        "name": code,
        **_said(lambda lang: choice_label(table, code, lang, codebook)),
    }


def place_choices(villages: pd.DataFrame, names: Mapping[str, Mapping[str, str]], lang: str) -> list[Row]:
    """Townships and villages by id, with their names."""
    towns: dict[str, Row] = {}
    places = []
    for place in villages.to_dict("records"):
        town, village = place["township"], place["village"]
        known = names.get(village, {})
        towns.setdefault(town, _place("township", town, known.get("township_name", "")))
        places.append(_place("village", village, known.get("village_name", "")) | {"township": town})
    return [*towns.values(), *places]


def _place(table: str, id: str, name: str) -> Row:
    def named(lang: str) -> str:
        return text("forms.look.named", lang, name=name, code=id) if name else id

    return {"list_name": table, "name": id, **_said(named)}


def household_choices(households: pd.DataFrame, campaign: str, standard: Standard) -> list[Row]:
    """The households by serial, with their QR codes; no name, no address, no amount paid.

    `standard` is what the county's own rule gives a person; it is there only where the county names one.
    """
    known = households.reindex(columns=[*households.columns, "programme", "category"])
    known = known.loc[:, ~known.columns.duplicated()].astype(object).fillna("")
    return [_household(row, campaign, standard) for row in records(known)]


def _household(row: Mapping[str, str], campaign: str, standard: Standard) -> Row:
    def named(lang: str) -> str:
        fields = {name: row[name] for name in ("serial", "household")}
        return text("xlsform.household", lang, list=list_label(row["list"], lang), **fields)

    return {
        "list_name": "serial",
        "name": row["serial"],
        **_said(named),
        "village": row["village"],
        "code": code_text(campaign, row["serial"], row["ticket"]),
        "paid": "yes" if is_paid(row["list"]) else "no",
        "standard": yuan(_each(row, standard)),
    }


def _each(row: Mapping[str, str], standard: Standard) -> int | None:
    if row["list"] != ROLL:
        return None
    area, category = code_of("programme", row["programme"]), code_of("category", row["category"])
    return standard.each(area=area or "", category=category or row["category"])


def settings_of(campaign: str, kind: str, lang: str, *, survey: Sequence[Row], choices: Sequence[Row]) -> Row:
    """The settings; the version is that of the layout with a hash of all that the form says."""
    content = json.dumps([survey, choices], ensure_ascii=False, sort_keys=True)
    return {
        "form_title": text(f"xlsform.{kind}_title", lang, campaign=campaign),
        "form_id": f"{_fit(campaign)}-{kind}",
        "version": f"{VERSION}-{hashlib.sha256(content.encode()).hexdigest()[:12]}",
        "default_language": text("xlsform.language", lang),
        "allow_choice_duplicates": "yes",  # a reason stands once for each verdict that it fits
        **({"instance_name": "${_serial}"} if kind == "household" else {"instance_name": "${village}"}),
    }


def _fit(campaign: str) -> str:
    """The id of a campaign as a form's id can be; told apart from others where signs are lost."""
    fit = UNFIT.sub("_", campaign)
    return fit if fit == campaign else f"{fit}-{hashlib.sha256(campaign.encode()).hexdigest()[:8]}"


def xlsform_bytes(survey: Sequence[Row], choices: Sequence[Row], settings: Row) -> bytes:
    """The XLSForm as the bytes of its file: every cell is text, the same input gives the same bytes."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        for name, rows in (("survey", survey), ("choices", choices), ("settings", [settings])):
            sheet = book.add_worksheet(name)
            headers = list(dict.fromkeys(header for row in rows for header in row))
            sheet.write_row(0, 0, headers)
            for number, row in enumerate(rows, start=1):
                for place, header in enumerate(headers):
                    if row.get(header):
                        sheet.write_string(number, place, row[header])
    return out.getvalue()


def _said(word: Callable[[str], str]) -> Row:
    """A text in all languages; what looks like a reference to a question is none."""
    return {f"label::{text('xlsform.language', lang)}": word(lang).replace("${", "$ {") for lang in LANGUAGES}
