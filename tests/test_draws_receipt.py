"""Commit and receipt: what they state, in which order they come, and how one village checks itself."""

import hashlib
import json
from datetime import datetime, timedelta

import pytest
from draws_folder import (
    CAMPAIGN,
    COMMITTED_AT,
    SEED,
    SOURCE,
    county,
    design,
    drawn,
    files,
    frame_of,
    receipt_of,
    write,
)

from sampling.designs import stratum_sizes
from sampling.draws import append_entry, draw, make_commit, refuse_late_commit, ticket, verify_draw
from sampling.files import csv_bytes, json_bytes
from sampling.frames import fingerprint
from sampling.words import LANGUAGES, InputError

STATED = "spec commit_sha256 frame_sha256 frame_rows control_totals design campaign stage seed seed_source"
STATED += " software strata sample reserves sample_sha256 previous_receipt rehearsal villages check_sum"
STATED += " acts voided heads"


def commit(**changes: object) -> dict:
    frame, lists = county()
    options = {"campaign": CAMPAIGN, "lists": lists, "software": "s 1", "previous_receipt": "ab"}
    return make_commit(frame, design(), **(options | {"committed_at": COMMITTED_AT} | changes))


def test_a_commit_states_the_fingerprints_rows_counts_and_totals_of_the_frame():
    frame, lists = county()
    made = commit()
    assert made["frame_sha256"] == fingerprint(frame.units.itertuples(index=False, name=None))
    assert made["villages_sha256"] == fingerprint(frame.villages.itertuples(index=False, name=None))
    assert (made["frame_rows"], made["counts"]) == (len(frame.units), frame.counts)
    assert made["control_totals"] == frame.control_totals
    assert made["tables"]["villages.csv"]["columns"] == "township,village,certainty,kind"
    removed = made["lists"]["removed"]
    assert (removed["frame_sha256"], removed["rows"]) == (
        lists["removed"].fingerprint,
        len(lists["removed"].units),
    )


def test_the_hash_of_a_town_is_that_of_its_rows_alone():
    units = county()[0].units
    for town, digest in commit()["tables"]["frame.csv"]["towns"].items():
        rows = units[units["township"] == town].itertuples(index=False, name=None)
        assert fingerprint(rows) == hashlib.sha256(f"{town}\x1f{digest}".encode()).hexdigest()


def test_a_commit_fixes_the_number_drawn_in_every_stratum():
    table = stratum_sizes(county()[0], design())
    strata = commit()["strata"]
    assert [(one["id"], one["N"], one["n"], one["rule"]) for one in strata] == list(
        table[["stratum", "N", "n", "bound"]].itertuples(index=False, name=None)
    )


def test_commit_and_receipt_are_the_same_after_a_json_file():
    made, sample = drawn()
    receipt = receipt_of(made, sample)
    assert json.loads(json_bytes(made)) == made and json.loads(json_bytes(receipt)) == receipt


def test_a_receipt_has_every_member_of_the_protocol():
    assert set(receipt_of(*drawn())) == set(STATED.split())


@pytest.mark.parametrize("later", [1, 3600])
def test_a_commit_later_than_the_seed_is_refused_and_one_of_the_same_moment_is_not(later):
    moment = datetime.fromisoformat(COMMITTED_AT)
    refuse_late_commit(commit(), moment.isoformat())
    refuse_late_commit(commit(), "2026-05-06T02:00:00Z")  # the same moment in another zone
    with pytest.raises(InputError) as refused:
        refuse_late_commit(commit(), (moment - timedelta(seconds=later)).isoformat())
    (problem,) = refused.value.problems
    assert problem.key == "draws.late_commit" and all(problem.to_line(lang) for lang in LANGUAGES)


def test_no_receipt_is_made_for_a_seed_older_than_the_commit():
    made, sample = drawn()
    with pytest.raises(InputError):
        receipt_of(made, sample, source=SOURCE | {"time": "2026-05-06T09:59:59+08:00"})


@pytest.mark.parametrize("time", ["", "yesterday", "2026-05-06", "2026-05-06T10:00:00", "10:00+08:00"])
def test_a_time_without_a_zone_or_that_is_no_time_is_refused(time):
    for call in (lambda: commit(committed_at=time), lambda: refuse_late_commit(commit(), time)):
        with pytest.raises(InputError) as refused:
            call()
        (problem,) = refused.value.problems
        assert problem.key == "draws.time_unreadable" and all(problem.to_line(lang) for lang in LANGUAGES)


def test_times_are_written_in_a_form_that_old_pythons_read():
    made, sample = commit(committed_at="20260506T020000Z", previous_receipt=""), drawn()[1]
    receipt = receipt_of(made, sample, source=SOURCE | {"time": "2026-05-06T03:00Z"})
    assert made["committed_at"] == "2026-05-06T02:00:00+00:00"
    assert receipt["seed_source"]["time"] == "2026-05-06T03:00:00+00:00"


def test_one_hash_and_the_cut_tell_a_village_and_a_household_their_fate():
    made, sample = drawn()
    receipt, frame = receipt_of(made, sample), county()[0]
    cuts = {one["id"]: one["cut_ticket"] for one in receipt["strata"]}
    taken = {one["id"] for one in receipt["sample"]}
    flags = frame.villages.set_index("village")["certainty"]
    for town, village in frame.villages[["township", "village"]].itertuples(index=False, name=None):
        stratum = f"{town}/certainty" if flags[village] == "1" else town
        assert (ticket(SEED, CAMPAIGN, "1", village) <= cuts[stratum]) == (village in taken)
    rows = sample.table
    main = rows[(rows["stage"] == "2") & (rows["list"] == "") & (rows["role"] == "main")]
    inside = {one["id"]: one["cut_ticket"] for one in receipt["villages"] if one["list"] == ""}
    for village, household in frame.units.loc[
        frame.units["household"] != "", ["village", "household"]
    ].to_numpy():
        if village in inside:
            low = ticket(SEED, CAMPAIGN, "2", village, household) <= inside[village]
            assert low == ((main["village"] == village) & (main["household"] == household)).any()


def test_sample_and_reserves_of_the_receipt_are_those_of_the_sample():
    made, sample = drawn()
    receipt = receipt_of(made, sample)
    first = sample.table[sample.table["stage"] == "1"]
    told = [(one["id"], str(one["rank"]), one["ticket"], repr(one["pi"])) for one in receipt["sample"]]
    main = first[first["role"] != "reserve"]
    assert told == list(main[["village", "rank", "ticket", "pi"]].itertuples(index=False, name=None))
    reserves = [(one["id"], str(one["rank"])) for one in receipt["reserves"]]
    next_ones = first[first["role"] == "reserve"]
    assert reserves == list(next_ones[["village", "rank"]].itertuples(index=False, name=None))
    assert receipt["sample_sha256"] == sample.sha256


def test_a_rehearsal_says_so_in_its_receipt_and_nothing_else_differs_but_the_check_sum():
    made, sample = drawn()
    real, rehearsed = receipt_of(made, sample), receipt_of(made | {"rehearsal": True}, sample)
    differing = {name for name in real if real[name] != rehearsed[name]}
    assert differing == {"rehearsal", "commit_sha256", "check_sum"}
    assert rehearsed["rehearsal"] is True


def test_a_sample_that_is_not_of_this_commit_or_seed_gets_no_receipt():
    made, sample = drawn()
    frame, lists = county()
    other = draw(frame, design(), seed="1" * 20, campaign=CAMPAIGN, lists=lists)
    with pytest.raises(ValueError, match="seed"):
        receipt_of(made, other, seed=SEED)
    for key in ("campaign", "frame_sha256"):
        with pytest.raises(ValueError, match="frame"):
            receipt_of(made | {key: "other"}, sample)


def test_the_lists_of_a_commit_must_be_those_of_the_design():
    with pytest.raises(ValueError, match="removed"):
        commit(lists={})


def test_a_draw_of_villages_alone_is_committed_receipted_and_verified(tmp_path):
    frame = frame_of({"甲": {str(number): [] for number in range(20)}})
    plan = design(villages={"rate": "20%"})
    lists = {"removed": frame_of({"乙": {"z": ["1"]}})}
    made = make_commit(
        frame,
        plan,
        campaign=CAMPAIGN,
        lists=lists,
        software="s",
        committed_at=COMMITTED_AT,
        previous_receipt="",
    )
    sample = draw(frame, plan, seed=SEED, campaign=CAMPAIGN, lists=lists)
    receipt = receipt_of(made, sample)
    assert (receipt["stage"], receipt["villages"]) == ("1", [])
    contents = {"commit.json": json_bytes(made), "receipt.json": json_bytes(receipt)}
    contents |= {"sample.csv": csv_bytes(sample.table), "frame.csv": csv_bytes(frame.units)}
    contents |= {"villages.csv": csv_bytes(frame.villages)}
    contents |= {"frame-removed.csv": csv_bytes(lists["removed"].units)}
    assert all(check.ok for check in verify_draw(write(tmp_path, contents)))


def test_verify_draw_answers_in_both_languages_and_checks_the_log_where_there_is_one(tmp_path):
    folder = write(tmp_path, files())
    without = verify_draw(folder)
    receipt = hashlib.sha256((folder / "receipt.json").read_bytes()).hexdigest()
    lines = [append_entry([], "draw", {"receipt_sha256": receipt}, COMMITTED_AT)]
    (folder / "log.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    checks = verify_draw(folder)
    assert len(checks) == len(without) + 1 and all(check.ok and check.zh and check.en for check in checks)
    (folder / "log.jsonl").write_bytes(b"\xff\n")
    assert [check.ok for check in verify_draw(folder)] == [True] * len(without) + [False]
