"""Amounts to the fen, counts, yes and no: exact, or refused with the row."""

from decimal import Decimal

import pytest
from frames_files import found, problems_of, write_csv, write_xls, write_xlsx
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.frames import read_roll
from sampling.frames.values import UnreadableError, count, fen, yes

HEADER = ["乡镇", "村", "户编号", "家庭人口", "月保障金额（元）", "是否新纳入"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("210", 21000),
        ("1,230.50", 123050),
        ("￥210.00", 21000),
        ("¥ 1,230.5", 123050),
        ("２１０．５元", 21050),
        ("1，230", 123000),
        ("0", 0),
        ("0.07", 7),
        ("1000000", 100_000_000),
        ("210.000", 21000),
        (210.0, 21000),
        (0.07, 7),
        (1.15, 115),
        (70.1 * 3, 21030),  # 210.29999999999998, which a spreadsheet shows and means as 210.3
        (210, 21000),
        (Decimal("210.10"), 21010),
        ("", None),
        ("  ", None),
    ],
)
def test_an_amount_is_read_to_the_fen(cell, expected):
    assert fen(cell) == expected


@settings(deadline=None)
@given(st.integers(0, 100_000_000))
def test_every_amount_is_read_alike_as_text_with_commas_and_as_a_workbook_s_number(amount):
    yuan = f"{amount // 100}.{amount % 100:02}"
    assert fen(yuan) == fen(f"{amount // 100:,}.{amount % 100:02}") == fen(float(yuan)) == amount


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("-1", "negative"),
        ("－５０", "negative"),
        ("−0.01", "negative"),
        (-50.0, "negative"),
        ("210.555", "fraction"),
        (0.001, "fraction"),
        ("1000000.01", "too_high"),
        ("6217001234567890123", "too_high"),
        (1e300, "too_high"),
        ("一百", "unreadable"),
        ("1,23", "unreadable"),
        ("12,3456", "unreadable"),
        ("2.1e2", "unreadable"),
        ("210/3", "unreadable"),
        (".", "unreadable"),
        ("nan", "unreadable"),
        ("-", "unreadable"),
        (True, "unreadable"),
    ],
)
def test_what_is_no_amount_is_refused_for_what_it_is(cell, key):
    with pytest.raises(UnreadableError, match=f"frames.amount.{key}"):
        fen(cell)


@pytest.mark.parametrize(
    ("cell", "expected"), [("3", 3), ("３人", 3), (3.0, 3), ("3.0", 3), ("", None), ("0", 0)]
)
def test_a_count_is_read(cell, expected):
    assert count(cell, 999) == expected


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("2.5", "unreadable"),
        ("-1", "unreadable"),
        ("两", "unreadable"),
        (True, "unreadable"),
        ("1000", "too_high"),
        ("9" * 400, "too_high"),
    ],
)
def test_what_is_no_count_is_refused(cell, key):
    with pytest.raises(UnreadableError, match=f"frames.count.{key}"):
        count(cell, 999)


def test_yes_and_no_are_read_in_every_way_that_the_formats_name():
    assert all(yes(cell) for cell in ("1", "是", "yes", "TRUE", "１", True, 1.0))
    assert not any(yes(cell) for cell in ("0", "否", "No", "false", "", " ", False, 0.0))
    with pytest.raises(UnreadableError, match=r"frames.yes_no.unreadable"):
        yes("√")


@pytest.mark.parametrize("write", [write_xlsx, write_xls])
def test_numbers_are_welcome_where_no_id_stands(tmp_path, write):
    path = write(tmp_path / "book", {"Sheet1": [HEADER, ["一镇", "甲村", "1", 3, 210.5, 1]]})
    row = read_roll([path]).table.iloc[0]
    assert row[["persons", "amount_fen", "new_inclusion"]].tolist() == [3, 21050, True]


def test_every_value_that_cannot_be_read_is_named_with_row_column_and_value(tmp_path):
    grid = [
        HEADER,
        ["一镇", "甲村", "1", "两人", "-50", "也许"],
        ["一镇", "甲村", "2", "1", "6217001234567890123", ""],
    ]
    problems = problems_of(lambda: read_roll([write_csv(tmp_path / "roll.csv", grid)]))
    assert found(problems, "count.unreadable") == [(2, "家庭人口", "两人")]
    assert found(problems, "amount.negative") == [(2, "月保障金额（元）", "-50")]
    assert found(problems, "amount.too_high") == [
        (3, "月保障金额（元）", "6217…")
    ]  # perhaps an account number
    assert found(problems, "yes_no.unreadable") == [(2, "是否新纳入", "也许")]


def test_households_without_an_amount_are_counted_in_a_note(tmp_path):
    grid = [HEADER, ["一镇", "甲村", "1", "1", "", ""], ["一镇", "甲村", "2", "1", "0", ""]]
    (note,) = read_roll([write_csv(tmp_path / "roll.csv", grid)]).notes
    assert (note.key, note.row, note.fields["count"]) == ("frames.amount.missing", 2, 1)


def test_an_account_that_a_workbook_holds_as_a_number_is_reported_and_never_printed(tmp_path):
    grid = [["乡镇", "村", "户编号", "开户账号"], ["一镇", "甲村", "1", 6217001234567890123]]
    roll = read_roll([write_xlsx(tmp_path / "book.xlsx", {"Sheet1": grid})])
    assert found(roll.notes, "number.digits_lost") == [(2, "开户账号", "")]
