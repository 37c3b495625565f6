"""More villages: along the same order it is the larger sample itself; after looking it needs a new seed."""

import json
import shutil

import pytest
from acts_folder import (
    OTHER_SEED,
    SEED,
    campaign_in,
    drawn_in,
    killed_at,
    receipt_of,
    roles,
    run,
    sample_of,
    wrong,
)

SIZED = 'rate = "20%"\nat_least = 3\nat_most = 5\nsize = "households"'
LOOKED = ["--looked", "--seed", OTHER_SEED, "--source", "dice again"]


@pytest.mark.parametrize("method", ["srs", "pareto", "sequential_poisson"])
def test_an_extension_keeps_who_is_drawn_and_takes_the_next(tmp_path, method):
    folder = drawn_in(tmp_path / "c", method=method, villages=SIZED if method != "srs" else SIZED[:-20])
    before = list(roles(folder, "1", stratum="A"))
    assert run("extend", folder, "--more", "A=2") == 0
    after = roles(folder, "1", stratum="A")
    assert list(after)[: len(before)] == before
    assert [name for name, role in after.items() if role == "main"] == before[:6]
    assert wrong(folder) == []


def test_an_extended_sample_is_the_one_that_a_larger_design_draws(tmp_path):
    small = drawn_in(tmp_path / "small", villages='rate = "20%"\nat_least = 3')
    large = drawn_in(tmp_path / "large", villages='rate = "40%"\nat_least = 3')
    assert run("extend", small, "--more", "A=4", "B=1") == 0
    columns = ["stage", "village", "household", "role", "rank", "ticket", "N", "n", "M", "m", "pi", "weight"]
    assert sample_of(small)[columns].equals(sample_of(large)[columns])


def test_the_earlier_receipt_and_sample_are_kept(tmp_path):
    folder = drawn_in(tmp_path / "c")
    before = {name: (folder / name).read_bytes() for name in ("receipt.json", "sample.csv")}
    assert run("extend", folder, "--all", "1") == 0
    assert {name: (folder / "receipts" / "1" / name).read_bytes() for name in before} == before
    assert [act["act"] for act in receipt_of(folder)["acts"]] == ["extension"]
    assert run("extend", folder, "--more", "B=1") == 0
    assert sorted(path.name for path in (folder / "receipts").iterdir()) == ["1", "2"]
    assert [act["more"] for act in receipt_of(folder)["acts"]] == [{"A": 1, "B": 1}, {"B": 1}]
    assert [entry["kind"] for entry in log_of(folder)] == ["draw", "extension", "extension"]
    assert wrong(folder) == []


def log_of(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def test_all_takes_what_a_stratum_has_left_and_says_so(tmp_path, capsys):
    folder = drawn_in(tmp_path / "c")
    assert run("extend", folder, "--all", "8") == 0
    assert "B has only 6 villages left, not 8" in capsys.readouterr().out
    assert list(roles(folder, "1", stratum="B").values()) == ["main"] * 9
    assert wrong(folder) == []


@pytest.mark.parametrize("method", ["systematic", "bernoulli", "poisson"])
def test_a_method_that_cannot_go_on_is_refused_with_the_reason(tmp_path, capsys, method):
    extra = SIZED if method == "poisson" else SIZED[:-20]
    extra += '\norder = ["households"]' if method == "systematic" else ""
    folder = drawn_in(tmp_path / "c", method=method, villages=extra)
    capsys.readouterr()
    assert run("extend", folder, "--more", "A=1") == 1
    assert f"“{method}” cannot be extended" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["A=0"], ["A=17"], ["C=1"], ["A"], ["A=x"], ["=1"]])
def test_what_cannot_be_drawn_is_refused_and_changes_nothing(tmp_path, words):
    folder = drawn_in(tmp_path / "c")
    before = (folder / "receipt.json").read_bytes()
    assert run("extend", folder, "--more", *words) == 1
    assert (folder / "receipt.json").read_bytes() == before and not (folder / "receipts").exists()


def test_after_looking_a_seed_of_its_own_is_needed_and_the_first_stay(tmp_path):
    folder = drawn_in(tmp_path / "c")
    before = list(roles(folder, "1", stratum="A"))
    assert run("extend", folder, "--more", "A=2", *LOOKED) == 0
    after = roles(folder, "1", stratum="A")
    drawn = [name for name, role in after.items() if role == "main"]
    assert drawn[:4] == before[:4] and len(drawn) == 6 and drawn[4:] != before[4:6]
    assert wrong(folder) == []


@pytest.mark.parametrize("seed", [SEED, "123"])
def test_the_first_seed_and_a_short_one_will_not_do_after_looking(tmp_path, seed):
    folder = drawn_in(tmp_path / "c")
    assert run("extend", folder, "--more", "A=2", "--looked", "--seed", seed) == 1
    assert run("extend", folder, "--more", "A=2", *LOOKED, "--at", "2020-01-01T00:00:00+08:00") == 1
    assert run("extend", folder, "--more", "A=2", "--looked") == 2
    assert not (folder / "receipts").exists()


def test_once_there_are_findings_only_an_extension_after_looking_is_possible(tmp_path, capsys, monkeypatch):
    folder = drawn_in(tmp_path / "c")
    monkeypatch.setattr("sampling.campaign.Campaign.has_findings", lambda self: True)
    capsys.readouterr()
    assert run("extend", folder, "--more", "A=1") == 1
    assert "decided after looking" in capsys.readouterr().err
    assert run("extend", folder, "--more", "A=1", *LOOKED) == 0
    assert wrong(folder) == []


def test_a_killed_extension_is_finished_as_the_log_has_it(tmp_path):
    base = drawn_in(tmp_path / "base")
    for limit in range(1, 20):
        folder = shutil.copytree(base, tmp_path / f"killed-{limit}")
        if not killed_at(limit, "extend", folder, "--more", "A=2"):
            break
        assert run("extend", folder, "--more", "A=2") == 0
        act = {"act": "extension", "looked": False, "more": {"A": 2}, "pi": {}}
        assert receipt_of(folder)["acts"] == [act]
        assert wrong(folder) == []
        kept = json.loads((folder / "receipts" / "1" / "receipt.json").read_bytes())
        assert kept["acts"] == [] and not (folder / "receipts" / "2").exists()
    assert limit > 5


def test_a_receipt_that_was_lost_in_a_killed_extension_is_not_drawn_a_second_time(tmp_path):
    base = drawn_in(tmp_path / "base")
    lost = 0
    for limit in range(1, 20):
        folder = shutil.copytree(base, tmp_path / f"killed-{limit}")
        if killed_at(limit, "extend", folder, "--more", "A=2") and not (folder / "receipt.json").exists():
            lost += 1
            assert run("commit", folder) == 1
            run("draw", folder, "--seed", OTHER_SEED)  # finishes, and draws nothing else
            assert receipt_of(folder)["seed"] == SEED and len(receipt_of(folder)["acts"]) == 1
            assert wrong(folder) == []
    assert lost


def test_nothing_is_extended_before_it_is_drawn(tmp_path):
    assert run("extend", campaign_in(tmp_path / "c"), "--more", "A=1") == 1
