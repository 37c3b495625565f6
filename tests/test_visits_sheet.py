"""The sheet of teams: what is read, and everything that is wrong with it at once."""

import io
from pathlib import Path

import openpyxl
import pytest

from sampling.visits.sheet import FIELDS, read_teams, teams_template
from sampling.visits.team import team_notes
from sampling.words import LANGUAGES, InputError, text

HEADERS = [
    "组别",
    "姓名",
    "部门",
    "本人所在乡镇",
    "本人所在村编号",
    "亲属所在村编号",
    "已培训",
    "方言",
    "司机",
]
GOOD = [
    ["一组", "甲", "民政局", "东镇", "001", "007；008", "是", "客家话、普通话", "是"],
    ["一组", "乙", "财政局", "东镇", "", "", "是", "", ""],
    ["二组", "丙", "民政局", "", "", "", "是", "", "否"],
    ["二组", "丁", "审计局", "", "", "", "是", "", ""],
]


def workbook(path: Path, rows: list[list], title: list[list] | None = None) -> Path:
    book = openpyxl.Workbook()
    for row in [*(title or []), *rows]:
        book.active.append(row)
    book.save(path)
    return path


def refused(path: Path) -> list:
    with pytest.raises(InputError) as error:
        read_teams(path)
    assert all(problem.to_line(lang) for problem in error.value.problems for lang in LANGUAGES)
    return [(problem.key, problem.row) for problem in error.value.problems]


def test_a_sheet_with_a_title_and_chinese_headers_is_read(tmp_path):
    teams = read_teams(workbook(tmp_path / "t.xlsx", [HEADERS, *GOOD], [["核查组名单"], []]))
    first, second = teams
    assert [team.team for team in teams] == ["一组", "二组"]
    assert first.members[0].relatives == ("007", "008")
    assert first.members[0].languages == ("客家话", "普通话")
    assert (first.members[0].driver, first.members[1].driver, second.members[0].driver) == (True, None, False)
    assert first.closed == {"001", "007", "008"} and first.closed_townships == {"东镇"}
    assert not first.may_visit("999", "东镇") and not first.may_visit("007", "西镇")
    assert first.may_visit("999", "西镇")


def test_the_same_teams_stand_in_a_csv_file_with_english_headers(tmp_path):
    english = ["team", "name", "department", "home township", "home village", "relatives"]
    english += ["trained", "languages", "driver"]
    lines = [
        english,
        *[[*row[:6], "yes", *row[7:8], row[8].replace("是", "yes").replace("否", "no")] for row in GOOD],
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    assert read_teams(path) == read_teams(workbook(tmp_path / "t.xlsx", [HEADERS, *GOOD]))


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    rows = [
        ["一组", "甲", "民政局", "", "", "", "否", "", ""],
        ["一组", "乙", "民政局", "", "", "", "大概", "", ""],
        ["", "丙", "民政局", "", "", "", "", "", ""],
        ["二组", "甲", "民政局", "", "", "", "是", "", ""],
        ["二组", "", "", "", "", "", "", "", ""],
    ]
    found = refused(workbook(tmp_path / "t.xlsx", [HEADERS, *rows]))
    assert ("visiting.not_yes_no", 3) in found
    assert ("visiting.no_team", 4) in found
    assert ("visiting.no_name", 6) in found
    rules = {key for key, row in found if row is None}
    assert rules == {
        *(
            "visiting.one_department",
            "visiting.untrained",
            "visiting.too_few_members",
            "visiting.in_two_teams",
        )
    }


def test_a_member_written_twice_does_not_make_two(tmp_path):
    rows = [["一组", "甲", "民政局"], ["一组", "甲", "民政局"]]
    found = refused(workbook(tmp_path / "t.xlsx", [HEADERS[:3], *rows]))
    assert found == [("visiting.member_twice", None), ("visiting.too_few_members", None)]


def test_two_people_of_one_name_are_told_apart_by_their_departments(tmp_path):
    rows = [
        ["一组", "甲", "民政局"],
        ["一组", "甲", "财政局"],
        ["二组", "甲", "审计局"],
        ["二组", "乙", "民政局"],
    ]
    assert len(read_teams(workbook(tmp_path / "t.xlsx", [HEADERS[:3], *rows]))) == 2


def test_what_is_not_known_is_a_note_and_no_refusal(tmp_path):
    teams = read_teams(workbook(tmp_path / "t.xlsx", [["组别", "姓名"], ["一组", "甲"], ["一组", "乙"]]))
    assert [(note.key, note.value) for note in team_notes(teams)] == [
        ("visiting.training_unknown", "2"),
        ("visiting.department_unknown", "1"),
        ("visiting.home_unknown", "2"),
    ]
    assert all(note.to_line(lang) for note in team_notes(teams) for lang in LANGUAGES)


def test_several_places_to_start_from_are_refused_and_one_is_taken(tmp_path):
    head = [*HEADERS[:3], "出发乡镇"]
    rows = [["一组", "甲", "民政局", "东镇"], ["一组", "乙", "财政局", ""]]
    assert read_teams(workbook(tmp_path / "t.xlsx", [head, *rows]))[0].base == "东镇"
    rows[1][3] = "西镇"
    assert refused(workbook(tmp_path / "t.xlsx", [head, *rows])) == [("visiting.two_bases", None)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_template_is_read_back_when_it_is_filled_in(lang, tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(teams_template(lang)))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [
        text(f"visiting.header.{field}", lang).split(" |")[0] for field in FIELDS
    ]
    word = text("visiting.template.yes", lang)
    for row, name in enumerate("ab", start=2):
        for column, value in enumerate(["t", name, f"office {name}", "", "0012", "", word, "", word, "base"]):
            sheet.cell(row, column + 1).value = value or None
    book.save(tmp_path / "t.xlsx")
    (team,) = read_teams(tmp_path / "t.xlsx")
    assert team.base == "base" and team.closed == {"0012"}
    assert [member.trained for member in team.members] == [True, True]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_empty_template_says_what_it_needs(lang, tmp_path):
    (tmp_path / "t.xlsx").write_bytes(teams_template(lang))
    assert refused(tmp_path / "t.xlsx") == [("visiting.no_teams", None)]


def test_no_header_is_two_fields():
    for lang in LANGUAGES:
        names = [
            name.strip().lower()
            for field in FIELDS
            for name in text(f"visiting.header.{field}", lang).split("|")
        ]
        assert len(names) == len(set(names))
