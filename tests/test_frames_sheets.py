"""Files of every kind are read as the grids that they are."""

import pytest
import xlsxwriter
from frames_files import KINDS, found, keys, problems_of, write_csv, write_xlsx

from sampling.frames import read_roll
from sampling.frames.sheets import read_sheets

GRID = [
    ["乡镇", "村", "户编号", "备注"],
    ["一镇", "NA", "0371", '含,逗号；和"引号"'],
    ["一镇", "null", "1e5", "nan"],
    ["一镇", "1e5", "007", ""],
]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_file_gives_back_its_cells_as_text_in_their_rows(tmp_path, name):
    KINDS[name](tmp_path / name, GRID)
    sheets, problems = read_sheets(tmp_path / name, name)
    assert [sheet.rows for sheet in sheets] == [GRID]
    assert keys(problems) == ({"file.gb18030"} if name == "gb.csv" else set())


def test_a_file_is_what_its_first_bytes_say_not_its_name(tmp_path):
    write_xlsx(tmp_path / "renamed.csv", {"Sheet1": GRID})
    assert read_sheets(tmp_path / "renamed.csv", "renamed.csv")[0][0].rows == GRID


def test_rows_are_counted_as_a_spreadsheet_counts_them_even_below_empty_ones(tmp_path):
    write_xlsx(tmp_path / "book.xlsx", {"Sheet1": [[], [], ["", "标题"], *GRID]})
    assert read_sheets(tmp_path / "book.xlsx", "book.xlsx")[0][0].rows[3] == GRID[0]


def test_a_line_break_within_quotes_does_not_move_the_rows_below_it(tmp_path):
    grid = [GRID[0], ["一镇", "村", "1", "两\n行"], ["", "村", "2", ""]]
    path = write_csv(tmp_path / "roll.csv", grid)
    assert found(problems_of(lambda: read_roll([path])), "id.empty") == [(3, "乡镇", "")]


def test_a_quote_that_is_never_closed_is_refused_with_the_row_where_it_opens(tmp_path):
    path = tmp_path / "roll.csv"
    path.write_text('乡镇,村,户编号\n一镇,村,1\n一镇,"村,2\n一镇,村,3\n', encoding="utf-8")
    assert found(problems_of(lambda: read_roll([path])), "file.quotes") == [(3, "", "")]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "file.empty"),
        (b" \r\n \r\n", "file.empty"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "file.web_page"),
        (b"\xef\xbb\xbf<table>", "file.web_page"),
        (b"PK\x03\x04 not a workbook", "file.unreadable"),
        (b"\xd0\xcf\x11\xe0 not a workbook either", "file.unreadable"),
        (b"PAR1 nor a table", "file.unreadable"),
        (b"\xef\xbb\xbf\xe4\xb8", "file.encoding"),
        (b"a,b\n\xff\xff,1\n", "file.encoding"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path, content, key):
    (tmp_path / "roll.csv").write_bytes(content)
    assert key in keys(problems_of(lambda: read_roll([tmp_path / "roll.csv"])))


def test_a_truncated_workbook_is_refused_in_a_sentence(tmp_path):
    path = write_xlsx(tmp_path / "book.xlsx", {"Sheet1": GRID})
    path.write_bytes(path.read_bytes()[:-200])
    assert keys(problems_of(lambda: read_roll([path]))) == {"file.unreadable"}


def test_all_files_that_cannot_be_read_are_named_at_once(tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    problems = problems_of(lambda: read_roll([tmp_path / "empty.csv", tmp_path / "gone.csv", tmp_path]))
    assert [(p.file, p.key) for p in problems] == [
        ("empty.csv", "frames.file.empty"),
        ("gone.csv", "frames.file.missing"),
        (tmp_path.name, "frames.file.missing"),
    ]


def test_a_cell_merged_downwards_stands_in_each_of_its_rows_and_a_title_merged_across_does_not(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    sheet = book.add_worksheet()
    sheet.merge_range("A1:D1", "低保花名册")
    for i, row in enumerate(GRID[:1] + [["一镇", "甲村", f"{n}", ""] for n in range(3)], 1):
        for j, cell in enumerate(row):
            sheet.write_string(i, j, cell)
    sheet.merge_range("A3:A5", "一镇")
    sheet.merge_range("B3:B5", "甲村")
    book.close()
    roll = read_roll([tmp_path / "book.xlsx"])
    assert set(roll.table["village"]) == {"甲村"}
    assert [(n.row, n.value) for n in roll.notes if n.key == "frames.row.title"] == [(1, "低保花名册")]


def test_sheets_without_a_header_and_summaries_are_left_out_and_hidden_ones_read_each_with_a_note(tmp_path):
    summary = [["乡镇", "村", "户数"], ["一镇", "NA", "1"]]
    more = [GRID[0], ["二镇", "乙村", "1", ""]]
    sheets = {"一镇": GRID, "说明": [["本表由各镇填报"]], "汇总": summary, "二镇": more}
    path = write_xlsx(tmp_path / "book.xlsx", sheets, hidden=["二镇"])
    roll = read_roll([path])
    assert len(roll.table) == 4
    notes = {(note.file, note.key) for note in roll.notes}
    assert ("book.xlsx[说明]", "frames.file.no_header_sheet") in notes
    assert ("book.xlsx[汇总]", "frames.file.summary_sheet") in notes
    assert ("book.xlsx[二镇]", "frames.file.hidden_sheet") in notes


def test_a_sheet_that_looks_like_a_roll_but_lacks_household_ids_is_never_dropped_quietly(tmp_path):
    path = write_xlsx(
        tmp_path / "book.xlsx", {"一镇": GRID, "二镇": [["乡镇", "村", "户主"], ["二镇", "乙村", "张"]]}
    )
    problems = problems_of(lambda: read_roll([path]))
    assert ("book.xlsx[二镇]", "frames.header.no_household") in {(p.file, p.key) for p in problems}
