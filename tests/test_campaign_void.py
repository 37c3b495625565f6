"""A draw declared void: it stays in the log, its papers are kept, and its commit gives another draw."""

import json
import shutil
from datetime import datetime, timedelta

import pandas as pd
import pytest
from acts_folder import killed_at
from campaign_folder import OTHER_SEED, SEED, TINY, drawn, entries, new, read, run, sha, told, visit

from sampling.campaign import open_campaign
from sampling.draws import append_entry
from sampling.words import LANGUAGES

REASON = "the dice were not seen"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("void") / "c")


@pytest.fixture
def folder(base, tmp_path):
    shutil.copytree(base, tmp_path / "c")
    return tmp_path / "c"


def test_a_void_draw_is_logged_kept_whole_and_gone_from_its_place(folder):
    run("forms", folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert run("void", folder, "--reason", REASON) == 0
    last = entries(folder)[-1]
    assert (last["kind"], last["payload"]["reason"]) == ("void", REASON)
    assert last["payload"]["receipt_sha256"] == sha(folder / "void" / "1" / "receipt.json")
    gone = {"receipt.json", "sample.csv", "verify.py", "verify.html", "record.html"}
    assert all(not (folder / name).exists() for name in [*gone, "forms"])
    kept = gone | {"commit.json", "frame.csv", "villages.csv"}
    assert {name: (folder / "void" / "1" / name).read_bytes() for name in kept} == {
        name: before[name] for name in kept
    }
    assert list((folder / "void" / "1" / "forms").glob("*.xlsx"))
    assert (folder / "commit.json").read_bytes() == before["commit.json"]
    assert told(folder / "void" / "1"), "a void draw can still be checked"


def test_the_next_draw_on_the_commit_needs_a_fresh_seed_and_names_the_void_one(folder):
    first = read(folder / "receipt.json")
    assert run("draw", folder, "--seed", OTHER_SEED) == 1, "not before the first is void"
    assert run("void", folder, "--reason", REASON) == 0
    assert run("draw", folder, "--seed", SEED) == 1, "the seed of the void draw is known"
    assert not (folder / "receipt.json").exists()
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    second = read(folder / "receipt.json")
    assert second["voided"] == [sha(folder / "void" / "1" / "receipt.json")]
    assert second["commit_sha256"] == first["commit_sha256"] and second["seed"] == OTHER_SEED
    assert [entry["kind"] for entry in entries(folder)] == ["draw", "void", "draw"]
    assert told(folder)


def test_a_seed_older_than_the_void_is_refused_for_it_could_have_been_chosen(folder):
    committed = datetime.fromisoformat(read(folder / "commit.json")["committed_at"])
    assert run("void", folder, "--reason", REASON) == 0
    log = folder / "log.jsonl"
    later = (committed + timedelta(hours=2)).isoformat(timespec="seconds")
    seen = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    log.unlink()
    (folder / "heads.jsonl").unlink()
    lines: list[str] = []
    for entry in seen:
        lines.append(append_entry(lines, entry["kind"], entry["payload"], later))
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    between = (committed + timedelta(hours=1)).isoformat(timespec="seconds")
    assert run("draw", folder, "--seed", OTHER_SEED, "--at", between) == 1
    assert run("draw", folder, "--seed", OTHER_SEED, "--at", later) == 0


def test_two_void_draws_are_both_named_in_order(folder):
    assert run("void", folder, "--reason", "first") == 0
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    assert run("void", folder, "--reason", "second") == 0
    assert run("draw", folder, "--seed", "16180339887498948482") == 0
    assert read(folder / "receipt.json")["voided"] == [
        sha(folder / "void" / number / "receipt.json") for number in ("1", "2")
    ]
    assert told(folder)


def test_void_without_a_draw_or_without_a_reason_is_refused(folder, tmp_path):
    assert run("void", folder, "--reason", " ") == 1
    assert (folder / "receipt.json").exists() and len(entries(folder)) == 1
    undrawn = new(tmp_path / "undrawn")
    assert run("void", undrawn, "--reason", REASON) == 1
    assert not (undrawn / "log.jsonl").exists()


def test_a_draw_whose_findings_are_known_cannot_be_thrown_away(folder):
    visit(folder, villages=1)
    before = (folder / "receipt.json").read_bytes()
    assert run("void", folder, "--reason", REASON) == 1
    assert (folder / "receipt.json").read_bytes() == before and len(entries(folder)) == 1


def test_void_killed_at_any_moment_is_finished_by_running_it_again(base, tmp_path):
    whole = None
    for limit in range(1, 40):
        folder = tmp_path / f"killed-{limit}"
        shutil.copytree(base, folder)
        if not killed_at(limit, "void", folder, "--reason", REASON):
            break
        assert run("draw", folder, "--seed", OTHER_SEED) == 1, "half of a void draw is no place for another"
        assert run("void", folder, "--reason", "another reason") == 0
        kinds = [entry["kind"] for entry in entries(folder)]
        assert kinds == ["draw", "void"], "said once"
        there = {path.name: sha(path) for path in (folder / "void" / "1").iterdir() if path.is_file()}
        whole = whole or there
        assert there == whole and told(folder / "void" / "1")
        assert not (folder / "void" / "2").exists()
        if limit % 3 == 0:
            assert run("draw", folder, "--seed", OTHER_SEED) == 0 and told(folder)
    assert limit > 8, "it puts several files in place, and was killed before each of them"


def test_a_draw_interrupted_after_a_void_is_finished_with_its_own_seed_and_names_the_void(folder):
    assert run("void", folder, "--reason", REASON) == 0
    assert killed_at(3, "draw", folder, "--seed", OTHER_SEED)
    assert run("draw", folder, "--seed", "16180339887498948482") == 1
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    assert len(read(folder / "receipt.json")["voided"]) == 1 and told(folder)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_status_tells_of_void_draws(folder, capsys, lang):
    assert run("void", folder, "--reason", REASON) == 0
    capsys.readouterr()
    assert run("status", folder, "--json", "--lang", lang) == 0
    rows = {row["step"]: row for row in json.loads(capsys.readouterr().out)}
    assert "1" in rows["draw"]["holds"] and rows["draw"]["next"]
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    capsys.readouterr()
    assert run("status", folder, "--json", "--lang", lang) == 0
    rows = {row["step"]: row for row in json.loads(capsys.readouterr().out)}
    villages = (pd.read_csv(folder / "sample.csv", dtype=str)["role"] != "reserve").sum()
    assert villages and not rows["draw"]["next"] and "1" in rows["draw"]["holds"]


def test_forms_that_were_only_made_and_planned_do_not_hold_a_draw_and_the_next_one_has_its_own(folder):
    shutil.copy(TINY / "teams.xlsx", folder / "teams.xlsx")
    settings = folder / "campaign.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("# teams =", "teams ="), encoding="utf-8"
    )
    for command in ("forms", "plan", "envelopes", "reconcile"):
        assert run(command, folder) == 0
    assert run("issue", folder, "--to", "1") == 0 and run("void", folder, "--reason", "test") == 0
    assert not any((folder / name).exists() for name in ("forms", "visits/plan.csv", "restricted/codes.csv"))
    assert (folder / "void" / "1" / "visits" / "plan.csv").exists()
    assert run("draw", folder, "--seed", OTHER_SEED) == 0 and run("forms", folder) == 0
    stock = open_campaign(folder).register().state().stock
    assert {payload["kind"] for payload in stock.values()} == {"printed"}
    assert run("audit", folder) == 0 and run("plan", folder) == 0
