"""The steps of a campaign as its users run them: by command, in a folder, killed at any moment."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sampling.campaign import open_campaign
from sampling.cli import main

TINY = Path(__file__).parents[1] / "data" / "tiny" / "source"
SEED = "31415926535897932384"
KILLED = """
import os, pathlib, signal, sys
count, limit = 0, int(sys.argv[1])
replace = pathlib.Path.replace
def counted(self, target):
    global count
    count += 1
    if count == limit:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
pathlib.Path.replace = counted
from sampling.cli import main
sys.exit(main(sys.argv[2:]))
"""
"""Runs a command and kills it, as `kill -9` does, just before it puts its n-th file in place."""


def new(folder: Path) -> Path:
    assert (
        main(["new", str(folder), "--roll", str(TINY / "roll.csv"), "--villages", str(TINY / "villages.csv")])
        == 0
    )
    return folder


def digests(folder: Path, *names: str) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


def test_a_second_draw_on_one_commit_is_refused_and_changes_nothing(tmp_path, capsys):
    folder = new(tmp_path / "c")
    assert main(["commit", str(folder)]) == 0
    assert main(["draw", str(folder), "--seed", SEED]) == 0
    before = digests(folder, "receipt.json", "sample.csv", "commit.json", "log.jsonl")
    assert main(["draw", str(folder), "--seed", SEED[::-1]]) == 1
    assert main(["commit", str(folder)]) == 1
    assert digests(folder, *before) == before
    assert main(["verify", str(folder)]) == 0


@pytest.mark.parametrize("seed", ["1234567890123456789", "3141592653589793238x", ""])
def test_a_seed_that_is_too_short_or_no_number_is_refused(tmp_path, seed):
    folder = new(tmp_path / "c")
    assert main(["commit", str(folder)]) == 0
    assert main(["draw", str(folder), "--seed", seed]) == 1
    assert not (folder / "receipt.json").exists()


def test_a_seed_older_than_the_commit_is_refused(tmp_path):
    folder = new(tmp_path / "c")
    assert main(["commit", str(folder)]) == 0
    early = ["draw", str(folder), "--seed", SEED, "--at", "2020-01-01T00:00:00+08:00"]
    assert main(early) == 1
    assert main(["draw", str(folder), "--seed", SEED, "--at", "yesterday"]) == 1
    assert not (folder / "receipt.json").exists()


def test_a_frame_changed_after_the_commit_is_not_drawn_from(tmp_path):
    folder = new(tmp_path / "c")
    assert main(["commit", str(folder)]) == 0
    frame = (folder / "frame.csv").read_text(encoding="utf-8-sig").splitlines(keepends=True)
    (folder / "frame.csv").write_text("".join(frame[:-1]), encoding="utf-8-sig")
    assert main(["draw", str(folder), "--seed", SEED]) == 1
    assert not (folder / "receipt.json").exists()


@pytest.mark.parametrize("step", ["commit", "draw"])
def test_a_killed_step_is_never_taken_for_a_whole_one_and_runs_again(tmp_path, step):
    base = new(tmp_path / "base")
    if step == "draw":
        assert main(["commit", str(base)]) == 0
    command = ["commit"] if step == "commit" else ["draw", "--seed", SEED]
    mark = "commit.json" if step == "commit" else "receipt.json"
    for limit in range(1, 30):
        folder = tmp_path / f"killed-{limit}"
        shutil.copytree(base, folder)
        words = [command[0], str(folder), *command[1:]]
        ended = subprocess.run([sys.executable, "-c", KILLED, str(limit), *words], capture_output=True)
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
        assert not (folder / mark).exists()
        assert main(words) == 0
        assert (folder / mark).exists()
    assert limit > 3, "the step writes several files, and was killed before each of them"


def test_an_interrupted_draw_cannot_be_finished_with_another_seed(tmp_path):
    folder = new(tmp_path / "c")
    assert main(["commit", str(folder)]) == 0
    words = ["draw", str(folder), "--seed", SEED]
    killed = subprocess.run([sys.executable, "-c", KILLED, "2", *words], capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert main(["draw", str(folder), "--seed", SEED[::-1]]) == 1
    assert main(words) == 0


def test_a_refused_roll_leaves_only_its_problems(tmp_path):
    roll = pd.read_csv(TINY / "roll.csv", dtype=str, keep_default_na=False, header=None, encoding="utf-8-sig")
    roll.iloc[5] = roll.iloc[4]
    roll.to_csv(tmp_path / "broken.csv", index=False, header=False)
    folder = tmp_path / "c"
    assert main(["new", str(folder), "--roll", str(tmp_path / "broken.csv")]) == 1
    assert [path.name for path in folder.iterdir()] == ["problems.csv"]


def test_a_folder_that_is_held_answers_with_its_own_exit_code(tmp_path):
    folder = new(tmp_path / "c")
    holder = "from sampling.campaign import locked; import sys, pathlib\n"
    holder += "with locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        assert main(["commit", str(folder)]) == 4
        process.stdin.close()
    assert main(["commit", str(folder)]) == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_wrong_settings_are_told_all_at_once(tmp_path, capsys, lang):
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "campaign.toml").write_text(
        '[campaign]\nid = "x"\n[frame]\nrol = "roll.csv"\n[design]\nmethod = "lots"\n'
        "[design.villages]\nrate = 0.2\n[reports]\nsmall_cells = 2.5\n",
        encoding="utf-8",
    )
    assert main(["commit", str(folder), "--lang", lang]) == 1
    told = capsys.readouterr().err
    for word in ("frame.rol", "frame.roll", "lots", "0.2", "small_cells"):
        assert word in told
    assert {path.name for path in folder.iterdir()} - {".lock"} == {"campaign.toml", "problems.csv"}


def test_the_status_names_the_first_step_that_is_open(tmp_path, capsys):
    folder = new(tmp_path / "c")
    capsys.readouterr()
    assert main(["status", str(folder), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["step"] for row in rows if row["next"]] == ["commit"]
    assert main(["commit", str(folder)]) == 0
    assert main(["draw", str(folder), "--seed", SEED]) == 0
    assert main(["forms", str(folder)]) == 0
    capsys.readouterr()
    main(["status", str(folder), "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert [row["step"] for row in rows if row["next"]] == ["intake"]


def test_a_unit_is_found_by_number_and_name(tmp_path):
    folder = new(tmp_path / "c")
    assert main(["commit", str(folder)]) == 0
    campaign = open_campaign(folder)
    second = campaign.units().iloc[1].to_dict()
    for wanted in ("2", "02", "002", second["name"], second["unit"]):
        assert campaign.unit(wanted)["township"] == second["township"]
    assert main(["estimate", str(folder)]) == 1


def test_a_list_that_is_inspected_whole_is_told_not_to_be_drawn(tmp_path, capsys):
    folder = new(tmp_path / "c")
    settings = folder / "campaign.toml"
    named = f"\n[lists.named]\nroll = '{TINY / 'named.csv'}'\neverywhere = true\n"
    settings.write_text(settings.read_text(encoding="utf-8") + named, encoding="utf-8")
    capsys.readouterr()
    assert main(["commit", str(folder), "--lang", "en"]) == 0
    assert "“named” is inspected whole" in capsys.readouterr().out
    assert not list(folder.glob("frame-*.csv"))
