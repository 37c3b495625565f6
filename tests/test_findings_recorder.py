"""The recording form without a browser: what it shows, what it refuses, and that it forgets people again."""

import json
from fractions import Fraction

import pytest
from recorder_desk import SEEN, SON, STOPPED, TypingDesk
from visits_stand_in import TAKEN

from sampling.batches.execution import execute
from sampling.batches.kernels import kernel_managers
from sampling.batches.template import read_template
from sampling.campaign import folder as place
from sampling.campaign.recording import open_office, open_recorder
from sampling.findings import read_heads
from sampling.findings.recorder import Recorder
from sampling.findings.recorder_office import Office
from sampling.findings.recording import put_aside
from sampling.findings.recording_villages import record_village
from sampling.forms import issued_households
from sampling.forms.issue import form_rows
from sampling.words import LANGUAGES, text

pytest_plugins = ["recorder_drawn"]


class Page(TypingDesk):
    """A desk with its recording form."""

    def __init__(self, folder, *, lang: str = "zh", share: Fraction = Fraction(0)) -> None:
        super().__init__(folder)
        self.heads: list[int] = []
        issued = issued_households(self.sample, self.roll, {"removed": self.removed})
        self.given = {row["serial"]: row for row in form_rows(issued, lang).to_dict("records")}
        self.office = Office(
            desk=self.desk,
            register=self.register,
            papers=self.papers,
            given=self.given,
            places={},
            marks=("rehearsal",),
            share=share,
            lang=lang,
            now=lambda: TAKEN,
            noted=lambda: self.heads.append(self.register.head().seq),
        )
        self.recorder = Recorder(self.office, by="甲")
        self.entry, self.form = self.recorder.entry, self.recorder.entry.form

    def look_for(self, written: str) -> None:
        self.recorder.search.value = written

    def fill(self, answers: dict[str, str]) -> None:
        for name, value in answers.items():
            self.form.fields[name].value = value

    def press(self, button) -> str:
        button.click()
        return self.recorder.voice.message.value

    def marks(self) -> dict[str, str]:
        """What is marked, and how."""
        both = ("bad", "remind")
        fields = self.form.fields.items()
        return {name: mark for name, one in fields for mark in both if mark in one._dom_classes}

    def button(self, pane: str, name: str):
        found = [one for one in widgets_in(self.recorder.panes[pane]) if name in one._dom_classes]
        return found[0]


@pytest.fixture
def page(tmp_path) -> Page:
    return Page(tmp_path)


def widgets_in(top) -> list:
    return [top, *(below for child in getattr(top, "children", ()) for below in widgets_in(child))]


def whole_state(top) -> str:
    """Everything that the browser is told, and that a notebook which saves widgets would keep."""
    return json.dumps([one.get_state() for one in widgets_in(top)], default=repr, ensure_ascii=False)


def personal(page: Page) -> set[str]:
    names = ("household_name", "address", "account")
    return {row[name] for row in page.given.values() for name in names} - {""}


def people_shown(page: Page) -> list[str]:
    shown = whole_state(page.recorder)
    return [
        word
        for word in {*personal(page), SEEN["note"], SON["member_name"]}
        if f'"{word}"' in shown or (len(word) > 4 and word in shown)
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_personal_is_in_the_page_before_a_form_is_opened_nor_after_it_is_left(tmp_path, lang):
    page = Page(tmp_path, lang=lang)
    page.type("00001", SEEN, SON)
    assert "REHEARSAL" in page.recorder.counts.value
    assert people_shown(page) == [] and repr(page.recorder) == "Recorder(test-2026)"
    page.look_for("1")
    assert page.given["00001"]["household_name"] in people_shown(page) and SEEN["note"] in people_shown(page)
    page.press(page.entry.closing)
    assert people_shown(page) == []
    for name, tab in page.recorder.tabs.items():
        tab.click()
        assert page.recorder.panes[name].layout.display is None
    page.press(page.recorder.tabs["work"])
    assert people_shown(page) != []
    page.press(page.recorder.tabs["seconds"])
    assert people_shown(page) == []


def test_rules_are_told_while_one_types_and_what_is_missing_only_when_somebody_wants_to_save(page):
    page.look_for("00001")
    assert page.marks() == {}
    page.fill({"outcome": "已入户", "verdict": "建议停发", "date": "2026-05-01"})
    assert page.marks().keys() >= {"reason", "evidence", "date"} and "persons_found" not in page.marks()
    assert "早于抽取日期" in page.form.fields["date"].hint.value
    assert "没有保存" in page.press(page.entry.save) and page.marks()["persons_found"] == "bad"
    page.fill(STOPPED | {"persons_found": "0", "income_wages": "100"})
    assert "bad" not in page.marks().values() and "good" in page.form.rules.value
    assert "登记库第 1 条" in page.press(page.entry.save)
    assert page.heads == [1] and page.entry.layout.display == "none" and page.form.one is None
    assert "已登记</span>" not in page.recorder.counts.value and "<b>1</b>" in page.recorder.counts.value


def test_a_reminder_does_not_keep_a_form_from_being_saved(page):
    page.look_for("00001")
    page.fill(SEEN | {"arrive": "9:00", "leave": "9:02"})
    assert page.marks() == {"leave": "remind", "income_wages": "remind"}
    said = page.press(page.entry.save)
    assert "good" in said and "只有 2 分钟" in said


def test_the_amount_due_by_the_standard_is_reckoned_while_one_types(page):
    page.look_for("00001")
    assert "填写实有人口" in page.form.due.value
    page.fill({"persons_found": "4", "entitled_found": "2", "income_wages": "800"})
    assert "600.00" in page.form.due.value and "210.50" in page.form.due.value  # (500 - 800 / 4) * 2


def test_reasons_that_fit_the_verdict_are_offered_and_one_that_does_not_stays_to_be_seen(page):
    page.look_for("00001")
    reason = page.form.fields["reason"]
    every = set(reason.input.options)
    page.fill({"outcome": "已入户", "verdict": "建议减发"})
    assert set(reason.input.options) < every and "户主死亡" not in reason.input.options
    page.fill({"verdict": "建议停发", "reason": "户主死亡"})
    page.fill({"verdict": "建议减发"})
    assert reason.value == "户主死亡" and page.marks()["reason"] == "bad"


def test_a_household_that_is_not_paid_has_verdicts_of_its_own(page):
    serial = next(s for s, one in page.desk.issued.by_serial.items() if one.list == "removed")
    page.look_for(serial)
    assert set(page.form.fields["verdict"].input.options) == {"", "维持原决定", "应纳入保障", "需进一步核实"}
    page.look_for("00001")
    assert "继续保障" in page.form.fields["verdict"].input.options


def test_what_is_typed_is_never_lost_to_another_form_or_list(page):
    page.look_for("00001")
    page.fill({"note": "没写完"})
    page.look_for("00002")
    assert "还没有保存" in page.recorder.voice.message.value and page.form.one.serial == "00001"
    for tab in page.recorder.tabs.values():
        assert "还没有保存" in page.press(tab) and page.form.fields["note"].value == "没写完"
    page.press(page.entry.closing)
    page.look_for("00002")
    assert page.form.one.serial == "00002" and page.form.fields["note"].value == ""


def test_a_search_for_a_village_offers_its_households_and_one_for_nothing_says_so(page):
    village = page.key("00001")[1]
    page.look_for(village)
    assert page.recorder.found.options[0][1] == "00001"
    page.recorder.found.value = "00003"
    page.press(page.recorder.choices.children[1])
    assert page.form.one.serial == "00003" and page.recorder.found.options == ()
    page.look_for("没有这样的")
    assert "没有这样的" in page.recorder.voice.message.value


def test_a_line_for_another_member_comes_with_the_last_one_that_is_filled(page):
    page.look_for("00001")
    lines = len(page.form.people.value)
    page.form.people._lines[-1]["member_name"].value = "赵𠮷"
    assert len(page.form.people.value) == lines + 1
    page.form.people._lines[0]["age"].value = "八"
    assert "年龄" in page.form.people_hint.value
    page.form.people._lines[0]["age"].value = ""
    page.fill(SEEN)
    page.press(page.entry.save)
    (held,) = page.register.state().findings.values()
    assert page.register.personal([held["personal"]])[held["personal"]]["members"][0]["member_name"] == "赵𠮷"


def test_a_row_that_waits_is_shown_whole_opened_with_its_cells_and_gone_when_it_is_put_right(page):
    row = {"serial": "00002", **SEEN, "outcome": "去过", "inspector_2": ""}
    put_aside(page.desk, page.register, row, [SON], by="乙", time=TAKEN)
    page.press(page.recorder.tabs["waiting"])
    pane = page.recorder.panes["waiting"]
    assert "填写有误" in pane.rows.options[0][0] and "没有填写" in pane.detail.value
    assert SEEN["note"] in pane.detail.value and pane.serial.value == "00002"
    page.press(page.button("waiting", "open"))
    assert page.form.fields["outcome"].value == "去过" and page.marks()["outcome"] == "bad"
    assert page.form.people.value[0] == SON and "去过" in page.form.fields["outcome"].input.options
    page.fill({"outcome": "已入户", "inspector_2": "组3-2"})
    assert "good" in page.press(page.entry.save)
    assert pane.layout.display is None and pane.rows.options == ()  # back at the list that it came from
    assert page.register.quarantine().empty and "待核（0）" in page.recorder.tabs["waiting"].description


def test_a_conflict_is_shown_beside_what_is_registered_and_put_aside_or_corrected(page):
    page.type("00001", SEEN)
    page.type("00001", SEEN | {"persons_found": "5"}, by="乙")
    page.press(page.recorder.tabs["waiting"])
    pane = page.recorder.panes["waiting"]
    assert pane.detail.value.count("<td>") == 2 and "<td>3</td><td>5</td>" in pane.detail.value
    assert "没有填写理由" in page.press(page.button("waiting", "dismiss"))
    page.press(page.button("waiting", "open"))
    assert page.entry.mode == "correction" and page.form.fields["persons_found"].value == "5"
    assert "没有填写理由" in page.press(page.entry.save)
    page.entry.reason.value = "以第二份为准"
    assert "good" in page.press(page.entry.save) and page.register.quarantine().empty
    page.type("00001", SEEN, by="丙")
    page.press(page.recorder.tabs["waiting"])
    pane.why.value = "原登记无误"
    assert "不再处理" in page.press(page.button("waiting", "dismiss"))
    assert page.register.quarantine().empty and pane.rows.options == ()
    assert [e.kind for e in page.register.events()][-1] == "dismissed" and page.heads[-1] == 5


def test_a_second_entry_is_blind_its_differences_stand_beside_the_fields_and_a_third_person_settles(tmp_path):
    page = Page(tmp_path, share=Fraction(1))
    page.type("00001", SEEN, SON)
    page.look_for("00001")
    assert page.entry.mode == "correction"  # who typed it first corrects it
    page.press(page.entry.closing)
    page.recorder.by.value = "乙"
    page.press(page.recorder.tabs["seconds"])
    seconds = page.recorder.panes["seconds"]
    assert [serial for _, serial in seconds.second.options] == ["00001"]
    page.press(page.button("seconds", "open-second"))
    assert page.entry.mode == "second_entry" and page.form.entry[0]["note"] == "" and not page.form.dirty
    page.fill(SEEN | {"persons_found": "4"})
    page.form.people.value = [SON | {"age": "14"}]
    page.press(page.entry.save)
    assert [serial for _, serial in seconds.differing.options] == ["00001"] and seconds.second.options == ()
    page.press(page.button("seconds", "open-differing"))
    assert page.entry.mode == "settle" and page.form.fields["persons_found"].value == "3"
    assert "首次录入：3；二次录入：4" in page.form.fields["persons_found"].hint.value
    assert "首次录入：41；二次录入：14" in page.form.people_hint.value
    assert "第三人" in page.press(page.entry.save)
    page.recorder.by.value = "丙"
    assert "good" in page.press(page.entry.save)
    assert not page.register.state().differing and seconds.differing.options == ()


def test_a_finding_is_corrected_taken_back_and_decided_with_a_reason(page):
    page.type("00001", SEEN)
    page.look_for("00001")
    page.fill({"persons_found": "2", "entitled_found": "2"})
    assert "没有填写理由" in page.press(page.entry.save)
    page.entry.reason.value = "核对纸表"
    page.press(page.entry.save)
    page.look_for("00001")
    page.entry.decision.value, page.entry.day.value = "accepted", "2026-06-19"
    acts = page.entry.acts.children
    assert "good" in page.press(acts[2]) and page.register.findings()["decision"].tolist() == ["accepted"]
    page.look_for("00001")
    assert "没有填写理由" in page.press(acts[3])
    page.entry.reason.value = "重新入户"
    page.press(acts[3])
    assert page.register.findings().empty
    kinds = [entry.kind for entry in page.register.events()]
    assert kinds == ["finding", "correction", "decision", "reopened"]


def test_a_second_visit_is_typed_under_its_own_heading(page):
    page.type("00001", SEEN)
    page.look_for("00001")
    page.press(page.entry.switches.children[1])
    assert page.entry.mode == "second_visit" and page.form.entry[0]["outcome"] == ""
    page.fill(SEEN | {"inspector_1": "组4-1", "inspector_2": "组4-2"})
    assert "good" in page.press(page.entry.save) and len(page.register.second_visits()) == 1


def test_what_cannot_be_put_right_at_the_desk_goes_to_quarantine(page):
    page.look_for("00001")
    page.fill(SEEN | {"inspector_2": ""})
    assert "待核表" in page.press(page.entry.aside) and len(page.register.quarantine()) == 1


ANSWERED = {"posting_days": "7", "meeting_held": "是", "files_complete": "否", "neighbours": "3"}
ANSWERED |= {"neighbours_against": "1", "blank_village": "否", "village_note": "会议记录缺页"}


def test_a_villages_form_is_typed_corrected_and_opened_from_what_waits(page):
    village = page.key("00001")[1]
    page.press(page.recorder.tabs["village"])
    pane = page.recorder.villages
    pane.village.value = village
    pane.fields["neighbours"].value = "三"
    assert "bad" in pane.fields["neighbours"]._dom_classes and pane.village.disabled
    assert "还没有保存" in page.press(page.recorder.tabs["work"])
    for name, value in ANSWERED.items():
        pane.fields[name].value = value
    assert "登记库第 1 条" in page.press(page.button("village", "save"))
    assert "会议记录缺页" not in whole_state(page.entry)
    record_village(page.desk, page.register, village, ANSWERED | {"posting_days": "5"}, by="乙", time=TAKEN)
    page.press(page.recorder.tabs["waiting"])
    page.press(page.button("waiting", "open"))
    assert pane.fields["posting_days"].value == "5" and pane.fields["meeting_held"].value == "是"
    assert "没有填写理由" in page.press(page.button("village", "save"))
    pane.why.value = "看了照片"
    assert "登记库第 3 条" in page.press(page.button("village", "save"))
    assert page.register.village_answers()["posting_days"].tolist() == [5]
    assert page.register.quarantine().empty and page.heads == [1, 3]
    page.press(page.recorder.tabs["work"])
    assert "会议记录缺页" not in whole_state(page.recorder)


def test_nobody_sees_the_inside_of_a_program(page, monkeypatch):
    page.look_for("00001")
    page.fill(SEEN)

    def broken(*_args, **_options):
        raise RuntimeError("赵某 at 0x7f")

    monkeypatch.setattr("sampling.findings.recorder_entry.record", broken)
    said = page.press(page.entry.save)
    assert "没有成功（RuntimeError）" in said and "赵某" not in said and page.form.dirty


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_is_in_the_readers_language(tmp_path, lang):
    page = Page(tmp_path, lang=lang)
    page.look_for("00001")
    titles = {one.input.description for one in page.form.fields.values()}
    assert titles == {text(f"forms.column.{name}", lang) for name in page.form.fields}
    assert page.entry.save.description == text("recorder.save", lang)


# In a campaign


def test_the_form_of_a_campaign_records_and_notes_the_head_outside(drawn):
    recorder = open_recorder(drawn, by="甲")
    office = recorder.office
    serial = next(s for s, one in office.desk.issued.by_serial.items() if not one.list)
    recorder.search.value = serial
    day = drawn.receipt()["seed_source"]["time"][:10]
    for name, value in (SEEN | {"date": day, "income_wages": "0"}).items():
        recorder.entry.form.fields[name].value = value
    assert "good" in recorder.entry.form.rules.value and "按标准核算" in recorder.entry.form.due.value
    recorder.entry.save.click()
    assert read_heads(drawn.folder / place.HEADS)[-1] == drawn.register().head()
    assert drawn.findings()["serial"].tolist() == [serial]
    assert open_recorder(drawn, lang="en").office.lang == "en"


def test_every_household_of_a_campaign_can_be_found_and_shown(drawn):
    office = open_office(drawn)
    assert office.given.keys() == office.desk.issued.by_serial.keys() == office.papers.tickets.keys()
    assert all("示范" in office.place(one.village) for one in office.desk.issued.by_serial.values())


def test_the_executed_notebook_holds_nobody_not_even_in_the_state_of_its_widgets(drawn, tmp_path):
    values = {"campaign": str(drawn.folder), "lang": "zh"}
    with kernel_managers() as manager:
        notebook = execute(read_template("40_findings"), values, manager, tmp_path / "kept.ipynb")
    whole = json.dumps(notebook, ensure_ascii=False)
    people = [drawn.roll(), *drawn.lists().values()]
    columns = ("household_name", "identity", "phone", "account", "address")
    secrets = {str(v) for table in people for name in columns if name in table for v in table[name]} - {""}
    assert "Recorder(demo-2026)" in whole and not [word for word in secrets if word in whole]
