"""A frame corrected after the draw: the same seed, the tickets stay, and who came and left is told."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from acts_folder import (
    OTHER_SEED,
    SEED,
    TOWNS,
    drawn_in,
    killed_at,
    receipt_of,
    roles,
    run,
    sample_of,
    write_roll,
    wrong,
)

WHY = ["--correction", "villages A21 to A25 were missing"]
MORE = {**TOWNS, "A": {**TOWNS["A"], **{f"A{number}": 6 for number in range(21, 26)}}}


def corrected_in(folder: Path) -> Path:
    drawn_in(folder)
    write_roll(folder, MORE)
    assert run("commit", folder, *WHY) == 0
    return folder


def commit_of(folder: Path) -> dict:
    return json.loads((folder / "commit.json").read_text(encoding="utf-8"))


def main_of(folder: Path, stratum: str) -> list[str]:
    return [village for village, role in roles(folder, "1", stratum=stratum).items() if role == "main"]


def test_the_smallest_tickets_of_the_corrected_frame_are_drawn_with_the_same_seed(tmp_path):
    folder = corrected_in(tmp_path / "c")
    before = {
        name: (folder / "superseded" / "1" / name).read_bytes() for name in ("commit.json", "receipt.json")
    }
    assert run("draw", folder) == 0
    hashes = {name.removesuffix(".json"): hashlib.sha256(data).hexdigest() for name, data in before.items()}
    assert commit_of(folder)["corrects"] == {
        "commit_sha256": hashes["commit"],
        "receipt_sha256": hashes["receipt"],
        "reason": WHY[1],
    }
    receipt, old = receipt_of(folder), json.loads(before["receipt.json"])
    assert (receipt["seed"], receipt["seed_source"]) == (old["seed"], old["seed_source"])
    tickets = {unit["id"]: unit["ticket"] for unit in old["sample"]}
    assert all(tickets.get(unit["id"], unit["ticket"]) == unit["ticket"] for unit in receipt["sample"])
    first = sample_of(folder).query("stage == '1' and stratum == 'A' and role == 'main'")
    assert len(first) == 5 and set(first["pi"]) == {repr(5 / 25)}  # n' = 20 % of 25, pi = n'/N'
    assert wrong(folder) == []


def test_the_receipt_says_who_came_and_who_left(tmp_path):
    folder = corrected_in(tmp_path / "c")
    old = {unit["id"] for unit in json.loads((folder / "superseded/1/receipt.json").read_bytes())["sample"]}
    assert run("draw", folder) == 0
    receipt = receipt_of(folder)
    now = {unit["id"] for unit in receipt["sample"]}
    assert receipt["came"] == sorted(now - old) and receipt["left"] == sorted(old - now)
    assert receipt["came"]


def test_a_plain_draw_over_the_corrected_frame_is_the_same_sample(tmp_path):
    folder = corrected_in(tmp_path / "c")
    run("draw", folder)
    plain = drawn_in(tmp_path / "plain", MORE)
    assert sample_of(folder).equals(sample_of(plain))


def test_the_log_has_both_draws_and_the_correction(tmp_path):
    folder = corrected_in(tmp_path / "c")
    run("draw", folder)
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["draw", "correction", "draw"]


def test_a_corrected_draw_takes_no_other_seed_and_no_plain_commit_in_between(tmp_path):
    folder = corrected_in(tmp_path / "c")
    assert run("draw", folder, "--seed", OTHER_SEED) == 1
    assert run("draw", folder, "--seed", SEED) == 1
    assert run("commit", folder) == 1
    assert run("commit", folder, "--correction", "once more") == 0
    assert run("draw", folder) == 0
    assert receipt_of(folder)["seed"] == SEED and wrong(folder) == []
    assert run("draw", folder) == 1


def test_a_draw_that_was_corrected_can_be_corrected_again(tmp_path):
    folder = corrected_in(tmp_path / "c")
    run("draw", folder)
    write_roll(folder, TOWNS)
    assert run("commit", folder, "--correction", "they were right to be missing") == 0
    assert run("draw", folder) == 0
    assert sorted(path.name for path in (folder / "superseded").iterdir()) == ["1", "2"]
    assert main_of(folder, "A") == main_of(drawn_in(tmp_path / "plain"), "A") and wrong(folder) == []


def test_there_must_be_a_draw_without_findings_and_without_later_acts(tmp_path, monkeypatch):
    folder = drawn_in(tmp_path / "c")
    assert run("commit", folder) == 1
    monkeypatch.setattr("sampling.campaign.Campaign.has_findings", lambda self: True)
    assert run("commit", folder, *WHY) == 1
    monkeypatch.undo()
    assert run("extend", folder, "--more", "A=1") == 0
    assert run("commit", folder, *WHY) == 1
    assert not (folder / "superseded").exists() and wrong(folder) == []


def test_nothing_is_corrected_before_it_is_drawn(tmp_path):
    folder = tmp_path / "c"
    drawn_in(folder)
    (folder / "receipt.json").unlink()
    (folder / "log.jsonl").unlink()
    (folder / "heads.jsonl").unlink(missing_ok=True)
    assert run("commit", folder, *WHY) == 1
    assert run("draw", folder) == 1  # a seed is needed


@pytest.mark.parametrize("step", ["commit", "draw"])
def test_a_killed_correction_is_begun_again_and_never_lets_another_seed_in(tmp_path, step):
    base, words = tmp_path / "base", WHY if step == "commit" else []
    if step == "draw":
        corrected_in(base)
    else:
        write_roll(drawn_in(base), MORE)
    for limit in range(1, 60, 2):
        folder = shutil.copytree(base, tmp_path / f"killed-{limit}")
        if not killed_at(limit, step, folder, *words):
            break
        assert run("draw", folder, "--seed", OTHER_SEED) == 1
        assert run("commit", folder) == 1
        assert run(step, folder, *words) == 0
        assert step == "draw" or run("draw", folder) == 0
        assert receipt_of(folder)["seed"] == SEED and len(main_of(folder, "A")) == 5
        assert wrong(folder) == []
    assert limit > 3
