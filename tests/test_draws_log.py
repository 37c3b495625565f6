"""The log of attempts: every line follows from the one before, and none is lost at the end."""

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.draws import append_entry, check_log
from sampling.draws.log import KINDS, LOG, Head, log_head, log_problems, note_head, read_heads
from sampling.words import LANGUAGES

TIME = "2026-05-06T11:00:00+08:00"
ENTRIES = (
    ("rehearsal", {"receipt_sha256": "a1", "seed": "0" * 20}),
    ("draw", {"receipt_sha256": "b2", "seed": "1" * 20, "seed_source": {"event": "骰子"}}),
    ("void", {"receipt_sha256": "b2", "reason": "名单有误"}),
    ("draw", {"receipt_sha256": "c3", "seed": "2" * 20}),
)


def log(entries=ENTRIES) -> list[str]:
    lines: list[str] = []
    for kind, payload in entries:
        lines.append(append_entry(lines, kind, payload, TIME))
    return lines


def test_a_log_of_attempts_chains_and_says_what_was_told():
    lines = log()
    assert check_log(lines) == () and check_log([]) == ()
    entries = [json.loads(line) for line in lines]
    assert [(entry["kind"], entry["payload"]) for entry in entries] == list(ENTRIES)
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4]
    assert all("\n" not in line for line in lines)


def test_every_act_of_a_draw_has_a_kind_of_its_own():
    wanted = {"draw", "rehearsal", "void", "extension", "reserve", "village", "correction"}
    assert set(KINDS) == wanted
    lines = log([(kind, {"receipt_sha256": kind}) for kind in KINDS])
    assert check_log(lines, [log_head(lines)]) == ()


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


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_lines_taken_away_at_the_end_leave_a_log_that_chains_and_lacks_a_head(left):
    lines = log()
    heads = [log_head(lines[:count]) for count in (1, 2, 3, 4)]
    assert check_log(lines, heads) == ()
    assert check_log(lines[:left]) == ()
    (problem,) = check_log(lines[:left], heads)
    assert (problem.key, problem.row) == ("draws.log_head_lost", left + 1)
    assert all(problem.to_line(lang) for lang in LANGUAGES)


def test_a_log_written_anew_as_a_whole_chains_and_has_other_heads():
    heads = [log_head(log()[:count]) for count in (1, 2, 3, 4)]
    anew = log([ENTRIES[0], ENTRIES[3]])
    assert check_log(anew) == ()
    assert [(p.key, p.row) for p in check_log(anew, heads)] == [("draws.log_head_lost", 2)]


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


def test_heads_of_log_and_register_stand_in_one_file_and_do_not_mix(tmp_path):
    path = tmp_path / "heads.jsonl"
    for of, head in [("", Head(1, "r1")), (LOG, Head(1, "l1")), ("", Head(2, "r2")), (LOG, Head(1, "l1"))]:
        note_head(path, head, of=of, time=TIME)
    assert read_heads(path, of="") == (Head(1, "r1"), Head(2, "r2"))
    assert read_heads(path, of=LOG) == (Head(1, "l1"),)
    first, second, third = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert first == {"time": TIME, "seq": 1, "hash": "r1"}
    assert second == {"time": TIME, "of": "log", "seq": 1, "hash": "l1"}
    assert third["seq"] == 2


def test_a_head_cut_off_by_a_power_cut_is_dropped_when_the_next_is_noted(tmp_path):
    path = tmp_path / "heads.jsonl"
    note_head(path, Head(1, "l1"), of=LOG, time=TIME)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"seq": 2, "ha')
    assert read_heads(path, of=LOG) == (Head(1, "l1"),)
    note_head(path, Head(3, "l3"), of=LOG, time=TIME)
    assert read_heads(path, of=LOG) == (Head(1, "l1"), Head(3, "l3"))


def folder_with(tmp_path, entries, *, voided=(), head=None):
    """A folder with a receipt whose hash stands in the entries as OWN, its log and its noted heads."""
    receipt = {"commit_sha256": "c", "voided": list(voided), "heads": {"log": head or {}, "register": {}}}
    (tmp_path / "receipt.json").write_text(json.dumps(receipt), encoding="utf-8")
    own = hashlib.sha256((tmp_path / "receipt.json").read_bytes()).hexdigest()
    lines = log(
        [
            (kind, {"commit_sha256": "c", "receipt_sha256": own if sha == "OWN" else sha})
            for kind, sha in entries
        ]
    )
    (tmp_path / "log.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    note_head(tmp_path / "heads.jsonl", log_head(lines), of=LOG, time=TIME)
    return lines


FAIR = [("draw", "old"), ("void", "old"), ("draw", "OWN"), ("rehearsal", "other")]


def test_log_heads_and_receipt_that_belong_together_are_in_order(tmp_path):
    assert log_problems(tmp_path) == ()
    folder_with(tmp_path, FAIR, voided=["old"])
    assert log_problems(tmp_path) == ()


@pytest.mark.parametrize(
    ("entries", "voided", "key"),
    [
        (FAIR, [], "draws.log_voided"),
        ([*FAIR, ("draw", "newer")], ["old"], "draws.log_receipt"),
        ([*FAIR, ("void", "OWN")], ["old"], "draws.log_void"),
        ([*FAIR, ("correction", "OWN")], ["old"], "draws.log_void"),
    ],
)
def test_a_receipt_that_hides_a_void_draw_or_is_not_the_last_is_noticed(tmp_path, entries, voided, key):
    folder_with(tmp_path, entries, voided=voided)
    assert [problem.key for problem in log_problems(tmp_path)] == [key]


def test_a_log_cut_short_or_removed_is_noticed_by_the_heads_beside_it_and_in_the_receipt(tmp_path):
    lines = folder_with(tmp_path, FAIR, voided=["old"])
    (tmp_path / "log.jsonl").write_text("".join(f"{line}\n" for line in lines[:-1]), encoding="utf-8")
    assert [(p.key, p.row) for p in log_problems(tmp_path)] == [("draws.log_head_lost", 4)]
    (tmp_path / "log.jsonl").unlink()
    assert [(p.key, p.row) for p in log_problems(tmp_path)] == [("draws.log_head_lost", 4)]


def test_the_head_that_a_receipt_carries_must_be_found_in_the_log_again(tmp_path):
    stated = json.loads(log([("draw", {"commit_sha256": "c", "receipt_sha256": "hidden"})])[0])["hash"]
    folder_with(tmp_path, [("draw", "other"), ("draw", "OWN")], head={"count": 1, "hash": stated})
    assert [(p.key, p.row) for p in log_problems(tmp_path)] == [("draws.log_head_lost", 1)]


def test_a_damaged_line_of_heads_is_a_problem_and_no_traceback(tmp_path):
    folder_with(tmp_path, FAIR, voided=["old"])
    heads = tmp_path / "heads.jsonl"
    heads.write_text('{"of": "log"}\n', encoding="utf-8")
    assert [problem.key for problem in log_problems(tmp_path)] == ["draws.log_head_lost"]
