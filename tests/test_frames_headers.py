"""Headers: what an office calls a column, and what campaign.toml says instead."""

import hashlib
import hmac

import pytest
from frames_files import found, keys, problems_of, write_csv

from sampling.frames import read_roll, read_villages
from sampling.frames.headers import KNOWN, ROLL_FIELDS, assign, fold_header

KEY = b"k" * 32


def read(tmp_path, grid, **options):
    return read_roll([write_csv(tmp_path / "roll.csv", grid)], **options)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("镇（街道）", "township"),
        ("村（居）", "village"),
        ("行政村名称", "village"),
        (" 户 编 号 ", "household"),
        ("户号*", "household"),
        ("低保证号", "household"),
        ("户主姓名：", "household_name"),
        ("与户主关系", "relation"),
        ("身份证号码", "identity"),
        ("联系电话", "phone"),
        ("开户帐号", "account"),
        ("月保障金额（元）", "amount"),
        ("月保障金额\n（元／月）", "amount"),
        ("家庭人口（人）", "persons"),
        ("保障人口", "entitled"),
        ("类别", "category"),
        ("是否新增", "new_inclusion"),
        ("Household ID", "household"),
        ("AMOUNT", "amount"),
    ],
)
def test_the_headers_of_an_office_are_recognised(header, field):
    assert assign([header], {}, ROLL_FIELDS).columns == {field: (0,)}


@pytest.mark.parametrize(
    "header", ["月保障金额（万元）", "金额（元/人）", "人均补差", "年保障金额", "备注", ""]
)
def test_what_is_no_month_s_amount_of_a_household_in_yuan_is_not_taken_for_one(header):
    assert assign([header], {}, ROLL_FIELDS).columns == {}


def test_every_known_header_is_written_as_it_is_compared():
    words = [word for tiers in KNOWN.values() for tier in tiers for word in tier]
    assert all(fold_header(word) == word for word in words)


def test_beside_a_code_the_name_is_a_name_and_alone_it_is_the_id(tmp_path):
    both = read(tmp_path, [["乡镇", "村名", "村编号", "户编号"], ["一镇", "甲村", "0371", "1"]]).table.iloc[0]
    assert (both["village"], both["village_name"]) == ("0371", "甲村")
    alone = read(tmp_path, [["乡镇", "村名", "户编号"], ["一镇", "甲村", "1"]]).table
    assert alone["village"].tolist() == ["甲村"]
    assert "village_name" not in alone


def test_a_list_of_villages_with_english_headers_is_read_whole(tmp_path):
    grid = [
        ["village", "village_name", "township", "township_name"],
        ["441481001001", "大新社区居委会", "441481001", "兴田街道"],
        ["441481001002", "河背社区居委会", "441481001", "兴田街道"],
    ]
    villages = read_villages([write_csv(tmp_path / "villages.csv", grid)])
    assert sorted(villages.table) == sorted(grid[0])
    assert villages.table.loc[1, "village_name"] == "河背社区居委会"
    assert villages.notes == ()


def test_two_columns_that_claim_one_field_are_both_named(tmp_path):
    grid = [["乡镇", "行政村", "社区", "户编号"], ["一镇", "甲村", "乙社区", "1"]]
    problems = problems_of(lambda: read(tmp_path, grid))
    assert found(problems, "header.doubled") == [(1, "", "行政村（B） / 社区（C）")]
    assert "village" in problems[0].to_line("zh")


def test_the_household_s_own_number_wins_over_that_of_its_certificate_which_is_kept(tmp_path):
    table = read(tmp_path, [["乡镇", "村", "低保证号", "户编号"], ["一镇", "甲村", "Z9", "1"]]).table
    assert table.loc[0, ["household", "低保证号"]].tolist() == ["1", "Z9"]


def test_a_serial_number_stands_in_for_a_missing_household_id_and_is_reported(tmp_path):
    roll = read(
        tmp_path, [["序号", "乡镇", "村", "户主"], ["1", "一镇", "甲村", "张"], ["2", "一镇", "甲村", "李"]]
    )
    assert roll.table["household"].tolist() == ["1", "2"]
    assert "household.serial" in keys(roll.notes)


def test_a_header_of_two_lines_is_joined_and_reported(tmp_path):
    grid = [
        ["低保花名册", "", "", "", "", ""],
        ["乡镇", "村", "户编号", "户主", "", "保障情况"],
        ["", "", "", "姓名", "身份证号", "月保障金额"],
        ["一镇", "甲村", "1", "张", "", "210"],
    ]
    roll = read(tmp_path, grid)
    assert len(roll.table) == 1
    assert roll.table.loc[0, ["household_name", "amount_fen"]].tolist() == ["张", 21000]
    assert {"row.title", "header.two_lines"} <= keys(roll.notes)


def test_a_column_without_a_header_is_left_out_and_named_by_its_letter(tmp_path):
    roll = read(tmp_path, [["乡镇", "村", "户编号", ""], ["一镇", "甲村", "1", "x"]])
    assert found(roll.notes, "header.unnamed") == [(None, "D", "")]


def test_other_columns_are_kept_under_their_own_header_even_two_of_one_name(tmp_path):
    table = read(
        tmp_path,
        [["乡镇", "村", "户编号", "备注", "备注", "amount_fen"], ["一镇", "甲村", "1", "a", "b", "c"]],
    ).table
    assert table.loc[0, ["备注", "备注 (2)", "amount_fen (2)"]].tolist() == ["a", "b", "c"]


def test_the_column_map_wins_over_the_known_headers(tmp_path):
    grid = [["所在地", "单位", "号", "户编号"], ["一镇", "甲村", "7", "1"]]
    columns = {"township": "所在地", "village": "单位", "household": "号"}
    row = read(tmp_path, grid, columns=columns).table.iloc[0]
    assert row[["township", "village", "household", "户编号"]].tolist() == ["一镇", "甲村", "7", "1"]


def test_several_columns_are_joined_and_stay_what_they_are_as_well(tmp_path):
    grid = [["乡镇", "村", "户编号"], ["一镇", "甲村", "1"], ["二镇", "甲村", "1"]]
    table = read(tmp_path, grid, columns={"village": ["乡镇", "村"]}).table
    assert table["village"].tolist() == ["一镇/甲村", "二镇/甲村"]
    assert table["township"].tolist() == ["一镇", "二镇"]
    assert table["village_name"].tolist() == ["甲村", "甲村"]


@pytest.mark.parametrize(
    ("part", "key"), [("", "id.empty"), ("甲村 ", "id.edge_space"), ("甲\n村", "id.control")]
)
def test_a_fault_in_a_part_is_not_hidden_by_joining_it(tmp_path, part, key):
    grid = [["乡镇", "村", "户编号"], [part, "x", "1"]]
    assert key in keys(problems_of(lambda: read(tmp_path, grid, columns={"village": ["乡镇", "村"]})))


def test_a_pseudonym_is_the_keyed_hash_of_the_folded_identity_number(tmp_path):
    grid = [
        ["乡镇", "村", "身份证号"],
        ["一镇", "甲村", "99999919900101001T"],
        ["一镇", "甲村", " ９９９９９９１９９００１０１００２t"],
    ]
    columns = {"household": {"pseudonym_of": "身份证号"}}
    table = read(tmp_path, grid, columns=columns, pseudonym_key=KEY).table
    numbers = ("99999919900101001T", "99999919900101002T")
    expected = [hmac.new(KEY, n.encode(), hashlib.sha256).hexdigest()[:20] for n in numbers]
    assert table["household"].tolist() == expected
    assert table["identity"].tolist()[0] == "99999919900101001T"


def test_one_person_in_two_writings_is_one_pseudonym_and_therefore_a_doubled_household(tmp_path):
    grid = [
        ["乡镇", "村", "身份证号"],
        ["一镇", "甲村", "99999919900101001T"],
        ["一镇", "甲村", "99999919900101001t "],
    ]
    columns = {"household": {"pseudonym_of": "身份证号"}}
    problems = problems_of(lambda: read(tmp_path, grid, columns=columns, pseudonym_key=KEY))
    assert [row for row, _, _ in found(problems, "household.doubled")] == [3]


def test_a_pseudonym_without_a_key_is_an_error_of_the_program(tmp_path):
    grid = [["乡镇", "村", "身份证号"], ["一镇", "甲村", "99999919900101001T"]]
    with pytest.raises(ValueError, match="pseudonym_key must be given"):
        read(tmp_path, grid, columns={"household": {"pseudonym_of": "身份证号"}})


def test_a_wrong_column_map_is_refused_entry_by_entry(tmp_path):
    grid = [["乡镇", "村", "户编号"], ["一镇", "甲村", "1"]]
    columns = {"vilage": "村", "household": {"hash": "户编号"}, "township": "镇区"}
    problems = problems_of(lambda: read(tmp_path, grid, columns=columns))
    assert keys(problems) == {"columns.field", "columns.form", "columns.header"}


def test_a_file_without_a_header_is_refused_with_its_first_line(tmp_path):
    problems = problems_of(lambda: read(tmp_path, [["甲", "乙"], ["1", "2"]]))
    assert keys(problems) == {"header.none"}
    assert "甲 乙" in problems[0].to_line("zh")


def test_every_missing_column_is_named(tmp_path):
    problems = problems_of(lambda: read(tmp_path, [["户主", "金额"], ["张", "210"]]))
    assert {"header.no_township", "header.no_village", "header.no_household"} <= keys(problems)


def test_files_are_joined_by_field_name_whatever_their_headers_and_order(tmp_path):
    one = write_csv(tmp_path / "a.csv", [["乡镇", "村", "户编号", "金额"], ["一镇", "甲村", "1", "210"]])
    two = write_csv(tmp_path / "b.csv", [["household", "village", "township"], ["2", "甲村", "一镇"]])
    table = read_roll([one, two]).table
    assert table["household"].tolist() == ["1", "2"]
    assert table["amount_fen"].isna().tolist() == [False, True]


def test_a_problem_names_the_file_and_the_header_of_that_file(tmp_path):
    one = write_csv(tmp_path / "a.csv", [["乡镇", "村", "户编号"], ["一镇", "甲村", "1"]])
    two = write_csv(tmp_path / "b.csv", [["户号", "村居", "街道"], ["1", "甲村", "一镇"]])
    (problem,) = (
        p for p in problems_of(lambda: read_roll([one, two])) if p.key == "frames.household.doubled"
    )
    assert (problem.file, problem.row, problem.column) == ("b.csv", 2, "户号")
    assert problem.fields["other_row"] == "2 (a.csv)"
