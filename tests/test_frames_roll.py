"""A roll and its problems: all of them at once, each with its place."""

import re
from pathlib import Path

import pytest
from frames_files import KINDS, WORKBOOKS, found, keys, problems_of, said, write_csv, write_xlsx
from hypothesis import event, given, settings
from hypothesis import strategies as st

import sampling.frames
from sampling.frames import make_frame, read_roll, read_villages
from sampling.words import LANGUAGES, InputError, catalogue

HEADER = ["乡镇", "村（居）", "户编号", "户主姓名", "家庭人口", "月保障金额（元）"]
IDENTITY = "99999919900101001T"
BROKEN = [
    ["XX县2026年低保花名册", "", "", "联系电话：13800000000", "", ""],
    HEADER,
    ["示范一镇", "村A", "0001", "户主-1", "2", "420"],
    ["示范一镇", "村A", "0001", "户主-2", "1", "210"],  # a doubled household
    ["示范一镇", "", "0002", "户主-3", "1", "210"],  # an empty village
    ["示范一镇", "村B", 3, "户主-4", "3", "210"],  # a number stored as a number
    ["示范一镇", "村B", "0004", "户主-5", "3", "-50"],  # a negative amount
    ["示范二镇", "村A", "0005", "户主-6", "1", "100"],  # one village id in two towns
    ["示范二镇", "村C", IDENTITY, "户主-7", "1", "100"],  # an identity number as household id
    ["", "村D", "0007", "户主-8", "两人", "1.005"],  # an empty township, no count, a tenth of a fen
    ["合计", "", "", "", "12", "1060"],
]
EXPECTED = {
    ("id.number", 6),
    ("id.empty", 5),
    ("id.empty", 10),
    ("id.identity", 9),
    ("household.doubled", 4),
    ("village.two_towns", 8),
    ("amount.negative", 7),
    ("amount.fraction", 10),
    ("count.unreadable", 10),
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_broken_roll_is_refused_with_every_problem_at_once_and_its_row(tmp_path, name):
    WORKBOOKS[name](tmp_path / name, {"低保": BROKEN})
    problems = problems_of(lambda: read_roll([tmp_path / name]))
    refused = {(p.key.removeprefix("frames."), p.row) for p in problems if p.severity == "refused"}
    assert refused == EXPECTED
    assert {p.file for p in problems} == {name}
    assert {("row.title", 1), ("row.total", 11)} <= {(p.key.removeprefix("frames."), p.row) for p in problems}


def test_both_rows_and_both_towns_are_named(tmp_path):
    problems = problems_of(lambda: read_roll([write_xlsx(tmp_path / "b.xlsx", {"低保": BROKEN})]))
    lines = {p.key.removeprefix("frames."): p.to_line("zh") for p in problems}
    assert "第 4 行" in lines["household.doubled"] and "第 3 行" in lines["household.doubled"]
    assert all(text in lines["village.two_towns"] for text in ("示范一镇", "示范二镇", "第 3 行", "村A"))


def test_no_line_shows_an_identity_number_or_a_telephone(tmp_path):
    problems = problems_of(lambda: read_roll([write_xlsx(tmp_path / "b.xlsx", {"低保": BROKEN})]))
    for lang in LANGUAGES:
        lines = "\n".join(problem.to_line(lang) for problem in problems)
        assert "9999************1T" in lines
        assert IDENTITY not in lines
        assert "13800000000" not in lines


def test_refusals_come_before_what_is_only_reported(tmp_path):
    problems = problems_of(lambda: read_roll([write_xlsx(tmp_path / "b.xlsx", {"低保": BROKEN})]))
    severities = [problem.severity for problem in problems]
    assert severities == sorted(severities)
    assert len(set(severities)) == 2


GOOD = [
    HEADER,
    ["示范一镇", "0371", "007", "户主-1", "2", "420"],
    ["示范一镇", "0371", "NA", "户主-2", "1", "1,230.50"],
    ["示范一镇", "null", "007", "户主-3", "1", "２１０．０５"],
    ["示范二镇", "1e5", "é𠀀", "户主-㐂", "3", ""],
]


def test_the_same_roll_in_every_format_and_split_over_files_and_sheets_gives_one_frame(tmp_path):
    rolls = {}
    for name, write in KINDS.items():
        grid = [[cell.replace("\u00e9", "e") for cell in row] for row in GOOD]
        write(tmp_path / name, grid)
        rolls[name] = read_roll([tmp_path / name])
    halves = [write_csv(tmp_path / f"{i}.csv", [grid[0], *grid[i::2]]) for i in (1, 2)]
    rolls["halves"] = read_roll(halves)
    book = write_xlsx(tmp_path / "sheets.xlsx", {"一": [grid[0], *grid[1:3]], "二": [grid[0], *grid[3:]]})
    rolls["sheets"] = read_roll([book])
    frames = {name: make_frame(roll, None) for name, roll in rolls.items()}
    assert len({frame.fingerprint for frame in frames.values()}) == 1
    totals = {"households": 4, "persons": 7, "amount_fen": 42000 + 123050 + 21005}
    assert all(frame.control_totals == totals for frame in frames.values())


@pytest.mark.parametrize(
    "word",
    ["合计", "总计", "小计", "共计", "合　计", "甲村小计", "合计：", "总计（户）", "合计:12户", "Total"],
)
def test_total_rows_are_left_out_and_reported(tmp_path, word):
    for row in (
        [word, "", "", "", "7", "1860"],
        ["", word, "", "", "7", "1860"],
        ["", "", word, "", "7", "1860"],
    ):
        roll = read_roll([write_csv(tmp_path / "roll.csv", [*GOOD, row])])
        assert len(roll.table) == 4
        assert [n for n, _, _ in found(roll.notes, "row.total")] == [6]


@pytest.mark.parametrize("village", ["共计村", "小计湾", "总计里"])
def test_a_village_with_a_total_s_word_in_its_name_is_a_village(tmp_path, village):
    row = ["示范二镇", village, "1", "小计", "1", "100"]
    roll = read_roll([write_csv(tmp_path / "roll.csv", [*GOOD, row])])
    assert village in set(roll.table["village"])


def test_a_row_that_says_total_but_has_a_household_id_is_a_household(tmp_path):
    roll = read_roll(
        [write_csv(tmp_path / "roll.csv", [*GOOD, ["示范二镇", "1e5", "9", "合计", "1", "100"]])]
    )
    assert len(roll.table) == 5


def test_blank_rows_repeated_headers_and_signatures_are_left_out_and_reported(tmp_path):
    grid = [
        *GOOD[:2],
        [""] * 6,
        [" "] * 6,
        HEADER,
        *GOOD[2:],
        ["填表人：张三  电话：13800000000", "", "", "", "", ""],
        [""] * 6,
    ]
    roll = read_roll([write_csv(tmp_path / "roll.csv", grid)])
    assert len(roll.table) == 4
    (blank,) = (note for note in roll.notes if note.key == "frames.row.blank")
    assert (blank.row, blank.fields["count"]) == (3, 2)
    assert [n for n, _, _ in found(roll.notes, "row.repeated_header")] == [5]
    assert found(roll.notes, "row.footer") == [(9, "", "填表人：张三  电话：****")]


def test_a_row_with_more_cells_than_the_header_is_refused_because_its_cells_have_moved(tmp_path):
    path = tmp_path / "roll.csv"
    path.write_text(
        "乡镇,村,户编号,家庭住址,金额\n一镇,甲村,1,第1组,2号,210\n一镇,甲村,2,第1组,210\n", encoding="utf-8"
    )
    assert [row for row, _, _ in found(problems_of(lambda: read_roll([path])), "row.too_long")] == [2]


@pytest.mark.parametrize("field", ["空白村", "村名", "单位类型"])
def test_a_field_of_the_village_that_differs_between_its_rows_is_refused(tmp_path, field):
    values = ["是", ""] if field == "空白村" else ["甲", "乙"]
    grid = [
        ["乡镇", "村编号", "户编号", field],
        *(["一镇", "0371", str(i), value] for i, value in enumerate(values)),
    ]
    problems = problems_of(lambda: read_roll([write_csv(tmp_path / "roll.csv", grid)]))
    assert [p.row for p in problems] == [3]
    assert keys(problems) == {"village.yes_and_no" if field == "空白村" else "village.differing"}


def test_a_name_that_is_missing_on_some_rows_is_no_difference(tmp_path):
    grid = [["乡镇", "村编号", "村名", "户编号"], ["一镇", "0371", "", "1"], ["一镇", "0371", "甲村", "2"]]
    assert len(read_roll([write_csv(tmp_path / "roll.csv", grid)]).table) == 2


OTHERS = [
    "村编号",
    "村名",
    "序号",
    "户主姓名",
    "姓名",
    "与户主关系",
    "身份证号",
    "金额",
    "家庭人口",
    "空白村",
    "x",
    "备注",
]
CELLS = ["", " ", "一镇", "01", "1", "户主", "妻", "合计", "是", "-1", "210.5", IDENTITY, 1.0, 2.5, 1e20]
MAPS = [None, {"village": ["乡镇", "村"]}, {"household": {"pseudonym_of": "身份证号"}}]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_the_cells_a_roll_is_read_or_refused_and_no_row_is_lost(tmp_path_factory, data):
    header = ["乡镇", "村", "户编号", *data.draw(st.lists(st.sampled_from(OTHERS), max_size=4))]
    ids = st.tuples(
        st.sampled_from(["一镇", "一镇", "合计"]), st.just("甲村"), st.sampled_from(["1", "2", "3", "4", ""])
    )
    wild = data.draw(st.booleans())
    cell = st.sampled_from(CELLS if wild else ["", "1", "户主", "妻"])
    row = st.tuples(ids, st.lists(cell, min_size=len(header) - 3, max_size=len(header) - 3))
    rows = [[*first, *rest] for first, rest in data.draw(st.lists(row, max_size=6))]
    path = write_xlsx(tmp_path_factory.mktemp("any") / "book.xlsx", {"Sheet1": [header, *rows]})
    try:
        roll = read_roll([path], columns=data.draw(st.sampled_from(MAPS)), pseudonym_key=b"k")
    except InputError as error:
        event("refused")
        assert said(error.problems)
        return
    event("read")
    folds = [note.fields for note in said(roll.notes) if note.key == "frames.member.folded"]
    folded = sum(fields["rows"] - fields["households"] for fields in folds)
    left_out = len(found(roll.notes, "row.total"))
    assert len(roll.table) + folded + left_out == len(rows)
    assert make_frame(roll, None).counts["households"] == len(roll.table)


def test_a_header_without_rows_is_refused(tmp_path):
    assert keys(problems_of(lambda: read_roll([write_csv(tmp_path / "roll.csv", [HEADER])]))) == {
        "file.no_rows"
    }


def test_a_list_of_villages_is_refused_with_every_problem(tmp_path):
    grid = [
        ["village", "township", "blank", "households"],
        ["01", "一镇", "1", "12"],
        ["01", "一镇", "0", "13"],
        ["01", "二镇", "maybe", "many"],
        ["", "二镇", "", ""],
    ]
    problems = problems_of(lambda: read_villages([write_csv(tmp_path / "villages.csv", grid)]))
    refused = {"village.doubled", "village.two_towns", "yes_no.unreadable", "count.unreadable", "id.empty"}
    assert keys(problems) == refused


def test_every_problem_of_this_room_has_its_two_sentences_in_every_language():
    folder = Path(sampling.frames.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    names = set(re.findall(r'"(frames\.[a-z_0-9]+(?:\.[a-z_0-9]+)?)"', source))
    assert len(names) > 60
    for lang in LANGUAGES:
        assert not [
            n for n in names for part in ("problem", "remedy") if f"{n}.{part}" not in catalogue(lang)
        ]
