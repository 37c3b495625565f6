"""Forms of a campaign: file names that every system takes, names and labels that people read."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from visits_stand_in import make_visits

from sampling.forms import issued_households, read_workbook, write_forms
from sampling.forms.issue import form_files, form_rows, yuan

AWKWARD = ["a/b", "a\\b", "a:b", "CON", "con.txt", "x.", "x ", ".x", "~$x", "村", "村 ", "A", "a", "长" * 90]
AWKWARD += ["\u00e9", "e\u0301", "\U00020000"]


def test_village_ids_become_file_names_that_are_fit_and_unique_where_case_is_ignored():
    files = form_files(AWKWARD)
    assert len({name.casefold() for name in files.values()}) == len(AWKWARD)
    for name in files.values():
        assert not set(name) & set('<>:"/\\|?*') and not name.startswith((".", "~"))
        assert len(name.encode()) < 255
    assert files["村"] == "村.xlsx"


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=8))
def test_any_set_of_ids_gives_as_many_files(villages):
    assert len({name.casefold() for name in form_files(villages).values()}) == len(villages)


def test_a_form_shows_labels_yuan_and_only_the_end_of_an_account():
    sample, roll, removed = make_visits()
    issued = issued_households(sample, roll, {"removed": removed})
    rows = form_rows(issued, "en")
    first = rows.iloc[0]
    assert (first["list"], first["category"]) == ("on the roll", "ill or disabled")
    assert first["amount"] == "210.50" and first["account"] == "0001"
    assert list(rows["list"]) == sorted(rows["list"], key=["on the roll", "removed"].index)


def test_a_short_account_is_not_shown_at_all_and_missing_columns_are_empty():
    issued = pd.DataFrame({"serial": ["00001"], "list": [""], "household": ["1"], "account": ["1234567"]})
    row = form_rows(issued, "zh").iloc[0]
    assert row["account"] == "" and row["address"] == "" and row["amount"] == ""


def test_progress_is_told_after_each_file(tmp_path):
    sample, roll, removed = make_visits()
    told = []
    write_forms(
        sample.astype({"stage": "str"}),  # as it is read from sample.csv
        roll,
        {"removed": removed},
        tmp_path,
        campaign="c",
        lang="en",
        progress=lambda done, all_: told.append((done, all_)),
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    heading = read_workbook(tmp_path / "999999001001.xlsx").heading
    assert (heading.township_name, heading.village_name, heading.lang) == ("示范一镇", "样村01", "en")


def test_fen_become_yuan_without_a_float_in_between():
    assert [yuan(fen) for fen in (0, 5, 21050, 123456789)] == ["0.00", "0.05", "210.50", "1234567.89"]
    assert yuan(pd.NA) == ""
