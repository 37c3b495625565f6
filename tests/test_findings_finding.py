"""The rules of a row: each broken rule is named, all of them at once, and a good row keeps every value."""

import datetime
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.codes import (
    BUILT_IN,
    LIST_VERDICTS,
    LOOK_AGAIN,
    OUTCOMES,
    REASON_NEEDED,
    REASONS,
    VERDICTS,
    label,
    reasons_of,
    verdict_table,
)
from sampling.findings.answers import read_amount, read_count, read_date, read_yes_no
from sampling.findings.expected import Expected, Issued, identify
from sampling.findings.finding import Finding, check_row
from sampling.findings.problems import sentences, to_record
from sampling.findings.reading import Rulebook, read_answers
from sampling.findings.rules import RULES as RULE_TABLE
from sampling.findings.rules import broken_rules
from sampling.findings.village import VillageForm, check_village
from sampling.forms import NO_STANDARD, standard_of
from sampling.forms.layout import ANSWER_FIELDS, GIVEN_FIELDS, MEMBER_FIELDS
from sampling.words import catalogue

FIRST, LAST = datetime.date(2026, 6, 1), datetime.date(2026, 6, 20)
MEMBER = dict.fromkeys(MEMBER_FIELDS, "")
RULES = Rulebook(earliest=FIRST, latest=LAST, codebook=BUILT_IN, standard=NO_STANDARD)
ASKED = Expected(serial="00007", list="", township="T", village="V", household="00417", amount_paid_fen=21000)
REMOVED = Expected(serial="00008", list="removed", township="T", village="V", household="00418")
VISITED = {
    "serial": "00007",
    "list": "在册",
    "household": "00417",
    "amount": "210",
    "outcome": "已入户",
    "verdict": "继续保障",
    "persons_found": "3",
    "date": "2026-06-03",
    "inspector_1": "组3-1",
    "inspector_2": "组3-2",
    "signed": "是",
}


def row(**changes: str) -> dict[str, str]:
    return dict.fromkeys((*GIVEN_FIELDS, *ANSWER_FIELDS), "") | VISITED | changes


def check(expected: Expected | None = ASKED, **changes: str):
    return check_row(row(**changes), expected, RULES)


def names(**changes: str) -> set[str]:
    found = check(**changes)
    return set() if isinstance(found, Finding) else {problem.key.split(".")[1] for problem in found}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"outcome": ""}, "missing"),
        ({"outcome": "已入"}, "unknown"),
        ({"verdict": ""}, "missing"),
        ({"verdict": "继续"}, "unknown"),
        ({"verdict": "应纳入保障"}, "unknown"),  # a verdict of another list
        ({"outcome": "不在家"}, "not_visited"),
        ({"verdict": "建议停发", "evidence": "工资单"}, "reason_missing"),
        ({"verdict": "建议停发", "reason": "收入核算有误", "evidence": "工资单"}, "reason_unfit"),
        ({"verdict": "建议减发", "reason": "户主死亡", "amount_due": "100"}, "reason_unfit"),
        ({"verdict": "建议停发", "reason": "死了", "photos": "1.jpg"}, "unknown"),
        ({"reason": "生活好转"}, "reason_unneeded"),
        ({"verdict": "建议减发", "reason": "其他"}, "amount_missing"),
        ({"verdict": "建议增发", "reason": "其他"}, "amount_missing"),
        ({"verdict": "建议减发", "reason": "其他", "amount_due": "210"}, "amount_not_below"),
        ({"verdict": "建议减发", "reason": "其他", "amount_due": "2100"}, "amount_not_below"),
        ({"verdict": "建议增发", "reason": "其他", "amount_due": "210.00"}, "amount_not_above"),
        ({"verdict": "建议增发", "reason": "其他", "amount_due": "两百"}, "amount_unreadable"),
        ({"verdict": "建议停发", "reason": "其他", "amount_due": "10", "evidence": "x"}, "amount_not_zero"),
        ({"amount_due": "200"}, "amount_not_paid"),
        ({"amount": "200"}, "amount_altered"),
        ({"persons_found": ""}, "missing"),
        ({"persons_found": "-1"}, "count_unreadable"),
        ({"persons_found": "2.5"}, "count_unreadable"),
        ({"date": ""}, "missing"),
        ({"date": "2026-06-31"}, "date_unreadable"),
        ({"date": "六月三日"}, "date_unreadable"),
        ({"date": "2026-05-31"}, "date_early"),
        ({"date": "2026-06-21"}, "date_late"),
        ({"inspector_2": " "}, "missing"),
        ({"inspector_2": "组３-1"}, "same_inspector"),
        ({"signed": ""}, "not_signed"),
        ({"signed": "否"}, "not_signed"),
        ({"signed": "大概"}, "unknown"),
    ],
)
def test_a_broken_rule_is_named(changes, name):
    assert names(**changes) == {name}


STOP = {"verdict": "建议停发", "reason": "生活好转", "evidence": "购车发票"}
RURAL = replace(ASKED, area="rural", category="alone")
BY_STANDARD = replace(RULES, standard=standard_of({"rural": 500}))
FACTS = {"persons_found": "3", "entitled_found": "2", "income_wages": "900"}
"""By the standard of 500 yuan: (500 - 900 / 3) * 2 = 400 yuan are due."""


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        (STOP | {"evidence": ""}, "no_evidence"),
        (STOP | {"reason": "村干部亲属"}, "status_alone"),
        (STOP | {"reason": "邻里反映强烈"}, "status_alone"),
        (STOP | {"reason": "户主死亡"}, "survivors_unsaid"),
        (STOP | {"reason": "户主死亡", "entitled_found": "2"}, "survivors"),
        ({"entitled_found": "4"}, "too_many_entitled"),
        ({"arrive": "10:30", "leave": "9:45"}, "times_turned"),
        ({"arrive": "25:00"}, "time_unreadable"),
        ({"mode": "电话"}, "unknown"),
        ({"income_wages": "很多"}, "amount_unreadable"),
        ({"verdict": "需进一步核实", "reason": "生活好转"}, "reason_unfit"),
    ],
)
def test_what_the_office_may_not_do_is_refused_with_its_sentence(changes, name):
    assert names(**changes) == {name}


def test_evidence_income_and_what_is_said_of_the_others_make_a_removal():
    assert names(**STOP) == set() == names(**STOP | {"evidence": "", "photos": "00007-1.jpg"})
    assert names(**STOP | {"reason": "村干部亲属", "income_wages": "5000"}) == set()
    assert names(**STOP | {"reason": "户主死亡", "entitled_found": "0"}) == set()
    assert names(**STOP | {"reason": "户主死亡", "persons_found": "0"}) == set()
    assert names(verdict="需进一步核实") == set() == names(verdict="需进一步核实", reason="人户分离（外出）")


def test_status_is_no_ground_where_the_standard_still_gives_something():
    def stop(wages: str):
        stopped = row(**STOP | FACTS | {"reason": "离任村干部", "income_wages": wages})
        return check_row(stopped, RURAL, BY_STANDARD)

    assert [problem.key for problem in stop("900")] == ["findings.status_alone"]
    assert isinstance(stop("1500"), Finding)  # 500 a person: nothing is due


def test_a_survivor_in_the_table_of_members_keeps_a_dead_head_s_household():
    died = {**MEMBER, "relation": "户主", "health": "已去世", "counted": "是"}
    child = {**MEMBER, "relation": "子女", "age": "9", "health": "健康", "counted": "是"}
    stopped = row(**STOP | {"reason": "户主死亡", "persons_found": "0"})
    assert isinstance(check_row(stopped, ASKED, RULES, members=[died]), Finding)
    found = check_row(stopped, ASKED, RULES, members=[died, child])
    assert [problem.key for problem in found] == ["findings.survivors"]


def test_the_amount_by_the_standard_stands_beside_what_is_paid_and_a_difference_is_a_reminder():
    answers = read_answers(row(**FACTS), RURAL, BY_STANDARD)
    assert answers.computed == 40000 and answers.paid == 21000
    (reminder,) = broken_rules(answers)
    assert (reminder.key, reminder.severity, reminder.fields["computed"]) == (
        "findings.due_differs",
        "reported",
        "400.00",
    )
    found = check_row(row(**FACTS), RURAL, BY_STANDARD)
    assert (found.amount_computed_fen, found.amount_due_fen) == (40000, 21000)


def test_reminders_keep_nothing_out():
    short = row(arrive="09:00", leave="09:02")
    members = [{**MEMBER, "relation": "户主", "health": "健康"}]
    told = {problem.key for problem in broken_rules(read_answers(short, RURAL, BY_STANDARD, members=members))}
    assert told == {"findings.too_short", "findings.members_differ", "findings.income_missing"}
    assert isinstance(check_row(short, RURAL, BY_STANDARD, members=members), Finding)


def test_a_household_looked_at_by_its_documents_needs_no_signature():
    assert names(mode="资料核实", signed="") == set() and names(mode="入户", signed="") == {"not_signed"}


def test_a_household_of_another_programme_that_is_paid_has_the_verdicts_of_the_roll():
    guaranteed = replace(ASKED, list="five_guarantee")
    found = check(guaranteed, verdict="建议减发", reason="其他", amount_due="100")
    assert (found.verdict, found.amount_due_fen) == ("overpaid", 10000)


def test_names_notes_and_members_go_to_the_vault_and_nowhere_else():
    member = {**MEMBER, "member_name": "户主-0000001", "age": "71", "relation": "户主"}
    found = check_row(
        row(note="见其子", evidence="流水", photos="a.jpg；b.jpg"), ASKED, RULES, members=[member]
    )
    kept = json.dumps(found.to_dict(), ensure_ascii=False)
    assert not any(word in kept for word in ("见其子", "流水", "a.jpg", "户主-0000001", "71"))
    assert found.private.photos == ("a.jpg", "b.jpg") and found.private.members[0]["age"] == 71
    again = Finding.from_dict(found.to_dict(), json.loads(json.dumps(found.to_vault())))
    assert again == found


def test_every_rule_has_its_sentences_and_every_field_is_asked_or_given():
    fields = {*GIVEN_FIELDS, *ANSWER_FIELDS}
    for rule in RULE_TABLE:
        assert rule.field in fields
        for lang in ("zh", "en"):
            parts = (f"findings.{rule.name}.{part}" for part in ("short", "problem", "remedy"))
            assert all(part in catalogue(lang) for part in parts)


def test_all_problems_of_a_row_are_found_at_once():
    broken = {
        "verdict": "建议停发",
        "evidence": "x",
        "date": "x",
        "inspector_2": "组3-1",
        "signed": "",
        "persons_found": "?",
    }
    assert names(**broken) == {
        "reason_missing",
        "date_unreadable",
        "same_inspector",
        "not_signed",
        "count_unreadable",
    }


def test_the_days_of_draw_and_intake_themselves_are_days_of_visits():
    assert check(date="2026-06-01").date == "2026-06-01" and check(date="2026-06-20").date == "2026-06-20"


def test_a_household_that_was_not_at_home_needs_no_signature_and_gets_no_verdict():
    found = check(outcome="不在家", verdict="", persons_found="", signed="")
    assert (found.outcome, found.verdict, found.amount_due_fen, found.persons_found) == (
        "absent",
        "",
        None,
        None,
    )


def test_the_amount_due_follows_from_the_verdict_where_it_need_not_be_said():
    assert check().amount_due_fen == 21000
    stopped = check(verdict="建议停发", reason="生活好转", evidence="购车发票")
    assert stopped.amount_due_fen == 0
    assert check(verdict="需进一步核实").amount_due_fen is None
    removed = check(REMOVED, verdict="应纳入保障", amount="", amount_due="180.5")
    assert (removed.list, removed.verdict, removed.amount_due_fen) == ("removed", "entitled", 18050)


def good_rows() -> st.SearchStrategy:
    """Every combination of codes that the rules allow, in either language, with any amount and text."""
    verdicts = [("", verdict) for verdict in VERDICTS] + [("removed", verdict) for verdict in LIST_VERDICTS]
    return st.tuples(
        st.sampled_from(["completed"] * 3 + list(OUTCOMES[1:])),
        st.sampled_from(verdicts),
        st.integers(0, 8),
        st.integers(1, 20999),
        st.integers(0, 99),
        st.dates(FIRST, LAST),
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.sampled_from(["zh", "en"]),
    )


@given(good_rows())
def test_every_good_answer_becomes_a_finding_that_says_the_same(answers):
    outcome, (name, verdict), which, step, persons, day, note, lang = answers
    expected = REMOVED if name else ASKED
    allowed = reasons_of(verdict)
    reason = allowed[which % len(allowed)] if verdict in REASON_NEEDED else ""
    due = {"overpaid": 21000 - step, "underpaid": 21000 + step}.get(verdict)
    visited = outcome == "completed"
    found = check(
        expected,
        amount="" if name else "210",
        outcome=label("outcome", outcome, lang),
        verdict=label(verdict_table(name), verdict, lang) if visited else "",
        reason=label("reason", reason, lang) if visited and reason else "",
        amount_due=f"{due // 100}.{due % 100:02d}" if visited and due is not None else "",
        persons_found=str(persons) if visited else "",
        entitled_found="0" if reason == "head_died" else "",
        income_wages="3000" if reason in LOOK_AGAIN else "",
        evidence="x" if verdict == "ineligible" else "",
        date=day.isoformat(),
        note=note,
    )
    assert isinstance(found, Finding), found
    assert (found.outcome, found.date, found.private.note) == (outcome, day.isoformat(), note.strip())
    if visited:
        assert (found.verdict, found.reason, found.persons_found) == (verdict, reason, persons)
        if due is not None:
            assert found.amount_due_fen == due
    assert Finding.from_dict(found.to_dict(), found.to_vault()) == found


@given(st.dictionaries(st.sampled_from([*GIVEN_FIELDS, *ANSWER_FIELDS]), st.text(max_size=12)))
def test_whatever_is_written_the_check_answers_with_a_finding_or_with_sentences(changes):
    found = check(**changes)
    if not isinstance(found, Finding):
        for problem in found:
            for lang in ("zh", "en"):
                said = sentences(to_record(problem), lang, file="f.xlsx", row="4")
                assert all(said.values())


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-06-03", "2026-06-03"),
        ("2026/6/3", "2026-06-03"),
        ("２０２６年６月３日", "2026-06-03"),
        ("2026.06.03", "2026-06-03"),
        ("20260603", "2026-06-03"),
        ("46176", "2026-06-03"),  # Excel's number of that day
        ("03/06/2026", None),
        ("2026-6", None),
        ("2026-06-03 00:00:00", "2026-06-03"),
        ("2026-06-03T14:30", "2026-06-03"),
        ("1e5", None),
    ],
)
def test_dates_are_read_as_offices_and_spreadsheets_write_them(written, day):
    found = read_date(written)
    assert (found.isoformat() if found else None) == day


def test_amounts_are_read_exactly_or_not_at_all():
    assert [read_amount(text) for text in ("210", "１，２３０．５０", "￥0.05", "210.10000000000002")] == [
        21000,
        123050,
        5,
        21010,
    ]
    assert [read_amount(text) for text in ("", "-5", "210.005", "1e3", "2 1O", "=1")] == [None] * 6
    assert [read_count(text) for text in ("0", "０３", "", "1.0", "-1", "²")] == [0, 3, None, None, None, 2]


def test_yes_and_no_are_read_in_every_language():
    assert [read_yes_no(text) for text in ("是", "YES", "1", "√")] == [True] * 4
    assert [read_yes_no(text) for text in ("否", "no", "0", "FALSE")] == [False] * 4
    assert read_yes_no("") is None and read_yes_no("好") is None


ELSEWHERE = Expected(serial="00009", list="", township="T", village="W", household="00417")
ISSUED = Issued.of([ASKED, REMOVED, ELSEWHERE])


@pytest.mark.parametrize(
    ("changes", "who", "name"),
    [
        ({}, ASKED, None),
        ({"serial": "7"}, ASKED, None),
        ({"serial": "０００７"}, ASKED, None),
        ({"serial": ""}, ASKED, "missing"),
        ({"serial": "99999"}, ASKED, "serial_unknown"),
        ({"serial": "00009"}, ASKED, "serial_elsewhere"),
        ({"serial": "00008"}, ASKED, "serial_of_another"),
        ({"household": "0417"}, ASKED, "household_unknown"),
        ({"serial": "x", "household": "y"}, None, "serial_unknown"),
    ],
)
def test_serial_and_household_must_name_the_same_household_and_the_best_guess_is_kept(changes, who, name):
    guess, problems = identify(row(**changes), ISSUED, village="V")
    assert guess == who
    assert [problem.key for problem in problems] == ([f"findings.{name}"] if name else [])


def test_every_reason_belongs_to_a_verdict_of_the_roll():
    assert set(REASONS) <= set(VERDICTS)


def test_a_village_form_needs_every_answer_and_says_what_is_missing():
    answers = {"posting_days": "7", "meeting_held": "是", "files_complete": "否", "neighbours": "３"}
    answers |= {"neighbours_against": "0", "blank_village": "no", "village_note": " 好 "}
    form = check_village(answers, township="T", village="V")
    assert form == VillageForm(
        township="T",
        village="V",
        posting_days=7,
        meeting_held=True,
        files_complete=False,
        neighbours=3,
        neighbours_against=0,
        blank_village=False,
        note="好",
    )
    broken = check_village(answers | {"posting_days": "七", "meeting_held": ""}, township="T", village="V")
    assert [(problem.key, problem.column) for problem in broken] == [
        ("findings.count_unreadable", "posting_days"),
        ("findings.missing", "meeting_held"),
    ]


def test_every_problem_has_a_short_name_and_two_sentences_in_every_language():
    for lang in ("zh", "en"):
        words = catalogue(lang)
        keys = {key.rsplit(".", 1)[0] for key in words if key.startswith("findings.")}
        assert all(f"{key}.{part}" in words for key in keys for part in ("short", "problem", "remedy"))
