"""Receipts: each file is answered in full, in either language, without a name and without a formula."""

import io
import random
import shutil
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from findings_corpus import as_csv
from findings_office import FIRST, SECOND, VILLAGE, VISITED, Office, make_office
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports_campaign import campaign, made_campaign  # noqa: F401
from visits_stand_in import CAMPAIGN, TAKEN

from sampling.campaign import take_in
from sampling.files import read_csv
from sampling.findings.quarantine import DANGEROUS
from sampling.findings.receipts import Letterhead, counted_notes, counts_table, receipt_bytes, receipt_names
from sampling.findings.taking import ANSWERED, COUNTED, Taken, empty_count
from sampling.words import LANGUAGES, text

NOW = datetime.fromisoformat("2036-07-01T09:30:00+08:00")


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    return make_office(tmp_path_factory.mktemp("forms"))


@pytest.fixture
def office(tmp_path, forms):
    return Office(tmp_path, forms)


def head(lang: str = "zh", **options) -> Letterhead:
    told = {"campaign": CAMPAIGN, "time": TAKEN, "lang": lang, "marks": ("synthetic",)}
    return Letterhead(**{**told, **options})


def opened(result, lang: str = "zh", number: int = 0, **options) -> openpyxl.Workbook:
    data = receipt_bytes(result.files[number], result.left, head(lang, **options))
    return openpyxl.load_workbook(io.BytesIO(data))


def table(sheet) -> list[list[str]]:
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


def everything(book) -> list[str]:
    return [str(cell) for sheet in book for row in table(sheet) for cell in row if cell != ""]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_receipt_says_what_arrived_what_became_of_each_row_what_to_do_and_what_is_left(office, lang):
    bad = VISITED | {"signed": "", "arrive": "09:00", "leave": "09:02"}
    result = office.take_in(office.hand_in(FIRST, VISITED, bad, village=VILLAGE))
    summary, rows, left = opened(result, lang)
    facts = {row[0]: row[2] for row in table(summary) if row[0] and row[2]}
    counts = {name: facts[text(f"receipts.count.{name}", lang)] for name in COUNTED}
    assert {name: number for name, number in counts.items() if number != "0"} == {
        "rows": "10",
        "accepted": "1",
        "quarantined": "1",
        "blank": "8",
    }
    assert text("forms.look.synthetic", lang, mark="DATA=SYNTHETIC") in everything([summary])
    first, second = table(rows)[2:4]  # below the titles and the cover
    assert first[1] == "00001" and first[5] == text("receipts.status.accepted", lang) and not first[6]
    assert second[1] == "00002" and second[5] == text("receipts.status.quarantined", lang)
    assert second[6] == text("findings.not_signed.problem", lang) and second[7]
    assert text("findings.too_short.problem", lang, minutes=2) in second[8]
    assert [row[5] for row in table(rows)[4:]] == [text("receipts.status.blank", lang)] * 8
    (wrong,) = [row for row in table(summary) if row[1] == "00002"]
    assert wrong[3] == second[6]
    told = [(row[0], row[4]) for row in table(left)[1:]]
    waiting, missing = (text(f"receipts.about.{name}", lang) for name in ("waiting", "missing"))
    assert told == [("00002", waiting), *((f"{n:05d}", missing) for n in range(3, 11))]


def test_the_receipt_of_a_file_that_was_taken_before_says_how_its_rows_are_by_now(office):
    path = office.hand_in(FIRST, VISITED, VISITED | {"signed": ""})
    office.take_in(path)
    office.take_in(office.hand_in(FIRST, {}, VISITED, as_="corrected.xlsx"))
    result = office.take_in(path)
    rows = table(opened(result)["逐行结果"])
    assert [row[5] for row in rows[2:4]] == [text("receipts.status.known", "zh")] * 2
    assert result.totals["quarantined"] == 0 and table(opened(result)["尚未完成"])[1][0] == "00003"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_receipt_of_a_refused_file_says_why_and_what_to_do(office, lang):
    result = office.take_in(office.lay_down("坏.xlsx", b"PK\x03\x04 broken"))
    said = everything(opened(result, lang))
    assert text("receipts.state.refused", lang) in said
    assert text("tables.unreadable.problem", lang, file="坏.xlsx") in said
    assert text("tables.unreadable.remedy", lang) in said


def test_notes_on_a_file_stand_on_its_receipt(office):
    rows = [["serial", "outcome", "天气"], ["00001", "", "雨"]]
    result = office.take_in(office.lay_down("a.csv", as_csv(rows)))
    said = everything(opened(result))
    assert text("tables.extra_columns.problem", "zh", file="a.csv", value="天气") in said


def test_no_receipt_tells_a_name_an_address_or_what_was_written_where_people_are_named(office):
    secret = "张三丰"
    row = VISITED | {"inspector_1": secret, "inspector_2": secret, "note": secret, "evidence": secret}
    result = office.take_in(office.hand_in(FIRST, row, row | {"photos": secret, "date": "?"}))
    assert result.totals["quarantined"] == 2 and secret in str(result.files[0].rows)
    for lang in LANGUAGES:
        said = "\n".join(everything(opened(result, lang)))
        hidden = [secret, *office.roll["household_name"], *office.roll["address"], *office.roll["account"]]
        assert not [word for word in hidden if word in said] and "00001" in said


@pytest.mark.parametrize("sign", DANGEROUS)
def test_nothing_on_a_receipt_is_a_formula_nor_becomes_one_when_it_is_saved_as_csv(office, sign):
    evil = f"{sign}1+1"
    rows = [["serial", "outcome", evil], [evil, evil, evil], ["00001", evil, ""]]
    result = office.take_in(office.lay_down("evil.csv", as_csv(rows)))
    assert result.totals["quarantined"] == 2
    book = opened(result, campaign=evil)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if cell.value.startswith(DANGEROUS)]
    said = {cell.value.replace("_x000D_", "\r") for cell in cells}
    assert f"'{evil}" in said


def taken(file: str, state: str = "taken", sha256: str = "f" * 64) -> Taken:
    return Taken(count=empty_count(file, state), sha256=sha256)


def test_each_file_has_a_receipt_of_its_own_by_a_name_that_every_system_takes():
    names = [
        "a.xlsx",
        "A.XLSX",
        "a.csv",
        "a.xlsx",
        'b:<"?>.xlsx',
        "con.xlsx",
        "..",
        "长" * 200 + ".xlsx",
        "c\n.xlsx",
    ]
    files = [taken(name, sha256=f"{n:064x}"[::-1]) for n, name in enumerate(names)]
    for lang in LANGUAGES:
        for purpose in ("finding", "second_visit"):
            made = receipt_names(files, lang, purpose=purpose)
            assert len({name.casefold() for name in made}) == len(names)
            assert all(
                name.endswith(".xlsx") and text(f"receipts.name.{purpose}", lang) in name for name in made
            )
            assert not any(set(name) & set('<>:"/\\|?*\n') or name[0] in ".~ " for name in made)
            assert all(len(name.encode()) < 255 for name in made)
    both = [receipt_names(files, "zh", purpose=purpose) for purpose in ("finding", "second_visit")]
    assert not set(both[0]) & set(both[1])


def test_photos_and_what_was_passed_over_get_no_receipt_and_lines_with_work_come_first(office):
    photo, lock = office.lay_down("1.jpg", b"\xff\xd8"), office.lay_down("~$a.xlsx", b"x")
    bad = office.hand_in(SECOND, VISITED | {"signed": ""})
    result = office.take_in(photo, lock, office.hand_in(FIRST, VISITED), bad)
    names = receipt_names(result.files, "zh")
    assert [bool(name) for name in names] == [one.state in ANSWERED for one in result.files]
    assert names == ["", "", "999999001001-回执.xlsx", "999999001002-回执.xlsx"]
    assert [note.file for note in counted_notes(result.files, names)] == [SECOND, FIRST]
    counts = counts_table(result, names)
    assert list(counts["receipt"]) == names
    assert list(counts["state"]) == ["paper", "skipped", "taken", "taken"]


ROWS = st.fixed_dictionaries(
    {
        "serial": st.sampled_from(["00001", "2", "00011", "99999", "", "=1", "SAMPLING/x/00001/0"]),
        "village": st.sampled_from(["999999001001", "999999001002", "9.9E+11", "nowhere", ""]),
        "household": st.sampled_from(["00001", "2", "00010", "", "x"]),
        "list": st.sampled_from(["", "在册", "removed", "?"]),
        "outcome": st.sampled_from(["已入户", "absent", "", "?"]),
        "verdict": st.sampled_from(["继续保障", "", "entitled"]),
        "date": st.sampled_from(["2026-06-03", "", "x"]),
        "inspector_1": st.sampled_from(["甲", ""]),
        "inspector_2": st.sampled_from(["乙", "甲"]),
        "persons_found": st.sampled_from(["3", "", "３"]),
        "signed": st.sampled_from(["是", ""]),
        "posting_days": st.sampled_from(["", "", "7"]),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, max_size=8), st.integers(0, 10**9))
def test_every_row_of_any_table_ends_in_one_place_and_a_second_time_adds_nothing(tmp_path, forms, rows, seed):
    folder = tmp_path / str(random.Random(seed).random())
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    office = Office(folder, forms)
    columns = ["serial", "village", "household", "list", *VISITED, "posting_days"]
    path = office.lay_down("a.csv", as_csv([columns, *([row[name] for name in columns] for row in rows)]))
    result = office.take_in(path)
    alone = ("village", "list", "posting_days")  # these make no row of a household
    told = [row for row in rows if any(row[name] for name in columns if name not in alone)]
    assert result.totals["rows"] == len(told) == sum(result.totals[name] for name in COUNTED[1:])
    assert len(office.register.findings()) == result.totals["accepted"]
    placed = result.rows[(result.rows["row"] != "")]
    assert len(placed) == len(told) and placed["row"].is_unique
    wrong = placed[placed["status"].isin(["quarantined", "conflicting"])]
    said = [tuple(row[name] for name in columns if name not in alone) for row in rows]
    content = {str(n): row for n, row in enumerate(said, start=2)}
    waits = {content[row] for row in result.waiting["row"] if row}
    assert {content[row] for row in wrong["row"]} <= waits  # the same row twice waits once
    again = office.take_in(path)
    assert again.head == result.head and again.totals["rows"] == len(told)
    assert again.totals["accepted"] == 0 and office.register.check() == ()
    receipt_bytes(result.files[0], result.left, head())


def receipts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "returned" / "receipts").iterdir()}


def test_intake_takes_folders_leaves_its_own_receipts_alone_and_makes_them_anew(campaign):  # noqa: F811
    returned = campaign.folder / "returned"
    before = receipts(campaign.folder)
    forms = [path for path in sorted(returned.glob("*.xlsx")) if not path.name.startswith("~$")]
    (returned / "组一" / "照片").mkdir(parents=True)
    forms[0].replace(returned / "组一" / forms[0].name)
    (returned / "组一" / "照片" / "1.jpg").write_bytes(b"\xff\xd8")
    (returned / "Thumbs.db").write_bytes(b"x")
    (returned / ".hidden").write_bytes(b"x")
    (returned / "笔记.docx").write_bytes(b"PK\x03\x04x")
    done = take_in(campaign, (), now=NOW)
    assert done.fields["files"] == len(list(returned.glob("*.xlsx"))) + 3
    after = receipts(campaign.folder)
    assert {name for name in before if name.endswith("xlsx")} < set(after)
    counts = read_csv(returned / "receipts" / "files.csv").set_index("file")
    assert counts.loc["笔记.docx", "state"] == "refused" and counts.loc["1.jpg", "state"] == "paper"
    assert not [name for name in counts.index if "回执" in name or name in ("Thumbs.db", ".hidden")]
    numbers = counts[list(COUNTED)].astype(int)
    assert (numbers["rows"] == numbers.drop(columns="rows").sum(axis=1)).all()
    assert set(counts["receipt"]) - {""} <= set(after)
    lines = [note for note in done.notes if note.key == "receipts.counts"]
    assert len(lines) == (counts["receipt"] != "").sum() - 1  # the refused one is told in its own words
    given = take_in(campaign, [returned / "组一"], now=NOW)
    assert given.fields["files"] == 2 and given.fields["accepted"] == 0


def test_second_visits_have_receipts_beside_those_of_the_first(campaign):  # noqa: F811
    path = next(
        p for p in sorted((campaign.folder / "returned").glob("*.xlsx")) if not p.name.startswith("~$")
    )
    take_in(campaign, [path], now=NOW, purpose="second_visit")
    names = set(receipts(campaign.folder))
    assert {f"{path.stem}-回执.xlsx", f"{path.stem}-复访回执.xlsx", "files-second-visits.csv"} <= names
