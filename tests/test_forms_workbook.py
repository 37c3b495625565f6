"""The visit workbook: what goes out comes back, and nothing that comes back can do harm."""

import io
import re
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from visits_stand_in import CAMPAIGN, make_forms, make_visits
from xlsxwriter import Workbook

from sampling.codes import BUILT_IN, VERDICTS, Codebook
from sampling.forms import drawn_households, read_workbook, write_workbook
from sampling.forms.layout import (
    ANSWER_FIELDS,
    GIVEN_FIELDS,
    MEMBER_FIELDS,
    QUESTION_FIELDS,
    VISIT_FIELDS,
    Heading,
    choice_label,
    choices_of,
)
from sampling.forms.returned import MEMBER_COLUMNS
from sampling.forms.standard import standard_of
from sampling.forms.workbook import workbook_bytes, write_in_tables, write_upright
from sampling.words import InputError

HEADING = Heading(
    campaign=CAMPAIGN,
    form_id="0123456789abcdef",
    township="T1",
    township_name="示范一镇",
    village="007",
    village_name="样村07",
    lang="zh",
    marks=("synthetic",),
)
FORMULAS = ["=1+1", "+1", "-1", "@a", "\t=1", "＝1+1", "＋1", "－1", "＠a"]
FORMULAS += ["=cmd|' /C calc'!A0", '=HYPERLINK("x")']
# Text that XML can carry; surrogates cannot come out of a file, two non-characters are left out on purpose
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40
).filter(lambda value: not set(value) & {"\ufffe", "\uffff"})
NUMBERS = ("persons", "entitled", "amount", "amount_due", "persons_found", "entitled_found", "income_wages")
NUMBERS = (*NUMBERS, "income_business", "income_property", "income_transfers")
PLAIN = [field for field in (*GIVEN_FIELDS, *ANSWER_FIELDS) if field not in NUMBERS]
FACES = [write_in_tables, write_upright]


def row(**values: str) -> pd.DataFrame:
    fields = [*GIVEN_FIELDS, *ANSWER_FIELDS]
    return pd.DataFrame([dict.fromkeys(fields, "") | {"serial": "00001"} | values], dtype="str")


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def households_xml(data: bytes) -> str:
    return parts(data)["xl/worksheets/sheet2.xml"]


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    return folder, *make_forms(folder)


def test_every_drawn_village_has_a_workbook_also_the_one_without_households(forms):
    folder, sample, _, _ = forms
    for face in (folder, folder / "phone"):
        assert sorted(path.name for path in face.glob("*.xlsx")) == [
            f"99999900100{v}.xlsx" for v in (1, 2, 3, 4)
        ]
    empty = read_workbook(folder / "999999001004.xlsx")
    assert empty.rows.empty and set(empty.village_answers) == set(QUESTION_FIELDS)
    ticket = sample.loc[(sample["village"] == "999999001001") & (sample["stage"] == 1), "ticket"].item()
    assert read_workbook(folder / "999999001001.xlsx").form_id == ticket[:16]


def test_the_forms_hold_every_main_household_of_every_list_once_and_no_reserve(forms):
    folder, sample, _, _ = forms
    rows = pd.concat([read_workbook(path).rows for path in folder.glob("*.xlsx")])
    upright = pd.concat([read_workbook(path).rows for path in (folder / "phone").glob("*.xlsx")])
    given = list(GIVEN_FIELDS)
    assert (
        upright[given].sort_values("serial").values.tolist()
        == rows[given].sort_values("serial").values.tolist()
    )
    main = sample[(sample["stage"] == 2) & (sample["role"] == "main")]
    assert sorted(rows["serial"]) == [f"{n:05d}" for n in range(1, len(main) + 1)]
    assert set(drawn_households(sample)["household"]) == set(rows["household"])
    assert set(rows["list"]) == {"在册", "已退出"}


def test_a_form_never_shows_identity_phone_whole_account_or_the_self_check(forms):
    folder, _, roll, _ = forms
    said = "".join(text for path in folder.rglob("*.xlsx") for text in parts(path.read_bytes()).values())
    for column in ("identity", "account", "phone", "self_check"):
        assert not any(value in said for value in roll[column]), column
    assert roll["account"].iloc[0][-4:] in said


def test_the_same_form_is_the_same_bytes_and_a_read_form_writes_itself_again(forms):
    folder, _, _, _ = forms
    for path in folder.glob("*.xlsx"):
        form = read_workbook(path)
        assert workbook_bytes(form.heading, form.rows, form.village_answers) == path.read_bytes()


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(PLAIN, TEXTS)), st.sampled_from(FACES))
@example(dict.fromkeys(PLAIN, "𠀀😀 _x000D_ &<>\"'"), write_in_tables)
@example(dict.fromkeys(PLAIN, "𠀀😀 _x000D_ &<>\"'"), write_upright)
def test_any_text_that_goes_into_a_form_comes_out_of_it(values, face):
    form = read_workbook(workbook_bytes(HEADING, row(**values), {}, face=face))
    assert form.heading == HEADING
    assert form.rows[PLAIN].iloc[0].to_dict() == values


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("danger", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text_in_every_cell(danger, face):
    texts = {field: danger for field in (*GIVEN_FIELDS, *ANSWER_FIELDS)}
    data = workbook_bytes(HEADING, row(**texts), dict.fromkeys(QUESTION_FIELDS, danger), face=face)
    assert not any("<f>" in text for name, text in parts(data).items() if "worksheets" in name)
    form = read_workbook(data)
    assert all(form.rows[field].item() == danger for field in texts if field not in NUMBERS)
    assert {form.rows[field].item() for field in NUMBERS} <= {danger, "-1"}


def test_ids_stay_text_with_their_zeros_and_long_numbers_keep_every_digit():
    ids = {
        "serial": "00417",
        "household": "441481199001011234",
        "account": "0071",
        "note": "007",
        "address": "1e5",
    }
    form = read_workbook(workbook_bytes(HEADING, row(**ids), {}))
    assert form.rows[list(ids)].iloc[0].to_dict() == ids
    assert form.village == "007"


def test_dates_and_amounts_are_real_dates_and_numbers_in_the_workbook():
    data = workbook_bytes(HEADING, row(date="2026-06-03", amount_due="210.50", amount="1230.00"), {})
    cells = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(1).to_python()[-1]
    assert [type(cell).__name__ for cell in cells if cell in (210.5, 1230.0)] == ["float", "float"]
    assert read_workbook(data).rows["date"].item() == "2026-06-03"
    assert read_workbook(data).rows["amount_due"].item() == "210.5"


def test_every_choice_has_a_drop_down_list_from_a_hidden_sheet_with_all_its_labels():
    two = pd.concat([row(list="在册"), row(list="已退出")])
    data = workbook_bytes(HEADING, two, {})
    rules = dict(re.findall(r'sqref="(\w+)"[^>]*><formula1>(lists![^<]+)<', households_xml(data)))
    assert (
        len(rules) == 5 + 3
    )  # outcome, verdict (two lists), reason, signed: the other three twice, once a list
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    columns = list(zip(*book.get_sheet_by_name("lists").to_python(), strict=True))
    found = {column[0]: tuple(cell for cell in column[1:] if cell) for column in columns}
    for table, codes in choices_of(BUILT_IN).items():
        assert found[table] == tuple(choice_label(table, code, "zh", BUILT_IN) for code in codes)
    states = dict(
        re.findall(r'<sheet name="(\w+)" sheetId="\d+" state="(\w+)"', parts(data)["xl/workbook.xml"])
    )
    assert states == {"lists": "hidden", "form": "veryHidden"}


def test_households_of_the_roll_and_of_other_lists_have_verdicts_of_their_own():
    data = workbook_bytes(HEADING, pd.concat([row(list="在册"), row(list="已退出")]), {})
    rules = dict(re.findall(r'sqref="(\w+)"[^>]*><formula1>(lists![^<]+)<', households_xml(data)))
    assert rules["M4"] == f"lists!$B$2:$B${len(VERDICTS) + 1}"
    assert rules["M5"].startswith("lists!$C$")


def test_the_sheet_is_protected_and_only_answers_are_unlocked():
    texts = parts(workbook_bytes(HEADING, row(), {}))
    assert "<sheetProtection" in texts["xl/worksheets/sheet2.xml"]
    formats = re.search(r"<cellXfs.*?</cellXfs>", texts["xl/styles.xml"], re.S)[0]
    each = re.findall(r"<xf [^>]*/>|<xf .*?</xf>", formats, re.S)
    unlocked = [number for number, xf in enumerate(each) if 'locked="0"' in xf]
    styles = dict(re.findall(r'<c r="([A-Z]+)4" s="(\d+)"', texts["xl/worksheets/sheet2.xml"]))
    free = {letters for letters, style in styles.items() if int(style) in unlocked}
    assert free == set("LMNOPQRSTUV") and len(free) == len(VISIT_FIELDS)


def test_the_sheet_prints_on_a4_across_one_page_wide_with_its_titles_repeated():
    data = workbook_bytes(HEADING, row(), {})
    sheet = households_xml(data)
    assert 'paperSize="9"' in sheet and 'orientation="landscape"' in sheet and 'fitToHeight="0"' in sheet
    assert 'Print_Titles" localSheetId="1">入户核查!$1:$2<' in parts(data)["xl/workbook.xml"]
    assert 'state="frozen"' in sheet


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_form_says_that_its_data_are_synthetic_or_its_draw_a_rehearsal_only_where_they_are(tmp_path, lang):
    for marks in ((), ("synthetic",), ("rehearsal",), ("synthetic", "rehearsal")):
        path = tmp_path / "form.xlsx"
        write_workbook(path, {"village": "1"}, row(), campaign="c", form_id="f", lang=lang, marks=marks)
        told = "".join(parts(path.read_bytes()).values())
        assert ("DATA=SYNTHETIC" in told, "REHEARSAL" in told) == ("synthetic" in marks, "rehearsal" in marks)
        assert read_workbook(path).heading.marks == marks


def rebuilt(data: bytes, change) -> bytes:
    """The same cells in another program's workbook: other sheet names, other order, maybe other columns."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as other:
        for name, cells in change(sheets):
            sheet = other.add_worksheet(name)
            for r, line in enumerate(cells):
                for c, value in enumerate(line):
                    if value != "":
                        sheet.write(r, c, value)
    return out.getvalue()


def test_a_form_is_known_whatever_its_sheets_are_called_and_however_its_columns_are_ordered():
    data = workbook_bytes(HEADING, row(household="00042", note="看过"), {"posting_days": "7"})

    def shuffle(sheets):
        moved = [
            [list(reversed(line)) for line in cells] if n == 1 else cells for n, cells in enumerate(sheets)
        ]
        moved[1] = [[], ["另加一行"], *moved[1]]
        return [(f"表{n}", cells) for n, cells in reversed(list(enumerate(moved)))]

    form = read_workbook(rebuilt(data, shuffle))
    assert form.heading == HEADING and form.village_answers["posting_days"] == "7"
    assert form.rows[["serial", "household", "note"]].iloc[0].tolist() == ["00001", "00042", "看过"]
    assert form.rows["row"].item() == "6"


def test_a_form_that_lost_a_column_says_which():
    data = workbook_bytes(HEADING, row(), {})

    def without_notes(sheets):
        sheets[1] = [line[:-1] for line in sheets[1]]
        return [(str(n), cells) for n, cells in enumerate(sheets)]

    form = read_workbook(rebuilt(data, without_notes))
    (note,) = form.notes
    assert (note.key, note.value, note.severity) == ("forms.part_gone", "备注", "reported")
    assert form.rows["note"].item() == "" and note.to_line("zh")


@pytest.mark.parametrize("part", [0, 1, 3])
@pytest.mark.parametrize("cut", [lambda line: line[:1], lambda line: [], lambda line: ["?", *line]])
def test_a_form_with_a_mangled_sheet_is_refused_or_read_and_never_ends_in_a_traceback(part, cut):
    def mangle(sheets):
        sheets[part] = [cut(line) for line in sheets[part]]
        return [(str(n), cells) for n, cells in enumerate(sheets)]

    try:
        read_workbook(rebuilt(workbook_bytes(HEADING, row(), {}), mangle))
    except InputError as error:
        assert error.problems[0].to_line("zh")


def other_workbook() -> bytes:
    out = io.BytesIO()
    with Workbook(out) as book:
        book.add_worksheet().write(0, 0, "别的表")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "forms.unreadable"),
        (b"PK\x03\x04", "tables.unreadable"),
        ("户编号,核查情况\n".encode(), "forms.unreadable"),
        (other_workbook(), "forms.not_a_form"),
    ],
)
def test_what_is_no_form_of_ours_is_refused_with_a_sentence(data, key, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_workbook(path)
    problem = caught.value.problems[0]
    assert problem.key == key
    assert "x.xlsx" in problem.to_line("zh") and "x.xlsx" in problem.to_line("en")


def test_one_stray_cell_in_the_last_row_is_refused_and_not_read_into_memory():
    data = workbook_bytes(HEADING, row(), {})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("sheet2.xml"):
                stray = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                text = text.replace(b"</sheetData>", stray)
            new.writestr(name, text)
    with pytest.raises(InputError) as caught:
        read_workbook(out.getvalue())
    assert caught.value.problems[0].key == "tables.too_large"


GOOD = workbook_bytes(HEADING, row(household="00042", note="看过"), {"posting_days": "7"})


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_broken_file_is_refused_or_read_and_never_ends_in_a_traceback(data):
    broken = bytearray(GOOD)
    if data.draw(st.booleans(), "truncate"):
        broken = broken[: data.draw(st.integers(0, len(GOOD) - 1), "length")]
    for place in data.draw(st.lists(st.integers(0, max(len(broken) - 1, 0)), max_size=20), "flips"):
        if broken:
            broken[place] ^= data.draw(st.integers(1, 255), "by")
    try:
        form = read_workbook(bytes(broken))
    except InputError as error:
        assert error.problems[0].key.startswith(("forms.", "tables."))
    else:
        assert form.heading.campaign


def test_broken_xml_inside_a_whole_archive_is_refused_with_a_sentence():
    for name in ("xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w") as new:
            for part in old.namelist():
                new.writestr(part, old.read(part)[:200] if part == name else old.read(part))
        try:
            form = read_workbook(out.getvalue())
        except InputError as error:
            assert error.problems[0].key.startswith(("forms.", "tables."))
        else:
            assert form.heading == HEADING


def test_a_hundred_and_twenty_villages_get_both_workbooks(tmp_path):
    make_forms(tmp_path, villages=120, households=60)
    assert len(list(tmp_path.glob("*.xlsx"))) == len(list((tmp_path / "phone").glob("*.xlsx"))) == 120


def test_serials_follow_the_order_of_the_sample_and_grow_beyond_five_digits():
    sample, _, _ = make_visits()
    many = pd.concat([sample[sample["stage"] == 2]] * 4000)
    serials = drawn_households(many)["serial"]
    assert serials.iloc[0] == "000001" and serials.is_unique and set(serials.str.len()) == {6}


def members(*people: dict[str, str], serial: str = "00001") -> pd.DataFrame:
    rows = [dict.fromkeys(MEMBER_COLUMNS, "") | {"serial": serial} | person for person in people]
    return pd.DataFrame(rows, columns=list(MEMBER_COLUMNS), dtype="str")


PEOPLE = [
    {"member_name": "=户主-0000001", "relation": "户主", "age": "71", "health": "患病", "counted": "是"},
    {"member_name": "成员𠮷", "relation": "子女", "age": "9", "ability": "无劳动能力", "counted": "否"},
]


@pytest.mark.parametrize("face", FACES)
def test_facts_and_members_come_back_with_their_household(face):
    two = pd.concat([row(serial="00001", household="a"), row(serial="00002", household="b")])
    two = two.assign(income_wages=["1200.5", ""], arrive=["09:05", ""], mode=["入户", ""], outcome="已入户")
    form = read_workbook(workbook_bytes(HEADING, two, {}, members=members(*PEOPLE), face=face))
    first, second = form.rows.sort_values("serial").to_dict("records")
    assert (first["income_wages"], first["arrive"], first["mode"]) == ("1200.5", "09:05", "入户")
    assert (second["income_wages"], second["arrive"]) == ("", "") and second["outcome"] == "已入户"
    told = form.members[list(MEMBER_FIELDS)].to_dict("records")
    assert told == [dict.fromkeys(MEMBER_FIELDS, "") | person for person in PEOPLE]
    assert set(form.members["link"]) == {first["link"]} != {second["link"]}


def test_facts_follow_the_household_where_a_serial_was_copied_into_the_wrong_row():
    two = pd.concat([row(serial="00001", household="a"), row(serial="00002", household="b")])
    data = workbook_bytes(HEADING, two.assign(income_wages=["1", "2"]), {}, members=members(*PEOPLE))

    def copied(sheets):
        sheets[1][-1][0] = "00001"
        sheets[2] = sheets[2][:3] + sheets[2][:2:-1]  # and the second sheet turned upside down
        return [(str(n), cells) for n, cells in enumerate(sheets)]

    form = read_workbook(rebuilt(data, copied))
    assert form.rows[["serial", "household", "income_wages"]].values.tolist() == [
        ["00001", "a", "1"],
        ["00001", "b", "2"],
    ]
    assert set(form.members["link"]) == {form.rows["link"].iloc[0]}


@pytest.mark.parametrize(
    ("standard", "due"), [({"rural": 500}, 400.0), ({"mode": "class", "classes": {"x": 480}}, 960.0)]
)
@pytest.mark.parametrize("face", FACES)
def test_the_amount_due_by_the_standard_is_a_live_formula(face, standard, due):
    """The formula is worked out here as a spreadsheet would."""
    known = standard_of(standard)
    each = "500.00" if known.areas else "480.00"
    filled = row(persons_found="3", entitled_found="2", income_wages="900", each=each, outcome="已入户")
    data = workbook_bytes(HEADING, filled, {}, standard=known, face=face)
    formulas = re.findall(r"<f>(.*?)</f>", "".join(parts(data).values()))
    (formula,) = formulas
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    cells = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    sheet = "家庭情况" if face is write_in_tables else "00001"
    assert worked_out(formula, cells, sheet) == due


def worked_out(formula: str, cells: dict, sheet: str) -> float:
    """The value of one of our two formulas, by Python: cells for their names, functions for their words."""

    def value(name: str, column: str, line: str) -> object:
        place = sum((ord(letter) - 64) * 26**i for i, letter in enumerate(reversed(column)))
        return cells[name][int(line) - 1][place - 1]

    def area(found: re.Match) -> str:
        first, second = ord(found[1]), ord(found[3])
        return str(
            [
                value(sheet, chr(c), str(r))
                for c in range(first, second + 1)
                for r in range(int(found[2]), int(found[4]) + 1)
            ]
        )

    text = formula.replace("&apos;", "'").replace("&quot;", '"').replace('=""', '==""')
    text = re.sub(r"([A-Z])(\d+):([A-Z])(\d+)", area, text)
    text = re.sub(r"'([^']+)'!([A-Z]+)(\d+)", lambda found: repr(value(found[1], found[2], found[3])), text)
    text = re.sub(
        r"(?<![A-Za-z\"'])([A-Z]{1,2})(\d+)(?![\w(])",
        lambda found: repr(value(sheet, found[1], found[2])),
        text,
    )
    words = {"IF": lambda test, yes, no: yes if test else no, "OR": lambda *tests: any(tests), "MAX": max}
    words |= {"COUNT": lambda some: sum(isinstance(one, float) for one in some), "ROUND": round}
    words |= {
        "SUM": lambda some: sum(one for one in some if isinstance(one, float)),
        "N": lambda one: one or 0,
    }
    return float(eval(text.replace("=0", "==0"), {"__builtins__": {}}, words))


def test_without_a_standard_there_is_no_formula():
    assert "<f>" not in "".join(parts(workbook_bytes(HEADING, row(), {})).values())


def test_the_titles_are_enough_where_the_hidden_fields_were_deleted():
    data = workbook_bytes(
        HEADING, row(household="00042", note="看过", tie="无"), {}, members=members(*PEOPLE)
    )

    def bare(sheets):
        return [
            (
                str(n),
                [line for line in cells if not any(str(cell).startswith("field:serial") for cell in line)],
            )
            for n, cells in enumerate(sheets)
        ]

    form = read_workbook(rebuilt(data, bare))
    assert form.rows[["serial", "household", "note", "tie"]].iloc[0].tolist() == [
        "00001",
        "00042",
        "看过",
        "无",
    ]
    assert len(form.members) == 2


def test_a_household_s_sheet_that_was_copied_is_two_rows_that_say_the_same():
    data = workbook_bytes(
        HEADING, row(household="a", note="x"), {}, members=members(*PEOPLE), face=write_upright
    )
    form = read_workbook(
        rebuilt(data, lambda sheets: [(str(n), s) for n, s in enumerate([*sheets, sheets[1]])])
    )
    assert form.rows["note"].tolist() == ["x", "x"] and form.rows["link"].is_unique
    assert sorted(form.members["link"].value_counts()) == [2, 2]


def test_a_merged_cell_counts_for_every_row_that_it_covers():
    two = pd.concat([row(serial="00001", household="a"), row(serial="00002", household="b")])
    data = workbook_bytes(HEADING, two.assign(date=["2026-06-03", ""]), {})
    column = 11 + VISIT_FIELDS.index("date")
    out = io.BytesIO()
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    with Workbook(out, {"in_memory": True}) as other:
        for name in book.sheet_names:
            sheet = other.add_worksheet(name)
            for r, line in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
                for c, value in enumerate(line):
                    if value != "":
                        sheet.write(r, c, str(value))
            if name == "入户核查":
                sheet.merge_range(3, column, 4, column, "2026-06-03")
    assert read_workbook(out.getvalue()).rows["date"].tolist() == ["2026-06-03", "2026-06-03"]


def test_a_county_s_own_reason_stands_in_the_drop_down_list():
    own = Codebook(own={"ineligible": {"gambling": {"zh": "赌博", "en": "gambled away"}}})
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook_bytes(HEADING, row(), {}, codebook=own)))
    assert any("赌博" in line for line in book.get_sheet_by_name("lists").to_python())
