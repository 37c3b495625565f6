"""Intake: every returned row ends in exactly one place, twice is once, and a kill loses nothing."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from findings_office import FIRST, SECOND, VILLAGE, VISITED, Office, counted, ends_somewhere, make_office
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.codes import label
from sampling.files import csv_bytes, read_csv
from sampling.findings import Register, problem_names, quarantine_table
from sampling.findings.intake import STATUSES
from sampling.forms import read_workbook
from sampling.forms.layout import ANSWER_FIELDS
from sampling.forms.workbook import workbook_bytes

PACKAGE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    return make_office(tmp_path_factory.mktemp("forms"))


@pytest.fixture
def office(tmp_path, forms):
    return Office(tmp_path, forms)


def notes(office) -> list[str]:
    """The notes of the findings, out of the vault, in the order of the serials."""
    held = sorted(office.register.state().findings.values(), key=lambda payload: payload["finding"]["serial"])
    vault = office.register.personal(payload["personal"] for payload in held)
    return [vault[payload["personal"]]["note"] for payload in held]


def test_good_rows_are_accepted_blank_ones_are_outstanding_and_the_cover_is_taken(office):
    result = office.take_in(office.hand_in(FIRST, VISITED, VISITED | {"note": "=1+1"}, village=VILLAGE))
    assert counted(result) == {"accepted": 2, "blank": 8}
    found = office.register.findings()
    assert list(found["serial"]) == ["00001", "00002"] and notes(office) == ["", "=1+1"]
    assert list(found["amount_paid_fen"]) == [21050, 22100] and found["signed"].all()
    assert list(found["inspectors"]) == ["组3-1;组3-2"] * 2
    assert office.register.village_answers()["posting_days"].tolist() == [7]
    assert result.outstanding == 28 and result.head == office.register.head()


def test_the_same_file_twice_changes_nothing_under_whatever_name(office):
    path = office.hand_in(FIRST, VISITED, {"outcome": "已入户"}, village=VILLAGE)
    first = office.take_in(path)
    again = office.take_in(path, shutil.copy(path, office.returned / f"{path.stem}(1) 副本.xlsx"))
    assert again.head == first.head
    assert list(again.counts["state"]) == ["known", "known"]
    assert counted(again) == {"known": 2, "quarantined": 2, "blank": 16}  # what waits still waits, once
    assert len(again.waiting) == 1


def test_the_same_rows_saved_again_are_known_and_not_kept_twice(office):
    office.take_in(office.hand_in(FIRST, VISITED, {"outcome": "已入户"}, village=VILLAGE))
    saved = office.hand_in(
        FIRST, VISITED, {"outcome": "已入户"}, {"outcome": "拒访"}, as_="b.xlsx", village=VILLAGE
    )
    result = office.take_in(saved)
    assert counted(result) == {"known": 1, "quarantined": 2, "blank": 7}
    assert result.counts["village_form"].tolist() == ["known"]
    assert list(result.waiting["file"]) == [FIRST, "b.xlsx"]


def test_another_answer_for_a_known_household_waits_and_never_overwrites(office):
    office.take_in(office.hand_in(FIRST, VISITED, village=VILLAGE))
    other = VISITED | {"persons_found": "4"}
    result = office.take_in(
        office.hand_in(FIRST, other, as_="b.xlsx", village=VILLAGE | {"posting_days": "2"})
    )
    assert counted(result) == {"conflicting": 1, "blank": 9}
    assert office.register.findings()["persons_found"].tolist() == [3]
    assert office.register.village_answers()["posting_days"].tolist() == [7]
    assert list(result.waiting["status"]) == ["conflicting", "conflicting"]
    assert sorted(result.waiting["problem"]) == ["findings.conflicting", "findings.village_conflicting"]
    again = office.take_in(office.hand_in(FIRST, VISITED, other | {"note": "x"}, as_="c.xlsx"))
    assert len(again.waiting) == 2


def test_a_correction_settles_what_waited_and_the_old_file_does_not_bring_it_back(office):
    broken = VISITED | {"signed": ""}
    office.take_in(office.hand_in(FIRST, broken))
    still = office.take_in(office.hand_in(FIRST, broken | {"signed": "否"}, as_="a-2.xlsx"))
    assert list(still.waiting["file"]) == ["a-2.xlsx"]  # the newer row takes the place of the older one
    assert office.take_in(office.hand_in(FIRST, VISITED, as_="a-3.xlsx")).waiting.empty
    late = office.take_in(office.hand_in(FIRST, broken, {"note": "迟到"}, as_="a-4.xlsx"))
    assert counted(late) == {"known": 1, "quarantined": 1, "blank": 8}
    assert list(late.waiting["household"]) == ["00002"]


def test_a_copied_serial_is_found_and_only_the_wrong_row_waits(office):
    result = office.take_in(office.hand_in(FIRST, VISITED, VISITED | {"serial": "00001"}))
    assert counted(result) == {"accepted": 1, "quarantined": 1, "blank": 8}
    assert result.waiting[["serial", "household", "problem"]].iloc[0].tolist() == [
        "00001",
        "00002",
        "findings.serial_of_another",
    ]
    office.take_in(office.hand_in(FIRST, {}, VISITED, as_="b.xlsx"))
    assert office.register.quarantine().empty and len(office.register.findings()) == 2


def test_one_household_filled_in_twice_with_different_answers_waits_both_times(office):
    same = {"serial": "00001", "household": "00001", "amount": "210.5"}
    result = office.take_in(office.hand_in(FIRST, VISITED, VISITED | same | {"persons_found": "5"}))
    assert counted(result) == {"quarantined": 2, "blank": 8}
    assert list(result.waiting["problem"]) == ["findings.repeated"] * 2
    twin = office.take_in(office.hand_in(FIRST, VISITED, VISITED | same, as_="b.xlsx"))
    assert counted(twin) == {"accepted": 1, "known": 1, "blank": 8}


def test_an_altered_amount_is_seen_against_the_roll(office):
    path = office.hand_in(FIRST, VISITED | {"amount": "500"})
    assert office.take_in(path).waiting["problem"].tolist() == ["findings.amount_altered"]
    blind = Register(office.returned / "blind.sqlite")
    assert counted(office.take_in(path, register=blind, roll=None))["accepted"] == 1
    assert blind.findings()["amount_paid_fen"].tolist() == [50000]


def test_forms_of_another_campaign_or_draw_and_broken_files_wait_as_a_whole(office):
    good = office.hand_in(FIRST, VISITED)
    form = read_workbook(good)
    stale = office.returned / "stale.xlsx"
    stale.write_bytes(workbook_bytes(replace(form.heading, form_id="0" * 16), form.rows, {}))
    broken = office.returned / "broken.xlsx"
    broken.write_bytes(good.read_bytes()[:900])
    result = office.take_in(good, stale, broken, campaign="other")
    assert counted(result) == {} and list(result.counts["state"]) == ["refused"] * 3
    again = office.take_in(good, stale, broken, campaign="other")
    assert again.head == result.head and len(again.waiting) == 3 and len(again.problems) == 3
    assert counted(office.take_in(good)) == {"accepted": 1, "blank": 9}  # judged afresh, and settled
    other = Register(office.returned / "fresh.sqlite")
    result = office.take_in(good, stale, broken, register=other)
    assert dict(zip(result.counts["file"], result.counts["state"], strict=True)) == {
        FIRST: "taken",
        "stale.xlsx": "refused",
        "broken.xlsx": "refused",
    }
    assert list(other.quarantine()["problem"]) == ["tables.unreadable", "findings.not_drawn"]
    whole = office.hand_in(FIRST, VISITED, VISITED, as_="broken.xlsx")
    assert list(office.take_in(whole, register=other).waiting["file"]) == ["stale.xlsx"]


def test_lock_files_and_files_that_cannot_be_opened_are_passed_over_and_reported(office):
    lock = office.returned / f"~${FIRST}"
    lock.write_bytes(b"\x05user")
    result = office.take_in(lock, office.returned / "gone.xlsx", office.hand_in(FIRST, VISITED))
    assert list(result.counts["state"]) == ["skipped", "skipped", "taken"]
    assert [problem.key for problem in result.problems] == ["findings.temporary", "findings.locked"]
    assert counted(result) == {"accepted": 1, "blank": 9}


def test_the_quarantine_is_worded_in_both_languages_keeps_the_cells_and_holds_no_formula(office):
    row = VISITED | {"signed": "否", "date": "明天", "note": "=HYPERLINK(1)", "inspector_1": "＠x"}
    waiting = office.take_in(office.hand_in(FIRST, row, village=VILLAGE | {"neighbours": "多"})).waiting
    for lang in ("zh", "en"):
        table = read_csv(csv_bytes(quarantine_table(waiting, lang)))
        assert list(table.columns[:8]) == [
            "file",
            "row",
            "serial",
            "list",
            "village",
            "household",
            "problem",
            "remedy",
        ]
        cover, household = table.to_dict("records")
        assert cover["neighbours"] == "多" and label("outcome", "completed", "zh") == household["outcome"]
        assert (household["row"], household["serial"], household["note"]) == ("4", "00001", "'=HYPERLINK(1)")
        assert household["inspector_1"] == "'＠x" and "明天" in household["problem"]
        assert set(problem_names(waiting, lang)) <= {
            "日期填写有误",
            "数字填写有误",
            "date cannot be read",
            "number cannot be read",
        }
    kept = "".join(entry.payload for entry in office.register.events())
    assert not any(name in kept for name in office.roll["household_name"])
    assert not any(address in kept for address in office.roll["address"])


def noisy(chance: random.Random) -> dict[str, str]:
    """A row as carelessly filled in as can be."""
    choices = {
        "serial": ["00001", "00002", "00017", "99999", ""],
        "household": ["00001", "00002", "777"],
        "outcome": ["已入户", "不在家", "?", ""],
        "verdict": ["继续保障", "建议停发", "entitled", ""],
        "reason": ["户主死亡", "persons_wrong", ""],
        "amount_due": ["1", "210", "x", ""],
        "persons_found": ["3", "-", ""],
        "date": ["2026-06-03", "2030-01-01", ""],
        "inspector_2": ["组3-1", ""],
        "signed": ["否", ""],
    }
    changed = {field: chance.choice(values) for field, values in choices.items() if chance.random() < 0.15}
    base = VISITED if chance.random() < 0.8 else dict.fromkeys(ANSWER_FIELDS, "")
    return {**base, **changed}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9), st.integers(1, 4))
def test_the_counts_add_up_and_a_second_run_adds_nothing_whatever_was_written(tmp_path, forms, seed, files):
    chance = random.Random(seed)
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    office = Office(folder, forms)
    names = [FIRST, SECOND, "999999001003.xlsx"]
    paths = [
        office.hand_in(chance.choice(names), *(noisy(chance) for _ in range(10)), as_=f"{n}.xlsx")
        for n in range(files)
    ]
    result = office.take_in(*paths)
    for count in result.counts.to_dict("records"):
        assert count["rows"] == 10 == sum(count[status] for status in STATUSES)
    events = [entry.kind for entry in office.register.events()]
    assert events.count("finding") == result.totals["accepted"] == len(office.register.findings())
    assert len(office.register.findings()) + result.outstanding == 30
    assert set(result.waiting["row"]) <= {str(n) for n in range(4, 14)}
    split = Register(folder / "split.sqlite")
    for path in paths:
        office.take_in(path, register=split)
    pd.testing.assert_frame_equal(split.findings(), office.register.findings())
    pd.testing.assert_frame_equal(split.quarantine(), office.register.quarantine())
    again = office.take_in(*paths)
    assert again.head == result.head and again.totals["accepted"] == 0
    assert ends_somewhere(result) and ends_somewhere(again)
    assert office.register.check() == ()


def test_two_intakes_that_overlap_in_time_zones_accept_the_teams_own_day(office):
    early = office.hand_in(FIRST, VISITED | {"date": "2026-06-21"})
    assert counted(office.take_in(early, time="2026-06-20T18:00:00+00:00"))["accepted"] == 1


RUN = """
    import os, signal, sys
    from pathlib import Path
    from sqlalchemy import Engine, event
    from sampling.files import read_csv
    from sampling.findings import Register, intake

    folder, moment = Path(sys.argv[1]), int(sys.argv[2])
    seen = 0
    def count(statement):
        global seen
        seen += statement.startswith(("INSERT INTO event", "COMMIT"))
        if seen == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(Engine, "connect")
    def _(connection, _record):
        connection.set_trace_callback(count)

    intake([folder / name for name in sys.argv[3:]], sample=read_csv(folder / "sample.csv"),
           register=Register(folder / "register.sqlite"), campaign="test-2026", actor="经办",
           time="2026-06-20T18:00:00+08:00", drawn_at="2026-06-01T09:00:00+08:00")
"""


NEVER = -1


def run(office: Office, moment: int, *names: str) -> subprocess.Popen:
    (office.returned / "sample.csv").write_bytes(csv_bytes(office.sample))
    command = [sys.executable, "-c", textwrap.dedent(RUN), str(office.returned), str(moment), *names]
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("moment", [1, 3, 9, 14])
def test_an_intake_killed_in_the_middle_leaves_the_register_as_it_was_and_a_rerun_completes_it(
    office, moment
):
    """Two files are two arrivals, ten findings, two quarantined rows: 14 events, and then the commit."""
    bad = VISITED | {"signed": ""}
    before = office.take_in(office.hand_in("999999001003.xlsx", VISITED)).head
    names = [FIRST, SECOND]
    for name in names:
        office.hand_in(name, *[VISITED] * 5, bad)
    process = run(office, moment, *names)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert office.register.head() == before and office.register.check() == ()
    again = run(office, NEVER, *names)
    assert again.communicate()[1] == "" and again.returncode == 0
    assert len(office.register.findings()) == 11 and len(office.register.quarantine()) == 2
    assert office.register.head().seq == before.seq + 14 and office.register.check() == ()


def test_two_intakes_of_the_same_files_at_once_take_each_row_once(office):
    names = [FIRST, SECOND]
    for name in names:
        office.hand_in(name, *[VISITED] * 6, VISITED | {"signed": ""})
    running = [run(office, NEVER, *order) for order in (names, names[::-1])]
    assert [process.communicate()[1] for process in running] == ["", ""]
    assert len(office.register.findings()) == 12 and len(office.register.quarantine()) == 2
    assert len(office.register.events()) == 16 and office.register.check() == ()
