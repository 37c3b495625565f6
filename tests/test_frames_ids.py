"""Ids: what is refused, what is drawn and reported, and what is somebody's identity number."""

import pandas as pd
import pytest
from frames_files import KINDS, found, keys, problems_of, write_csv, write_parquet, write_xls, write_xlsx
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.frames import read_roll
from sampling.frames.ids import fault, looks_like_identity
from sampling.frames.rows import shown

HEADER = ["乡镇", "村", "户编号"]
PLAIN = ["NA", "null", "nan", "None", "1e5", "0371", "371", "TRUE", "1/2", "00417", "户-1", "a b", "𠀀", "é"]


def read(tmp_path, *households, village="甲村"):
    return read_roll(
        [write_csv(tmp_path / "roll.csv", [HEADER, *(["一镇", village, h] for h in households)])]
    )


@pytest.mark.parametrize("name", KINDS)
def test_ids_that_look_like_something_else_survive_in_every_format(tmp_path, name):
    KINDS[name](tmp_path / name, [HEADER, *(["0101", "1e5", household] for household in PLAIN)])
    table = read_roll([tmp_path / name]).table
    assert table["household"].tolist() == PLAIN
    assert set(table["village"]) == {"1e5"}
    assert set(table["township"]) == {"0101"}


REFUSED = {
    "": "empty",
    "   ": "empty",
    " 1": "edge_space",
    "1\u3000": "edge_space",
    "1\u00a0": "edge_space",
    "1\n2": "control",
    "1\t": "control",
    "1\u00852": "control",
    "1\u20282": "control",
    "\ufeff1": "direction",
    "1\u202e2": "direction",
    "1\u200f": "direction",
    "1\u2066": "direction",
    "1\ud800": "unassigned",
    "1\u0378": "unassigned",
    "1\U000e0080": "unassigned",
}


@pytest.mark.parametrize("value", REFUSED)
def test_an_id_that_cannot_be_drawn_is_refused_for_its_fault(value):
    assert fault(value) == f"frames.id.{REFUSED[value]}"


def test_ideographs_of_planes_2_and_3_are_drawn_whatever_this_python_knows_of_them():
    assert {fault(chr(code)) for code in (0x20000, 0x2A6DF, 0x2A6E0, 0x323B0, 0x3FFFD)} == {""}


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "N", "P", "S"], max_codepoint=0xFFFF), min_size=1))
def test_letters_digits_and_signs_are_never_refused_and_never_changed(value):
    assert fault(value) == ""


@pytest.mark.parametrize("value", ["", " 1", "1\t", "\ufeff1", "1\u0378"])
def test_a_refused_id_is_named_with_its_row(tmp_path, value):
    problems = problems_of(lambda: read(tmp_path, "1", value))
    assert [problem.row for problem in problems if problem.severity == "refused"] == [3]


def test_ids_that_are_the_same_after_nfc_are_refused_naming_both_rows(tmp_path):
    (problem,) = problems_of(lambda: read(tmp_path, "caf\u00e9", "cafe\u0301"))
    assert (problem.key, problem.row, problem.fields["other_row"]) == ("frames.id.same_nfc", 3, "2")


def test_an_id_that_is_not_composed_is_drawn_if_it_stands_alone(tmp_path):
    assert read(tmp_path, "cafe\u0301").table["household"].tolist() == ["cafe\u0301"]


@pytest.mark.parametrize(
    "pair", [("A1", "a1"), ("1", "１"), ("0371", "371"), ("户1", "户\u200b1"), ("户-01", "户-1")]
)
def test_twins_are_drawn_and_reported_with_both_rows(tmp_path, pair):
    roll = read(tmp_path, *pair)
    assert roll.table["household"].tolist() == list(pair)
    (twin,) = (note for note in roll.notes if note.key == "frames.id.twins")
    assert (twin.row, twin.fields["other_row"], twin.severity) == (3, "2", "reported")


@pytest.mark.parametrize("pair", [("1", "10"), ("100", "1000"), ("a1", "a10")])
def test_zeros_at_the_end_make_no_twins(tmp_path, pair):
    assert "id.twins" not in keys(read(tmp_path, *pair).notes)


def test_twins_of_villages_are_looked_for_in_the_whole_frame_and_of_households_in_their_village(tmp_path):
    grid = [HEADER, ["一镇", "0371", "1"], ["二镇", "371", "01"]]
    roll = read_roll([write_csv(tmp_path / "roll.csv", grid)])
    assert found(roll.notes, "id.twins") == [(3, "村", "371")]


def test_a_long_number_in_scientific_notation_is_reported_and_1e5_is_an_id(tmp_path):
    roll = read(tmp_path, "4.41481E+11", "1e5")
    assert found(roll.notes, "id.scientific") == [(2, "户编号", "4.41481E+11")]


@pytest.mark.parametrize("write", [write_xlsx, write_xls])
def test_numbers_stored_as_numbers_are_refused_row_by_row(tmp_path, write):
    grid = [HEADER, ["一镇", 371, "0001"], ["一镇", "0371", 2], ["一镇", "0371", "0003"]]
    path = write(tmp_path / "book", {"Sheet1": grid})
    problems = problems_of(lambda: read_roll([path]))
    assert found(problems, "id.number") == [(2, "村", "371"), (3, "户编号", "2")]


def test_a_numeric_column_of_a_parquet_file_is_refused_as_a_column(tmp_path):
    table = pd.DataFrame({"乡镇": ["一镇"], "村": ["甲村"], "户编号": [123], "家庭人口": [3]})
    table.to_parquet(tmp_path / "roll.parquet")
    problems = problems_of(lambda: read_roll([tmp_path / "roll.parquet"]))
    assert [(p.key, p.column) for p in problems] == [("frames.id.numeric_column", "户编号")]


def test_a_missing_id_in_a_parquet_file_is_refused_as_empty(tmp_path):
    write_parquet(tmp_path / "roll.parquet", [HEADER, ["一镇", "甲村", None], ["一镇", "甲村", "1"]])
    assert found(problems_of(lambda: read_roll([tmp_path / "roll.parquet"])), "id.no_household") == [
        (2, "户编号", "")
    ]


# 11010519491231002X and 440524188001010014 are the examples of GB 11643-1999 itself
@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("440524188001010014", True),
        ("110105194912310021", False),  # wrong check digit
        ("110105194913310020", False),  # no such month
        ("99999919900101001T", True),  # invented, as in the synthetic county
        ("99999919900132001T", False),
        ("441481900101001", True),  # 15 digits
        ("441481901301001", False),
        ("001481900101001", False),  # no such province
        ("１１０１０５１９４９１２３１００２Ｘ", True),
        ("441481102201", False),
        ("", False),
    ],
)
def test_identity_numbers_are_told_by_province_birth_date_and_check_digit(value, is_one):
    assert looks_like_identity(value) is is_one


def test_identity_numbers_as_household_ids_are_refused_from_1_percent_on_and_masked(tmp_path):
    identity = "99999919900101001T"
    at_limit = [identity, *(f"{n:04}" for n in range(99))]
    (problem,) = problems_of(lambda: read(tmp_path, *at_limit))
    assert (problem.key, problem.row, problem.value) == ("frames.id.identity", 2, "9999************1T")
    below = read(tmp_path, *at_limit, "0099")
    assert found(below.notes, "id.identity_few") == [(2, "户编号", "9999************1T")]


def test_no_problem_prints_an_identity_number_whatever_else_is_wrong_with_it(tmp_path):
    identity = "99999919900101001T"
    problems = problems_of(
        lambda: read(tmp_path, identity, identity, identity + " ", identity + "\t", "9" + identity)
    )
    lines = "\n".join(problem.to_line(lang) for problem in problems for lang in ("zh", "en"))
    assert len(problems) >= 4
    assert identity not in lines


def test_village_codes_with_a_serial_behind_them_are_no_identity_numbers(tmp_path):
    village = "441481001001"  # with 001 behind it: a birth on 1900-10-01, 15 digits
    assert looks_like_identity(village + "001")
    roll = read(tmp_path, *(f"{village}{n:03}" for n in range(1, 30)), village=village)
    assert not {"id.identity", "id.identity_few"} & keys(roll.notes)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("441481199003071234", "4414************34"),
        ("4414811990030712345", "4414811990030712345"),  # 19 digits: no birth date to hide in an id
        ("44148119900307123", "4414***********23"),
        ("441481 19900307 1234", "4414************34"),
        ("441481102201", "441481102201"),
        ("44148110220100417", "44148110220100417"),
        ("a\u200bb", "a<U+200B>b"),
        ("1\ud800", "1<U+D800>"),
        (" x  ", "␣x␣␣"),
        ("x" * 100, "x" * 60 + "…"),
    ],
)
def test_a_value_is_shown_without_what_must_not_be_seen_and_with_what_cannot_be_seen(value, text):
    assert shown(value) == text


def test_thousands_of_faulty_rows_are_named_up_to_200_and_then_counted(tmp_path):
    problems = problems_of(lambda: read(tmp_path, *(f"{n} " for n in range(1000))))
    assert len(found(problems, "id.edge_space")) == 200
    (more,) = (problem for problem in problems if problem.key == "frames.more")
    assert (more.row, more.fields["count"], more.fields["last"]) == (202, 800, 1001)
