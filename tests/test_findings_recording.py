"""Recording at the desk: the rules of intake, two entries of one paper, corrections with reason and name."""

import json
import random
import signal
import subprocess
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_desk import SEEN, SON, STOPPED, TypingDesk
from registers import script
from visits_stand_in import CAMPAIGN, TAKEN

from sampling.codes import BUILT_IN, HEALTH, OUTCOMES, RELATIONS, TIES
from sampling.findings.finding import Finding, check_row
from sampling.findings.reading import read_answers
from sampling.findings.recorder_cells import cells_of, given_cells, worded
from sampling.findings.recorder_search import find
from sampling.findings.recorder_seconds import differences, differing_hashes, seconds_to_enter
from sampling.findings.recording import in_double_entry, judge_entry, mark_of, put_aside
from sampling.findings.recording_changes import correct, decide, dismiss, reopen, settle
from sampling.findings.recording_villages import (
    correct_village,
    judge_village,
    record_village,
    village_cells,
)
from sampling.forms.layout import ANSWER_FIELDS, ANSWERS, MEMBER_FIELDS
from sampling.forms.serials import code_text

pytest_plugins = ["registers_opened"]
ALL, NONE = Fraction(1), Fraction(0)


@pytest.fixture
def desk(tmp_path) -> TypingDesk:
    return TypingDesk(tmp_path)


def keys(done) -> list[str]:
    return [problem.key.split(".")[1] for problem in done.problems]


def kinds(desk: TypingDesk) -> list[str]:
    return [entry.kind for entry in desk.register.events()]


def held(desk: TypingDesk, serial: str):
    return desk.register.state().findings[desk.key(serial)]


def test_what_keeps_every_rule_is_recorded_with_its_personal_part_in_the_vault_alone(desk):
    done = desk.type("00001", SEEN, SON)
    assert (done.status, done.seq) == ("accepted", 1)
    (entry,) = desk.register.events()
    assert entry.actor == "甲" and "𠮷" not in entry.payload and "组3-1" in entry.payload
    kept = held(desk, "00001")
    private = desk.register.personal([kept["personal"]])[kept["personal"]]
    assert private["note"] == SEEN["note"] and private["members"][0]["member_name"] == "赵𠮷"
    assert kept["by"] == "甲" and desk.register.check() == ()


def test_what_breaks_a_rule_is_refused_with_every_problem_and_nothing_is_kept(desk):
    done = desk.type("00001", SEEN | {"date": "2026-05-01", "inspector_2": "组3-1"}, by=" ")
    assert done.status == "refused" and keys(done) == ["no_name", "date_early", "same_inspector"]
    assert kinds(desk) == []


def test_the_rules_are_those_of_intake(desk):
    row = {"serial": "00002", **STOPPED, "evidence": ""}
    judged = judge_entry(desk.desk, row, [SON], time=TAKEN)
    whole = {field: row.get(field, "") for field in ANSWER_FIELDS} | given_cells(judged.expected)
    told = check_row(whole, judged.expected, desk.desk.rulebook, members=[SON])
    assert judged.problems == told and {p.key for p in told} >= {"findings.no_evidence", "findings.survivors"}


def test_a_visit_of_today_is_not_in_the_future_although_the_desk_was_set_up_yesterday(desk):
    row = SEEN | {"date": "2026-06-22"}
    assert keys(desk.type("00001", row)) == ["date_late"]
    assert desk.type("00001", row, time="2026-06-22T08:00:00+08:00").status == "accepted"


def test_the_same_form_typed_again_is_known_and_another_one_waits_as_a_conflict(desk):
    desk.type("00001", SEEN)
    assert desk.type("00001", SEEN, by="乙").status == "known"
    done = desk.type("00001", STOPPED, by="乙")
    assert done.status == "conflicting" and keys(done) == ["conflicting"]
    assert (
        kinds(desk) == ["finding", "quarantined"] and held(desk, "00001")["finding"]["verdict"] == "correct"
    )
    assert list(desk.register.quarantine()["status"]) == ["conflicting"]
    assert desk.type("00001", STOPPED, by="乙").status == "conflicting" and len(kinds(desk)) == 2


def test_a_form_that_cannot_be_put_right_at_the_desk_waits_in_quarantine_until_it_is(desk):
    alone = SEEN | {"inspector_2": ""}
    row = {"serial": "00003", **alone}
    done = put_aside(desk.desk, desk.register, row, [SON], by="甲", time=TAKEN)
    assert done.status == "quarantined" and keys(done) == ["missing"]
    (waiting,) = desk.register.quarantine().to_dict("records")
    assert waiting["serial"] == "00003" and waiting["note"] == SEEN["note"]
    assert desk.type("00003", SEEN, SON).status == "accepted"
    assert desk.register.quarantine().empty


def test_a_correction_replaces_the_finding_and_says_why_and_by_whom(desk):
    desk.type("00001", SEEN, SON)
    mark = mark_of(held(desk, "00001"))
    options = {"replaces": mark, "reason": "看错了", "by": "乙", "time": TAKEN}
    row = {"serial": "00001", **STOPPED, "persons_found": "0"}
    for name in ("reason", "by"):
        refused = correct(desk.desk, desk.register, row, [], **options | {name: " "})
        assert refused.status == "refused" and keys(refused) == [
            "no_reason" if name == "reason" else "no_name"
        ]
    assert correct(desk.desk, desk.register, row, [], **options).status == "accepted"
    found = held(desk, "00001")
    assert (found["reason"], found["by"], found["finding"]["verdict"]) == ("看错了", "乙", "ineligible")
    assert kinds(desk) == ["finding", "correction"] and found["replaces"] == mark
    late = correct(desk.desk, desk.register, row, [], **options)
    assert keys(late) == ["changed_meanwhile"]
    again = options | {"replaces": mark_of(found)}
    assert correct(desk.desk, desk.register, row, [], **again).status == "known"
    assert keys(correct(desk.desk, desk.register, row | {"serial": "00002"}, [], **again)) == [
        "nothing_recorded"
    ]


def test_a_second_entry_is_made_by_somebody_else_and_kept_beside_the_first(desk):
    assert keys(desk.type("00001", SEEN, by="乙", kind="second_entry")) == ["nothing_recorded"]
    desk.type("00001", SEEN, SON)
    assert keys(desk.type("00001", SEEN, SON, by=" 甲 ", kind="second_entry")) == ["same_person"]
    assert desk.type("00001", SEEN, SON, by="乙", kind="second_entry").status == "accepted"
    state = desk.register.state()
    assert not state.differing and differences(state).empty and state.findings.keys() == {desk.key("00001")}
    assert desk.type("00001", SEEN, SON, by="乙", kind="second_entry").status == "known"
    assert keys(desk.type("00001", STOPPED, by="丙", kind="second_entry")) == ["second_there"]


def test_differences_are_named_cell_by_cell_and_settled_by_a_third_person_only(desk):
    desk.type("00001", SEEN, SON)
    other = SEEN | {"persons_found": "4", "note": "另一份"}
    desk.type("00001", other, SON | {"age": "14"}, by="乙", kind="second_entry")
    state = desk.register.state()
    table = differences(state, desk.register.personal(differing_hashes(state)))
    assert table[["member", "field", "first", "second"]].values.tolist() == [
        ["", "persons_found", "3", "4"],
        ["", "note", SEEN["note"], "另一份"],
        ["1", "age", "41", "14"],
    ]
    row = {"serial": "00001", **other}
    options = {"replaces": mark_of(held(desk, "00001")), "reason": "核对纸表", "time": TAKEN}
    for name in ("甲", "乙", "乙　"):
        for change in (settle, correct):
            refused = change(desk.desk, desk.register, row, [SON], by=name, **options)
            assert refused.status == "refused" and keys(refused) == ["third_person"]
    assert settle(desk.desk, desk.register, row, [SON], by="丙", **options).status == "accepted"
    assert differences(desk.register.state()).empty and kinds(desk)[-1] == "correction"
    again = options | {"replaces": mark_of(held(desk, "00001"))}
    assert "nothing_to_settle" in keys(settle(desk.desk, desk.register, row, [SON], by="丁", **again))
    assert keys(desk.type("00001", SEEN, by="丁", kind="second_entry")) == ["corrected_already"]


def test_a_settlement_may_say_what_the_first_entry_says(desk):
    desk.type("00001", SEEN)
    desk.type("00001", STOPPED | {"persons_found": "0"}, by="乙", kind="second_entry")
    options = {"replaces": mark_of(held(desk, "00001")), "reason": "首录无误", "by": "丙", "time": TAKEN}
    assert settle(desk.desk, desk.register, {"serial": "00001", **SEEN}, [], **options).status == "accepted"
    assert not desk.register.state().differing


def test_reopened_dismissed_decided(desk):
    desk.type("00001", STOPPED | {"persons_found": "0"})
    key, told = desk.key("00001"), {"by": "丙", "time": TAKEN}
    day = {"day": "2026-06-10"}
    assert keys(decide(desk.register, key, "dropped", reason="", **day, **told)) == ["no_reason"]
    for wrong in ("2026-06-01", "2026-06-21", "昨天"):
        assert keys(decide(desk.register, key, "accepted", reason="", day=wrong, **told)) == ["bad_day"]
    assert decide(desk.register, key, "accepted", reason="", **day, **told).status == "accepted"
    assert desk.register.findings()["decision"].tolist() == ["accepted"]
    with pytest.raises(ValueError, match="decision must be one of"):
        decide(desk.register, key, "maybe", reason="", **day, **told)
    assert keys(reopen(desk.register, key, reason="", by="丙", time=TAKEN)) == ["no_reason"]
    assert reopen(desk.register, key, reason="重访", **told).status == "accepted"
    assert desk.register.findings().empty
    assert keys(reopen(desk.register, key, reason="重访", **told)) == ["nothing_recorded"]
    assert keys(decide(desk.register, key, "accepted", reason="", **day, **told)) == ["nothing_recorded"]


def test_what_waits_is_put_aside_with_a_reason_once(desk):
    desk.type("00001", SEEN)
    desk.type("00001", STOPPED, by="乙")
    item = ("household", *desk.key("00001"))
    assert keys(dismiss(desk.register, item, reason="", by="乙", time=TAKEN)) == ["no_reason"]
    assert dismiss(desk.register, item, reason="原登记无误", by="乙", time=TAKEN).status == "accepted"
    assert desk.register.quarantine().empty
    assert keys(dismiss(desk.register, item, reason="x", by="乙", time=TAKEN)) == ["nothing_waiting"]


def test_a_row_of_an_unknown_household_is_gone_from_the_list_with_the_event_that_puts_it_right(desk):
    from sampling.findings.judging import Judged
    from sampling.findings.weighing import Place, waiting_event

    village = desk.key("00001")[1]
    item = ("row", village, "9")
    lost = Judged(
        row="9", cells=judged_cells(desk), item=item, township="x", village=village, problems=doubt()
    )
    place = Place(file="a.xlsx", sha256="ab", purpose="finding")
    desk.register.append([waiting_event(lost, place, "quarantined")], actor="intake", time=TAKEN)
    assert desk.type("00001", SEEN, waiting=item).status == "accepted"
    assert kinds(desk) == ["quarantined", "finding", "dismissed"] and desk.register.quarantine().empty


def judged_cells(desk: TypingDesk) -> dict[str, str]:
    return dict(judge_entry(desk.desk, {"serial": "00001", **SEEN}, [], time=TAKEN).cells) | {"serial": "77"}


def doubt():
    from sampling.findings.problems import wrong

    return (wrong("serial_unknown", {"serial": "77"}, "serial"),)


def test_a_second_visit_by_those_who_made_the_first_is_refused_and_by_others_is_kept_beside(desk):
    desk.type("00001", SEEN)
    assert keys(desk.type("00001", SEEN, kind="second_visit")) == ["second_same_team"]
    others = SEEN | {"inspector_1": "组4-1", "inspector_2": "组4-2"}
    assert desk.type("00001", others, kind="second_visit").status == "accepted"
    assert len(desk.register.second_visits()) == 1 and kinds(desk) == ["finding", "second_visit"]


# Which forms are typed twice, and finding a form


def test_forms_typed_twice_are_those_that_the_ticket_says_and_about_as_many_as_asked(desk):
    tickets = [f"{number:016x}" for number in range(4000)]
    tenth = {one for one in tickets if in_double_entry(one, Fraction(1, 10))}
    assert 330 < len(tenth) < 470  # 400, three standard deviations of 19 and a little
    assert tenth < {one for one in tickets if in_double_entry(one, Fraction(1, 5))}
    assert not any(in_double_entry(one, NONE) for one in tickets)
    assert all(in_double_entry(one, ALL) for one in tickets)


def test_seconds_are_asked_for_what_was_typed_here_and_not_yet_typed_twice(desk):
    desk.type("00001", SEEN)
    desk.type("00002", SEEN)
    desk.type("00002", SEEN, by="乙", kind="second_entry")
    state = desk.register.state()
    assert seconds_to_enter(state, desk.papers, ALL) == ("00001",)
    assert seconds_to_enter(state, desk.papers, NONE) == ()


def test_a_form_is_found_by_whatever_is_printed_on_it(desk):
    one = desk.desk.issued.by_serial["00002"]
    ticket = desk.papers.tickets["00002"]
    for written in ("00002", "2", "　２ ", ticket, ticket[:7].upper(), f"{one.village} {one.household}"):
        assert find(desk.papers, written) == (one,), written
    assert find(desk.papers, code_text(CAMPAIGN, "00002", ticket)) == (one,)
    assert find(desk.papers, f"{one.village}/{one.household}") == (one,)
    there = find(desk.papers, one.village)
    assert len(there) > 5 and {other.village for other in there} == {one.village}
    for nothing in ("", "99999", ticket[:5] + "x", "nowhere 1", code_text(CAMPAIGN, "00002", "0" * 16)):
        assert find(desk.papers, nothing) == (), nothing
    assert find(desk.papers, code_text("other", "00002", ticket)) == ()


# Killed while recording

KILLED = """
    import json, os, signal, sys
    from pathlib import Path
    from sqlalchemy import Engine, event
    from recorder_desk import SEEN, SON, TypingDesk

    desk = TypingDesk(Path(sys.argv[1]), households=90)
    serials, moment, said = desk.paid(), 0, 0

    @event.listens_for(Engine, "connect")
    def _(connection, _record):
        connection.set_trace_callback(count)

    def count(_statement):
        global said
        said += 1
        if said == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def work(out):
        state = desk.register.state()
        left = [one for one in serials if desk.key(one) not in state.findings]
        for serial in left[:8]:
            for kind, by in (("finding", "first"), ("second_entry", "second")):
                row = SEEN | ({"persons_found": "4"} if kind == "second_entry" else {})
                done = desk.type(serial, row, SON, by=by, kind=kind)
                os.write(out, f"{serial} {kind} {done.status}\\n".encode())

    for line in sys.stdin:
        inside, outside = os.pipe()
        moment = int(line)
        if not (child := os.fork()):
            work(outside)
            os._exit(0)
        os.close(outside)
        told = b""
        while more := os.read(inside, 65536):
            told += more
        os.close(inside)
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.WTERMSIG(status), told.decode().splitlines()]), flush=True)
"""
"""For each number a process types forms twice each and is killed, as `kill -9` does, at that statement."""
MOMENTS = sorted(random.Random(20260624).sample(range(1, 350), 50))


def test_whatever_moment_recording_is_killed_at_what_was_confirmed_is_there_and_nothing_is_half(tmp_path):
    desk = TypingDesk(tmp_path, households=90)
    desk.type("00001", SEEN)  # the files of the register are there
    killer = script(KILLED, desk.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert killer.stdin and killer.stdout
    ends: Counter[int] = Counter()
    for moment in MOMENTS:
        before = len(desk.register.events())
        killer.stdin.write(f"{moment}\n")
        killer.stdin.flush()
        signalled, told = json.loads(killer.stdout.readline())
        ends[signalled] += 1
        state, new = desk.register.state(), len(desk.register.events()) - before
        assert desk.register.check() == (), moment  # the chain holds, and every record is in the vault
        assert len(told) <= new <= len(told) + 1, moment  # killed between the commit and the word: one more
        for line in told:
            serial, kind, status = line.split()
            table = state.findings if kind == "finding" else state.second_entries
            assert status == "accepted" and desk.key(serial) in table, (moment, line)
        assert all(key in state.findings for key in state.second_entries)
    killer.stdin.close()
    assert killer.wait() == 0 and ends == {signal.SIGKILL: len(MOMENTS)}
    assert len(desk.register.state().second_entries) > 8
    assert desk.type("00001", STOPPED | {"persons_found": "0"}, by="乙").status == "conflicting"


# A finding written back into its form

said = st.fixed_dictionaries(
    {
        "outcome": st.just("completed"),
        "verdict": st.sampled_from(["correct", "to_be_checked"]),
        "persons_found": st.integers(0, 12).map(str),
        "date": st.sampled_from(["2026-06-03", "2026年6月4日", "46176"]),
        "arrive": st.sampled_from(["", "9:05", "０９：３０"]),
        "leave": st.sampled_from(["", "10:15"]),
        "income_wages": st.sampled_from(["", "0", "1,230.5", "￥88"]),
        "tie": st.sampled_from(["", *TIES]),
        "mode": st.sampled_from(["", "at_home", "by_documents"]),
        "signed": st.sampled_from(["是", "yes", "√"]),
        "inspector_1": st.just("组3-1"),
        "inspector_2": st.just("组3-2"),
        "note": st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8),
        "photos": st.sampled_from(["", "a.jpg；b.jpg", "c.png"]),
    }
)
person = st.fixed_dictionaries(
    {
        "member_name": st.sampled_from(["赵𠮷", "=1+1", ""]),
        "relation": st.sampled_from(["", *RELATIONS]),
        "age": st.sampled_from(["", "7", "８０"]),
        "health": st.sampled_from(["", *HEALTH]),
        "ability": st.just(""),
        "counted": st.sampled_from(["", "是", "否"]),
    }
)


@pytest.fixture(scope="module")
def still(tmp_path_factory) -> TypingDesk:
    return TypingDesk(tmp_path_factory.mktemp("still"))


@given(row=said, people=st.lists(person, max_size=3), lang=st.sampled_from(["zh", "en"]))
def test_a_finding_written_back_and_read_again_is_the_same_in_every_language(still, row, people, lang):
    first = judge_entry(still.desk, {"serial": "00001", **row}, people, time=TAKEN)
    assert isinstance(first.found, Finding), first.problems
    vault = json.loads(json.dumps(first.found.to_vault()))
    answers, members = worded(cells_of(first.found.to_dict(), vault), "", lang, BUILT_IN)
    again = judge_entry(still.desk, {"serial": "00001", **answers}, members, time=TAKEN)
    assert again.found == first.found


def test_what_is_no_choice_of_the_list_stays_as_it_was_written():
    answers = dict.fromkeys(ANSWER_FIELDS, "") | {"outcome": "去过了", "verdict": "correct", "signed": "1"}
    cells, _ = worded((answers, ()), "", "zh", BUILT_IN)
    assert (cells["outcome"], cells["verdict"], cells["signed"]) == ("去过了", "继续保障", "是")
    assert worded((answers, ()), "removed", "zh", BUILT_IN)[0]["verdict"] == "维持原决定"


def test_every_choice_has_a_word_that_reads_back(still):
    expected = still.desk.issued.by_serial["00001"]
    rulebook = still.desk.rulebook
    for code in OUTCOMES:
        for lang in ("zh", "en"):
            row = dict.fromkeys([*ANSWER_FIELDS, "amount", "list"], "") | {"outcome": code}
            cells, _ = worded((row, ()), "", lang, BUILT_IN)
            assert (
                read_answers(cells | {"amount": "", "list": ""}, expected, rulebook).values["outcome"] == code
            )
    assert {c.field for c in ANSWERS} == set(ANSWER_FIELDS) and len(MEMBER_FIELDS) == 6


def test_recording_is_the_same_wherever_the_register_lies(base, tmp_path):
    desk = TypingDesk(tmp_path / "desk")
    desk.register = base.register()
    assert desk.type("00001", SEEN, SON).status == "accepted"
    assert desk.type("00001", SEEN, SON).status == "known"
    other = SEEN | {"persons_found": "4"}
    assert desk.type("00001", other, SON, by="乙", kind="second_entry").status == "accepted"
    options = {"replaces": mark_of(held(desk, "00001")), "reason": "核对纸表", "by": "丙", "time": TAKEN}
    row = {"serial": "00001", **other}
    assert settle(desk.desk, desk.register, row, [SON], **options).status == "accepted"
    assert desk.type("00001", SEEN, SON, by="丁").status == "conflicting"
    item = ("household", *desk.key("00001"))
    assert dismiss(desk.register, item, reason="原登记无误", by="丁", time=TAKEN).status == "accepted"
    assert desk.register.check() == () and desk.register.findings()["persons_found"].tolist() == [4]


# A village's own form

ANSWERED = {"posting_days": "7", "meeting_held": "是", "files_complete": "否", "neighbours": "3"}
ANSWERED |= {"neighbours_against": "1", "blank_village": "否", "village_note": "会议记录缺页"}


def test_a_village_form_is_recorded_known_in_conflict_and_corrected_with_a_reason(desk):
    village, told = desk.key("00001")[1], {"by": "甲", "time": TAKEN}

    def type_it(**changed: str):
        return record_village(desk.desk, desk.register, village, ANSWERED | changed, **told)

    refused = type_it(neighbours="三", village_note="")
    assert keys(refused) == ["count_unreadable"] and kinds(desk) == []
    assert type_it().status == "accepted" and type_it().status == "known"
    assert type_it(posting_days="6").status == "conflicting" and len(desk.register.quarantine()) == 1
    options = told | {"reason": ""}
    changed = ANSWERED | {"posting_days": "6"}
    assert keys(correct_village(desk.desk, desk.register, village, changed, **options)) == ["no_reason"]
    options |= {"reason": "看了公示照片"}
    assert correct_village(desk.desk, desk.register, village, changed, **options).status == "accepted"
    assert correct_village(desk.desk, desk.register, village, changed, **options).status == "known"
    assert desk.register.quarantine().empty and kinds(desk) == ["village_form", "quarantined", "village_form"]
    held = desk.register.state().villages[village]
    assert held["by"] == "甲" and desk.register.village_answers()["posting_days"].tolist() == [6]
    private = desk.register.personal([held["personal"]])[held["personal"]]
    cells = village_cells(held, private)
    assert judge_village(desk.desk, village, cells).found == judge_village(desk.desk, village, changed).found
    other = desk.desk.issued.by_serial[desk.paid()[-1]].village
    assert keys(correct_village(desk.desk, desk.register, other, changed, **options)) == ["no_village_form"]
