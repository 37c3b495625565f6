"""Any file that comes back is read as what it is: every title known, every cell where it belongs."""

import csv
import io

import pandas as pd
import pytest
from findings_corpus import as_csv, in_memory, ods, xls
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.files import csv_bytes
from sampling.findings.quarantine import DANGEROUS, harmless
from sampling.forms import read_returned
from sampling.forms.grids import COMPOUND, ZIP
from sampling.forms.layout import ANSWER_FIELDS, GIVEN_FIELDS, MEMBER_FIELDS, QUESTION_FIELDS
from sampling.forms.recognised import HOUSEHOLDS, MEMBERS, field_of
from sampling.forms.records import tidy
from sampling.words import LANGUAGES, InputError, text

KINDS = {"csv": as_csv, "xlsx": lambda rows: in_memory([("a", rows)]), "xls": lambda rows: xls([("a", rows)])}
KINDS["ods"] = lambda rows: ods([("a", rows)])
SAME = {"village_note"}
"""Its title is that of the household's note, which is what a table means by it."""


def read(rows, **options):
    return read_returned(as_csv(rows, **options), "a.csv")


def keys(error) -> list[str]:
    return [problem.key for problem in error.value.problems]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_title_in_every_language_is_known_as_its_own_field(lang):
    titles = {f: text(f"forms.column.{f}", lang) for f in (*GIVEN_FIELDS, *ANSWER_FIELDS)}
    titles |= {f: text(f"forms.question.{f}", lang) for f in QUESTION_FIELDS if f not in SAME}
    assert {f: field_of(title, HOUSEHOLDS) for f, title in titles.items()} == {f: f for f in titles}
    members = {f: text(f"forms.column.{f}", lang) for f in MEMBER_FIELDS}
    assert {f: field_of(title, MEMBERS) for f, title in members.items()} == {f: f for f in members}


@pytest.mark.parametrize("before", ["", "visit/", "visit-", "a/b/", "group_1-group.two-", "FIELD:", "　 "])
def test_every_field_name_is_known_behind_whatever_groups_and_in_whatever_width(before):
    for table, fields in (
        (HOUSEHOLDS, (*GIVEN_FIELDS, *ANSWER_FIELDS, *QUESTION_FIELDS)),
        (MEMBERS, MEMBER_FIELDS),
    ):
        for field in fields:
            assert field_of(before + field, table) == field
            assert field_of(before + field.upper().replace("_", " "), table) == field


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    [*(f"{sign}1+1" for sign in DANGEROUS), '"', "a\nb", "😀𠮷", "110101199001011234", "007", ";", "\t", "'x"]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(CELLS, min_size=1, max_size=5),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_a_cell_survives_csv_whatever_is_in_it(notes, delimiter, encoding):
    rows = [["serial", "note", "outcome"], *([f"{n:05d}", note, "x"] for n, note in enumerate(notes))]
    (form,) = read(rows, delimiter=delimiter, encoding=encoding)
    meant = [note[1:] if note[:1] == "'" and note[1:2] in DANGEROUS else note for note in notes]
    assert [n.strip() and n for n in form.rows["note"]] == [m.strip() and m for m in meant]
    assert list(form.rows["serial"]) == [f"{n:05d}" for n in range(len(notes))]


@pytest.mark.parametrize("sign", DANGEROUS)
def test_a_formula_is_text_in_our_csv_and_comes_back_as_it_was_written(sign):
    table = pd.DataFrame({"serial": ["00001"], "note": [harmless(f"{sign}1+1")], "outcome": ["x"]})
    cells = next(csv.DictReader(io.StringIO(csv_bytes(table).decode("utf-8-sig"), newline="")))
    assert cells["note"].startswith("'")
    (form,) = read_returned(csv_bytes(table), "quarantine.csv")
    assert form.rows["note"].tolist() == [f"{sign}1+1"]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_numbered_as_the_spreadsheet_shows_them_in_every_kind_of_file(kind):
    rows = [
        ["核查结果", "", ""],
        ["", "", ""],
        ["serial", "outcome", "note"],
        ["00007", "x", ""],
        ["", "", ""],
        ["00008", "y", "z"],
    ]
    (form,) = read_returned(KINDS[kind](rows), f"a.{kind}")
    assert form.rows[["row", "serial", "outcome", "note"]].to_numpy().tolist() == [
        ["4", "00007", "x", ""],
        ["6", "00008", "y", "z"],
    ]
    assert form.is_table and form.village == ""


def test_columns_that_no_form_has_are_kept_aside_with_a_note_and_what_phones_add_is_not():
    rows = [
        ["serial", "outcome", "天气", "_uuid", "KEY", "SubmissionDate"],
        ["1", "x", "雨", "u", "k", "2026"],
        ["2", "y", "", "u", "k", ""],
    ]
    (form,) = read(rows)
    assert form.aside == {"天气": {"2": "雨"}}
    assert [note.value for note in form.notes if note.key == "tables.extra_columns"] == ["天气"]


def test_columns_that_are_missing_are_told():
    (form,) = read([["serial", "outcome"], ["1", "x"]])
    (note,) = [note for note in form.notes if note.key == "tables.missing_columns"]
    assert "verdict" in note.value and "outcome" not in note.value


def test_two_columns_of_one_field_are_one_where_they_agree_and_refused_where_they_do_not():
    head = ["serial", "outcome", "visit/outcome"]
    (form,) = read([head, ["1", "x", "x"], ["2", "", "y"]])
    assert form.rows["outcome"].tolist() == ["x", "y"]
    with pytest.raises(InputError) as error:
        read([head, ["1", "x", "y"], ["2", "a", "a"], ["3", "b", "c"]])
    assert [problem.fields["place"] for problem in error.value.problems] == ["2", "4"]


def test_each_village_of_a_table_is_a_form_and_rows_without_one_are_theirs():
    rows = [
        ["village", "household", "serial", "outcome"],
        ["B", "1", "", "x"],
        ["A", "1", "", "y"],
        ["", "", "5", "z"],
        ["B", "2", "", "w"],
    ]
    forms = read(rows)
    assert {form.village: list(form.rows["outcome"]) for form in forms} == {
        "B": ["x", "w"],
        "A": ["y"],
        "": ["z"],
    }


def test_a_village_answered_in_two_ways_is_two_forms_of_which_none_is_lost():
    rows = [
        ["village", "posting_days", "meeting_held"],
        ["A", "7", "yes"],
        ["A", "7", "yes"],
        ["A", "2", "yes"],
    ]
    forms = read(rows)
    assert [form.village_answers["posting_days"] for form in forms] == ["7", "2"]
    assert all(form.rows.empty for form in forms)


def test_sheets_of_households_and_of_members_are_joined_by_serial_in_either_language():
    visits = [["序号", "核查情况"], ["00001", "已入户"], ["00002", "已入户"]]
    members = [["序号", "成员姓名", "年龄"], ["00002", "甲", 70], ["00002", "乙", 9], ["00009", "丙", 1]]
    (form,) = read_returned(in_memory([("户", visits), ("成员", members)]), "a.xlsx")
    links = dict(zip(form.rows["serial"], form.rows["link"], strict=True))
    told = [(m["member_name"], m["age"], m["link"]) for m in form.members.to_dict("records")]
    assert told[:2] == [("甲", "70", links["00002"]), ("乙", "9", links["00002"])]
    assert told[2][0] == "丙" and told[2][2] not in links.values()


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("arrive", "09:05:00.000+08:00", "09:05"),
        ("arrive", "9:05", "9:05"),
        ("leave", "2026-06-03T14:30:00.000+08:00", "14:30"),
        ("date", "2026-06-03T00:00:00Z", "2026-06-03"),
        ("date", "2026/6/3 0:00", "2026/6/3"),
        ("persons_found", "3.0", "3"),
        ("serial", "17.0", "17"),
        ("household", "3.0", "3.0"),
        ("note", "3.0", "3.0"),
    ],
)
def test_what_programs_add_to_a_value_is_taken_off_and_ids_and_words_are_left(field, written, meant):
    assert tidy(field, written) == meant


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", ZIP, COMPOUND[:4], b"{", b"[", b"serial,outcome\n", b"\xff\xfe", b"<html>"]),
    st.binary(max_size=300),
)
def test_nothing_but_a_refusal_comes_of_any_bytes(start, rest):
    try:
        forms = read_returned(start + rest, "x")
    except InputError as error:
        assert error.problems and all(
            problem.to_line("zh") and problem.to_line("en") for problem in error.problems
        )
    else:
        assert isinstance(forms, tuple)
