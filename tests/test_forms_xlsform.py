"""The forms for phones: valid for ODK, nobody's name in them, and what phones send is read again."""

import csv
import datetime
import io
import json
import re
import shutil
import zipfile
from fractions import Fraction

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyxform.xls2xform import convert
from visits_stand_in import make_visits

from sampling.codes import ROLL, Codebook, verdicts_of
from sampling.forms import drawn_households, issued_households, read_returned
from sampling.forms.layout import ANSWER_FIELDS, MEMBER_FIELDS, QUESTION_FIELDS
from sampling.forms.serials import code_text, read_code
from sampling.forms.standard import NO_STANDARD, standard_of
from sampling.forms.xlsform import household_choices, settings_of, write_xlsforms, xlsform_bytes
from sampling.forms.xlsform_survey import household_survey, village_survey

CAMPAIGN = "test-2026"
DRAWN = datetime.date(2026, 6, 1)
OWN = Codebook(own={"overpaid": {"own_price": {"zh": "物价补贴算错", "en": "price supplement wrong"}}})
STANDARDS = {
    "none": NO_STANDARD,
    "difference": standard_of({"rural": 500}),
    "class": standard_of({"mode": "class", "classes": {"孤寡户": 480}}),
}
SURVEY = household_survey(CAMPAIGN, OWN, STANDARDS["difference"], drawn=DRAWN, marks=())


def written(folder, **options):
    sample, roll, removed = make_visits()
    roll = roll.assign(programme="农村低保")
    return write_xlsforms(sample, roll, {"removed": removed}, folder, campaign=CAMPAIGN, lang="zh", **options)


def sheets(path) -> dict[str, list[dict[str, str]]]:
    """The rows of each sheet by header."""
    tables = {sheet.title: list(sheet.values) for sheet in openpyxl.load_workbook(path)}
    return {
        name: [{h: str(cell) for h, cell in zip(rows[0], row, strict=True) if cell} for row in rows[1:]]
        for name, rows in tables.items()
    }


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("xlsform")
    return written(
        folder, codebook=OWN, standard=STANDARDS["difference"], marks=("synthetic", "rehearsal"), drawn=DRAWN
    )


@pytest.fixture(scope="module")
def household_form(forms):
    return sheets(forms[0])


@pytest.mark.parametrize("name", STANDARDS)
def test_pyxform_takes_both_forms_without_a_warning(tmp_path, name):
    for path in written(tmp_path, standard=STANDARDS[name], marks=("synthetic",), codebook=OWN):
        assert convert(path, validate=False).warnings == []


def test_both_forms_become_xforms_and_odk_validate_takes_them_where_java_is_there(forms):
    for path in forms:
        assert convert(path, validate=shutil.which("java") is not None).xform


def test_every_question_of_the_layout_is_asked_under_its_own_name(forms, household_form):
    names = [row["name"] for row in household_form["survey"] if not row["type"].startswith("end")]
    assert set(ANSWER_FIELDS) | set(MEMBER_FIELDS) <= set(names)
    assert len(names) == len(set(names))
    assert set(QUESTION_FIELDS) <= {row["name"] for row in sheets(forms[1])["survey"]}


def test_every_question_and_choice_has_words_in_both_languages(forms):
    for path in forms:
        for name, rows in sheets(path).items():
            for row in rows if name != "settings" else ():
                silent = row.get("type", "").startswith(("end", "start", "calculate"))
                assert silent or {"label::中文 (zh)", "label::English (en)"} <= set(row), row


def test_nothing_of_a_person_is_in_the_forms(forms):
    _, roll, removed = make_visits()
    said = "\n".join(
        cell for path in forms for rows in sheets(path).values() for row in rows for cell in row.values()
    )
    assert "样村01" in said
    for person in [*roll.to_dict("records"), *removed.to_dict("records")]:
        for field in ("household_name", "identity", "account", "phone", "address", "self_check"):
            assert person[field] not in said
        assert f"{person['amount_fen'] / 100:.2f}" not in said


def test_households_are_chosen_by_place_or_known_by_their_code(household_form):
    sample, _, _ = make_visits()
    choices = {row["name"]: row for row in household_form["choices"] if row["list_name"] == "serial"}
    drawn = drawn_households(sample).set_index("serial")
    assert set(choices) == set(drawn.index)
    for serial, row in choices.items():
        assert row["village"] == drawn.loc[serial, "village"]
        assert read_code(row["code"]) == (CAMPAIGN, serial, drawn.loc[serial, "ticket"])
        assert row["paid"] == ("no" if drawn.loc[serial, "list"] else "yes")
    villages = {
        row["name"]: row["township"] for row in household_form["choices"] if row["list_name"] == "village"
    }
    assert {row["village"] for row in choices.values()} <= set(villages)
    assert len({row["code"] for row in choices.values()}) == len(choices)


def test_verdicts_go_with_the_list_and_reasons_with_the_verdict(household_form):
    def listed(table, **where):
        return tuple(
            row["name"]
            for row in household_form["choices"]
            if row["list_name"] == table and where.items() <= row.items()
        )

    assert listed("verdict", paid="yes") == verdicts_of(ROLL)
    assert listed("verdict", paid="no") == verdicts_of("removed")
    for verdict in verdicts_of(ROLL):
        assert listed("reason", verdict=verdict) == OWN.reasons_of(verdict)
    assert "own_price" in listed("reason", verdict="overpaid")


def test_the_standard_is_told_only_where_the_county_names_one_and_never_off_the_roll():
    sample, roll, removed = make_visits()
    issued = issued_households(sample, roll.assign(programme="农村低保"), {"removed": removed})
    told = {
        name: {(row["paid"], row["standard"]) for row in household_choices(issued, CAMPAIGN, standard)}
        for name, standard in STANDARDS.items()
    }
    assert told["none"] == {("yes", ""), ("no", "")}
    assert told["difference"] == {("yes", "500.00"), ("no", "")}
    assert told["class"] == {("yes", "480.00"), ("yes", ""), ("no", "")}


class Said(str):
    """An answer as XPath compares it: with a number as a number."""

    __slots__ = ()

    def __gt__(self, other):
        return bool(self) and Fraction(str(self)) > other


def worked_out(expression: str, answers: dict[str, str]) -> str:
    """What a phone makes of a calculation."""
    python = re.sub(r"\$\{(\w+)\}", r"said['\1']", expression).replace(" div ", " / ")
    python = re.sub(r"\bif\(", "chosen(", python)
    names = {
        "said": {name: Said(value) for name, value in answers.items()},
        "chosen": lambda whether, then, otherwise: then if whether else otherwise,
        "number": lambda value: Fraction(str(value)) if str(value) else Fraction(1, 3),
        "coalesce": lambda value, other: value if value else other,
        "round": lambda value, digits: Fraction(int(value * 100 + Fraction(1, 2)), 100),
    }
    return eval(python, names)


@given(
    st.sampled_from(["difference", "class"]),
    st.lists(st.one_of(st.none(), st.integers(0, 300000)), min_size=4, max_size=4),
    st.one_of(st.none(), st.integers(1, 12)),
    st.one_of(st.none(), st.integers(0, 12)),
)
def test_the_phone_works_out_the_amount_due_as_the_office_does(mode, incomes, persons, entitled):
    standard = STANDARDS[mode]
    survey = household_survey(CAMPAIGN, OWN, standard, drawn=None, marks=())
    due = next(row["calculation"] for row in survey if row["name"] == "_due")
    given_incomes = [income for income in incomes if income is not None]
    expected = standard.due(
        area="rural",
        category="alone",
        income_fen=sum(given_incomes) if given_incomes else None,
        persons=persons,
        entitled=entitled,
    )
    names = ("income_wages", "income_business", "income_property", "income_transfers")
    answers = {n: "" if fen is None else f"{fen / 100:.2f}" for n, fen in zip(names, incomes, strict=True)}
    answers |= {
        "persons_found": str(persons or ""),
        "_standard": "500.00" if mode == "difference" else "480.00",
    }
    answers["entitled_found"] = "" if entitled is None else str(entitled)
    found = worked_out(due, answers)
    assert (None if found == "" else found * 100) == expected


ANSWERED = {
    "text": "文字",
    "integer": "2",
    "decimal": "12.5",
    "date": "2026-06-03",
    "time": "09:05:00.000+08:00",
}


def answer(row) -> str:
    kind = row["type"]
    return "photo.jpg" if kind == "image" else ANSWERED.get(kind, "yes" if "yes_no" in kind else "other")


def sent_as_json(survey) -> dict:
    """One submission as a phone sends it: groups inside each other, repeats as lists."""
    whole: dict = {"__id": "uuid:1", "__system": {"submitterName": "x"}}
    inside = [whole]
    for row in survey:
        if row["type"] == "begin group":
            inside.append(inside[-1].setdefault(row["name"], {}))
        elif row["type"] == "begin repeat":
            inside[-1][row["name"]] = [one := {"__id": "1"}]
            inside.append(one)
        elif row["type"].startswith("end "):
            inside.pop()
        elif row["type"] not in ("note", "start", "end", "calculate", "barcode"):
            inside[-1][row["name"]] = answer(row)
    return whole


def placed() -> dict[str, str]:
    return {"campaign": CAMPAIGN, "_township": "999999001", "village": "999999001001", "serial": "00001"}


def check(form):
    row = form.rows.iloc[0]
    assert (form.campaign, form.village, row["serial"]) == (CAMPAIGN, "999999001001", "00001")
    assert all(row[field] for field in ANSWER_FIELDS), row.to_dict()
    assert row["arrive"] == "09:05" and row["photos"] == "photo.jpg"
    assert all(form.members.iloc[0][field] for field in MEMBER_FIELDS)


def test_what_phones_send_as_json_is_read_field_by_field():
    submission = sent_as_json(SURVEY) | placed()
    (form,) = read_returned(json.dumps({"value": [submission]}).encode(), "export.json")
    check(form)
    assert form.notes == () and form.aside == {}


def test_what_central_exports_as_csv_is_read_field_by_field():
    submission = sent_as_json(SURVEY) | placed()
    main = {"KEY": "uuid:1"}
    tables = {}
    for name, value in submission.items():
        for field, said in (
            value.items() if isinstance(value, dict) and name != "__system" else [(None, value)]
        ):
            if isinstance(said, list):
                tables[field or name] = {"PARENT_KEY": "uuid:1", "KEY": "uuid:1/1"} | said[0]
            elif name != "__system":
                main[f"{name}-{field}" if field else name] = said
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        for name, row in {"form.csv": main, **{f"form-{n}.csv": row for n, row in tables.items()}}.items():
            text = io.StringIO()
            csv.writer(text).writerows([row.keys(), row.values()])
            parts.writestr(name, text.getvalue())
    (form,) = read_returned(out.getvalue(), "form.zip")
    check(form)


def test_a_scanned_code_alone_tells_the_household():
    submission = sent_as_json(SURVEY) | {"code": code_text(CAMPAIGN, "00001", "a" * 16), "campaign": CAMPAIGN}
    submission = {
        name: value for name, value in submission.items() if name not in ("village", "serial", "_township")
    }
    (form,) = read_returned(json.dumps([submission]).encode(), "export.json")
    assert form.rows.iloc[0]["serial"] == "00001" and form.campaign == CAMPAIGN


def test_what_phones_send_of_a_village_is_read():
    submission = sent_as_json(village_survey(CAMPAIGN, ())) | {
        "campaign": CAMPAIGN,
        "village": "999999001001",
    }
    (form,) = read_returned(json.dumps([submission]).encode(), "export.json")
    assert form.village == "999999001001" and all(form.village_answers[name] for name in QUESTION_FIELDS)


def test_the_same_form_is_the_same_bytes_and_another_one_has_another_version(forms, tmp_path):
    same = dict(codebook=OWN, standard=STANDARDS["difference"], marks=("synthetic", "rehearsal"), drawn=DRAWN)
    again = written(tmp_path / "1", **same)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in forms]
    other = written(tmp_path / "2", **(same | {"marks": ()}))
    versions = {sheets(path)["settings"][0]["version"] for path in (forms[0], other[0])}
    assert len(versions) == 2


def test_a_campaign_with_awkward_signs_still_makes_a_form(tmp_path):
    survey = village_survey("批次 '1' \"<&>", ("synthetic",))
    choices = [
        {
            "list_name": table,
            "name": "1",
            "township": "1",
            "label::中文 (zh)": "$ {a}",
            "label::English (en)": "<b>",
        }
        for table in ("township", "village", "yes_no")
    ]
    settings = settings_of("批次 '1' \"<&>", "village", "en", survey=survey, choices=choices)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", settings["form_id"])
    path = tmp_path / "x.xlsx"
    path.write_bytes(xlsform_bytes(survey, choices, settings))
    assert convert(path, validate=False).xform
