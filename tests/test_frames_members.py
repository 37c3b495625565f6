"""One row per member: folded into households by id, or by the head above."""

import pytest
from frames_files import KINDS, found, keys, problems_of, write_csv

from sampling.frames import make_frame, read_roll

HEADER = ["序号", "乡镇", "村名", "户编号", "姓名", "与户主关系", "身份证号", "月保障金额"]
TITLE = ["XX县2026年低保花名册", *[""] * 7]
ROLL = [
    TITLE,
    [""] * 8,
    HEADER,
    ["1", "一镇", "甲村", "01", "张", "户主", "", "420"],
    ["2", "一镇", "甲村", "01", "李", "妻", "", ""],
    ["3", "一镇", "甲村", "01", "张小", "子", "", "0"],
    ["4", "一镇", "甲村", "02", "王", "户 主", "", "210"],
    ["甲村小计", "", "", "", "", "", "", "630"],
    ["5", "一镇", "乙村", "01", "钱", "妻", "", ""],
    ["6", "一镇", "乙村", "01", "赵", "户主", "", "100"],
    ["合 计", "", "", "", "", "", "", "730"],
]
HOUSEHOLDS = [
    ("甲村", "01", "张", 3, 42000),
    ("甲村", "02", "王", 1, 21000),
    ("乙村", "01", "赵", 2, 10000),
]


def read(tmp_path, grid, **options):
    return read_roll([write_csv(tmp_path / "roll.csv", grid)], **options)


def households(roll):
    columns = ["village", "household", "household_name", "persons", "amount_fen"]
    return sorted(roll.table[columns].itertuples(index=False, name=None), key=county_order)


def county_order(row):
    return row[0] != "甲村", row[1]


@pytest.mark.parametrize("name", [name for name in KINDS if name != "table.parquet"])
def test_members_are_folded_by_household_id_and_titles_and_totals_left_out_in_every_format(tmp_path, name):
    KINDS[name](tmp_path / name, ROLL)
    roll = read_roll([tmp_path / name])
    assert households(roll) == HOUSEHOLDS
    assert [row for row, _, _ in found(roll.notes, "row.title")] == [1]
    assert [row for row, _, _ in found(roll.notes, "row.total")] == [8, 11]
    (folded,) = (note for note in roll.notes if note.key == "frames.member.folded")
    assert folded.fields == {"rows": 6, "households": 3}


def test_the_order_of_rows_is_irrelevant_where_every_row_has_its_household_id(tmp_path):
    straight = read(tmp_path, ROLL)
    turned = read(tmp_path, ROLL[:3] + ROLL[:2:-1])
    assert households(turned) == HOUSEHOLDS
    assert make_frame(turned, None).fingerprint == make_frame(straight, None).fingerprint


def test_members_without_an_id_belong_to_the_head_above(tmp_path):
    grid = [[*row[:3], row[3] if "主" in row[5] else "", *row[4:]] for row in ROLL[3:8]]
    grid += [["6", "", "", "01", "赵", "户主", "", "100"], ["5", "", "", "", "钱", "妻", "", ""]]
    grid[5][1:3] = ["一镇", "乙村"]
    assert households(read(tmp_path, [HEADER, *grid])) == HOUSEHOLDS


def test_without_a_household_column_the_head_s_serial_number_is_the_id_and_reported(tmp_path):
    grid = [row[:3] + row[4:] for row in [HEADER, *ROLL[3:7]]]
    roll = read(tmp_path, grid)
    assert roll.table["household"].tolist() == ["1", "4"]
    assert roll.table["persons"].tolist() == [3, 1]
    assert "household.serial" in keys(roll.notes)


def test_without_a_household_column_the_head_s_pseudonym_is_the_id(tmp_path):
    number = "9999991990010100{}T"
    people = [("张", "户主", 1), ("李", "妻", 2), ("王", "户主", 3)]
    grid = [["乡镇", "村", "姓名", "与户主关系", "身份证号"]]
    grid += [["一镇", "甲村", name, relation, number.format(n)] for name, relation, n in people]
    options = {"columns": {"household": {"pseudonym_of": "身份证号"}}, "pseudonym_key": b"k"}
    both = read(tmp_path, grid, **options).table
    heads = read(tmp_path, [grid[0], grid[1], grid[3]], **options).table
    assert both["household"].tolist() == heads["household"].tolist()
    assert both["persons"].tolist() == [2, 1]


def test_members_are_folded_by_their_names_beside_the_head_s_name(tmp_path):
    grid = [["乡镇", "村", "户编号", "户主姓名", "姓名"]]
    grid += [["一镇", "甲村", "01", "张", name] for name in ("李", "张", "张小")] + [
        ["一镇", "甲村", "02", "王", "王"]
    ]
    roll = read(tmp_path, grid)
    assert roll.table[["household", "household_name", "persons"]].values.tolist() == [
        ["01", "张", 3],
        ["02", "王", 1],
    ]


def test_the_column_map_says_that_a_lone_column_of_names_is_the_members(tmp_path):
    grid = [["乡镇", "村", "户编号", "姓名"], *(["一镇", "甲村", "01", name] for name in ("张", "李"))]
    assert "household.doubled" in keys(problems_of(lambda: read(tmp_path, grid)))
    roll = read(tmp_path, grid, columns={"member_name": "姓名"})
    assert roll.table[["household", "household_name", "persons"]].values.tolist() == [["01", "张", 2]]


def test_a_roll_of_members_that_does_not_say_so_gets_a_hint(tmp_path):
    grid = [["乡镇", "村", "户编号", "姓名"]]
    grid += [["一镇", "甲村", f"{n // 2}", f"人{n}"] for n in range(10)]
    assert {"household.doubled", "household.members"} <= keys(problems_of(lambda: read(tmp_path, grid)))


def test_two_heads_under_one_id_are_a_doubled_household_naming_both_rows(tmp_path):
    grid = [HEADER, ROLL[3], ROLL[4], ["9", "一镇", "甲村", "01", "孙", "户主", "", "100"]]
    (problem,) = (p for p in problems_of(lambda: read(tmp_path, grid)) if p.key == "frames.household.doubled")
    assert (problem.row, problem.value, problem.fields["other_row"]) == (4, "01", "2")


def test_one_member_twice_is_a_doubled_household_where_there_are_no_relations(tmp_path):
    grid = [["乡镇", "村", "户编号", "户主姓名", "姓名"], *[["一镇", "甲村", "01", "张", "张"]] * 2]
    assert found(problems_of(lambda: read(tmp_path, grid)), "household.doubled") == [(3, "户编号", "01")]


def test_another_head_s_name_under_the_same_id_is_a_doubled_household(tmp_path):
    grid = [
        ["乡镇", "村", "户编号", "户主姓名", "姓名"],
        ["一镇", "甲村", "01", "张", "张"],
        ["一镇", "甲村", "01", "王", "王"],
    ]
    assert found(problems_of(lambda: read(tmp_path, grid)), "household.doubled") == [(3, "户编号", "01")]


def test_the_same_amount_on_every_row_is_the_household_s_once_and_reported(tmp_path):
    grid = [HEADER, *([*row[:7], "420"] for row in ROLL[3:6])]
    roll = read(tmp_path, grid)
    assert roll.table["amount_fen"].tolist() == [42000]
    (note,) = (note for note in roll.notes if note.key == "frames.member.repeated_amount")
    assert note.fields["count"] == 1


def test_different_amounts_in_one_household_are_refused_row_by_row(tmp_path):
    grid = [HEADER, [*ROLL[3][:7], "420"], [*ROLL[4][:7], "210"], ROLL[5]]
    problems = problems_of(lambda: read(tmp_path, grid))
    assert found(problems, "member.torn_amount") == [(2, "月保障金额", "420.00"), (3, "月保障金额", "210.00")]


def test_amounts_of_members_are_added_up_where_the_header_or_the_map_says_that_they_are_theirs(tmp_path):
    rows = [[*ROLL[3][:7], "210.10"], [*ROLL[4][:7], "210.10"], [*ROLL[5][:7], ""]]
    mapped = read(tmp_path, [HEADER, *rows], columns={"member_amount": "月保障金额"})
    named = read(tmp_path, [[*HEADER[:7], "个人保障金额（元）"], *rows])
    assert mapped.table["amount_fen"].tolist() == named.table["amount_fen"].tolist() == [42020]
    assert "member.summed" in keys(named.notes)


def test_a_count_of_persons_in_the_roll_wins_over_the_number_of_rows(tmp_path):
    grid = [[*HEADER, "家庭人口"], [*ROLL[3], "5"], [*ROLL[4], ""]]
    assert read(tmp_path, grid).table["persons"].tolist() == [5]
    torn = [[*HEADER, "家庭人口"], [*ROLL[3], "5"], [*ROLL[4], "4"]]
    assert len(found(problems_of(lambda: read(tmp_path, torn)), "member.torn_count")) == 2


def test_a_household_without_its_head_is_taken_and_reported(tmp_path):
    roll = read(tmp_path, [HEADER, ROLL[3], ["9", "一镇", "甲村", "03", "孙", "妻", "", "100"]])
    assert found(roll.notes, "member.no_head") == [(3, "户编号", "03")]


def test_a_member_without_an_id_and_a_head_is_refused(tmp_path):
    problems = problems_of(
        lambda: read(tmp_path, [HEADER, ["1", "一镇", "甲村", "", "李", "妻", "", ""], ROLL[6]])
    )
    assert [row for row, _, _ in found(problems, "member.no_head_above")] == [2]


def test_a_member_in_another_village_than_the_head_above_is_refused(tmp_path):
    problems = problems_of(
        lambda: read(tmp_path, [HEADER, ROLL[3], ["2", "一镇", "乙村", "", "李", "妻", "", ""]])
    )
    assert found(problems, "member.elsewhere") == [(3, "村名", "乙村")]


def test_members_without_household_ids_and_relations_are_refused(tmp_path):
    grid = [
        ["序号", "乡镇", "村", "户主姓名", "姓名"],
        ["1", "一镇", "甲村", "张", "张"],
        ["2", "一镇", "甲村", "张", "李"],
    ]
    assert [row for row, _, _ in found(problems_of(lambda: read(tmp_path, grid)), "member.unnumbered")] == [3]


def test_a_member_never_follows_a_head_of_another_file(tmp_path):
    one = write_csv(tmp_path / "a.csv", [HEADER, ROLL[3]])
    two = write_csv(tmp_path / "b.csv", [HEADER, ["1", "一镇", "甲村", "", "李", "妻", "", ""]])
    (problem,) = (
        p for p in problems_of(lambda: read_roll([one, two])) if p.key == "frames.member.no_head_above"
    )
    assert (problem.file, problem.row) == ("b.csv", 2)
