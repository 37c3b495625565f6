"""The log of attempts: every line follows from the one before."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.draws import append_entry, check_log
from sampling.words import LANGUAGES

TIME = "2026-05-06T11:00:00+08:00"
ENTRIES = (
    ("rehearsal", {"receipt_sha256": "a1", "seed": "0" * 20}),
    ("draw", {"receipt_sha256": "b2", "seed": "1" * 20, "seed_source": {"event": "骰子"}}),
    ("void", {"receipt_sha256": "b2", "reason": "名单有误"}),
    ("draw", {"receipt_sha256": "c3", "seed": "2" * 20}),
)


def log() -> list[str]:
    lines: list[str] = []
    for kind, payload in ENTRIES:
        lines.append(append_entry(lines, kind, payload, TIME))
    return lines


def test_a_log_of_attempts_chains_and_says_what_was_told():
    lines = log()
    assert check_log(lines) == () and check_log([]) == ()
    entries = [json.loads(line) for line in lines]
    assert [(entry["kind"], entry["payload"]) for entry in entries] == list(ENTRIES)
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4]
    assert all("\n" not in line for line in lines)


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_a_void_draw_taken_out_of_the_log_is_noticed_at_the_line_that_follows(taken):
    lines = log()
    del lines[taken]
    (problem,) = check_log(lines)
    assert (problem.key, problem.row) == ("draws.log_broken", taken + 1)
    assert all(problem.to_line(lang) for lang in LANGUAGES)


def test_a_line_written_anew_with_a_hash_that_fits_is_noticed_at_the_line_that_follows():
    lines = log()
    lines[1] = append_entry(lines[:1], "draw", {"receipt_sha256": "other"}, TIME)
    assert [problem.row for problem in check_log(lines)] == [3]


def test_the_last_line_taken_away_leaves_a_log_that_chains_so_its_head_must_be_kept_elsewhere():
    assert check_log(log()[:-1]) == ()


@pytest.mark.parametrize("name", ["seq", "time", "kind", "payload", "previous_hash", "hash"])
@pytest.mark.parametrize("line", range(4))
def test_a_changed_missing_or_added_member_of_any_line_is_noticed_there(name, line):
    for change in ({name: "x"}, {"extra": 1}, None):
        lines = log()
        entry = json.loads(lines[line])
        if change is None:
            del entry[name]
        lines[line] = json.dumps(entry | (change or {}))
        assert [problem.row for problem in check_log(lines)] == [line + 1]


@settings(deadline=None)
@given(st.data())
def test_a_changed_byte_anywhere_is_noticed_or_changes_nothing(data):
    lines = log()
    line = data.draw(st.integers(0, 3))
    place = data.draw(st.integers(0, len(lines[line]) - 1))
    changed = (
        lines[line][:place] + data.draw(st.characters(exclude_categories=["Cs"])) + lines[line][place + 1 :]
    )
    lines[line] = changed
    assert check_log(lines) or json.loads(changed) == json.loads(log()[line])


@pytest.mark.parametrize("line", ["", "null", "[]", "{}", "{", "[" * 100_000])
def test_a_line_that_is_no_entry_is_a_problem_and_no_traceback(line):
    assert [problem.row for problem in check_log([*log(), line])] == [5]


def test_entries_that_cannot_be_kept_are_refused():
    with pytest.raises(ValueError, match="kind"):
        append_entry([], "guess", {"receipt_sha256": ""}, TIME)
    with pytest.raises(ValueError, match="receipt_sha256"):
        append_entry([], "draw", {}, TIME)
    with pytest.raises(ValueError, match="line 2"):
        append_entry([log()[0], log()[2]], "draw", {"receipt_sha256": ""}, TIME)
