"""Where the chains end: written down outside, in the commit and in the receipt; and the event of the seed."""

import json
import shutil

import pytest
from acts_folder import killed_at
from campaign_folder import OTHER_SEED, SEED, drawn, entries, new, read, run, told, visit

from sampling.campaign import open_campaign
from sampling.campaign.heads import heads_now
from sampling.draws.log import LOG, read_heads


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("heads") / "c")


@pytest.fixture
def folder(base, tmp_path):
    shutil.copytree(base, tmp_path / "c")
    return tmp_path / "c"


def test_the_first_commit_and_receipt_say_that_there_was_nothing_before(base):
    nothing = {"log": {}, "register": {}}
    assert read(base / "commit.json")["heads"] == nothing
    assert read(base / "receipt.json")["heads"] == nothing


def test_every_entry_of_the_log_has_its_head_outside_at_once(folder):
    assert run("void", folder, "--reason", "test") == 0
    assert run("draw", folder, "--seed", OTHER_SEED, "--rehearsal") == 0
    assert run("draw", folder, "--seed", "16180339887498948482") == 0
    heads = read_heads(folder / "heads.jsonl", of=LOG)
    assert [(head.seq, head.hash) for head in heads] == [
        (entry["seq"], entry["hash"]) for entry in entries(folder)
    ]
    assert len(heads) == 4


def test_a_receipt_carries_the_log_before_its_own_entry_and_a_later_commit_the_log_after_it(folder):
    assert run("void", folder, "--reason", "test") == 0
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    void, draw = entries(folder)[1:]
    assert read(folder / "receipt.json")["heads"]["log"] == {"count": 2, "hash": void["hash"]}
    assert draw["previous_hash"] == void["hash"]
    assert run("void", folder, "--reason", "again") == 0 and run("commit", folder) == 0
    last = entries(folder)[-1]
    assert read(folder / "commit.json")["heads"]["log"] == {"count": 4, "hash": last["hash"]}
    assert read(folder / "commit.json")["heads"]["register"] == {}


def test_the_register_s_head_stands_beside_the_log_s(folder):
    visit(folder, villages=2)
    register = open_campaign(folder).register()
    assert heads_now(folder)["register"] == {"count": register.head().seq, "hash": register.head().hash}
    lines = [json.loads(line) for line in (folder / "heads.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line.get("of") for line in lines] == ["log", None, None]  # drawn; printed, taken in
    assert told(folder)


def test_the_receipt_is_the_same_however_often_its_draw_was_interrupted_and_whatever_came_between(tmp_path):
    folder = new(tmp_path / "c")
    now = ["draw", folder, "--seed", SEED, "--at", "2100-01-01T00:00:00+08:00"]
    assert killed_at(3, *now)
    assert run("draw", folder, "--seed", OTHER_SEED, "--rehearsal") == 0
    assert killed_at(4, *now)
    assert run(*now) == 0
    assert [entry["kind"] for entry in entries(folder)] == ["draw", "rehearsal"]
    assert read(folder / "receipt.json")["heads"]["log"] == {}
    assert told(folder)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_draw_killed_around_its_log_line_never_leaves_a_head_that_the_log_lacks(tmp_path, limit):
    folder = new(tmp_path / "c")
    words = ("--seed", SEED)
    assert killed_at(limit, "draw", folder, *words)
    lines = entries(folder) if (folder / "log.jsonl").exists() else []
    assert len(read_heads(folder / "heads.jsonl", of=LOG)) <= len(lines)
    assert run("draw", folder, *words) == 0 and told(folder)
    assert len(read_heads(folder / "heads.jsonl", of=LOG)) == len(entries(folder)) == 1


def test_the_event_named_before_the_seed_is_its_source_unless_another_is_told(tmp_path, capsys):
    folder = new(tmp_path / "c", 'event = "lottery no. 2026123"')
    assert read(folder / "commit.json")["seed_event"] == "lottery no. 2026123"
    shutil.copytree(folder, tmp_path / "d")
    capsys.readouterr()
    assert run("draw", folder, "--seed", SEED, "--lang", "en") == 0
    assert "named another event" not in capsys.readouterr().out
    assert read(folder / "receipt.json")["seed_source"]["event"] == "lottery no. 2026123"
    assert run("draw", tmp_path / "d", "--seed", SEED, "--source", "dice", "--lang", "en") == 0
    said = capsys.readouterr().out
    assert "“dice”" in said and "lottery no. 2026123" in said
    assert read(tmp_path / "d" / "receipt.json")["seed_source"]["event"] == "dice"


def test_a_rehearsal_does_not_claim_the_event_that_was_named(tmp_path, capsys):
    folder = new(tmp_path / "c", 'event = "lottery no. 2026123"', committed=False)
    capsys.readouterr()
    assert run("draw", folder, "--seed", SEED, "--rehearsal", "--lang", "en") == 0
    assert "named another event" not in capsys.readouterr().out
    trial = folder / "rehearsal"
    assert read(trial / "receipt.json")["seed_source"]["event"] == ""
    assert read(trial / "commit.json")["seed_event"] == "lottery no. 2026123"


def test_without_a_named_event_any_source_will_do(folder, capsys):
    assert read(folder / "commit.json")["seed_event"] == ""
    assert read(folder / "receipt.json")["seed_source"]["event"] == "dice"
