"""A rehearsal: a whole campaign in a folder of its own, which counts for nothing and says so everywhere."""

import json
import shutil
import zipfile
from datetime import date

import pytest
from acts_folder import killed_at
from campaign_folder import OTHER_SEED, SEED, TINY, entries, new, read, run, sha, told

from sampling.campaign import open_campaign
from sampling.files import read_csv
from sampling.forms import read_workbook
from sampling.reports import open_report
from sampling.words import LANGUAGES

REHEARSE = ("--seed", SEED, "--source", "drill", "--rehearsal")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A campaign that was rehearsed before anything was committed."""
    folder = new(tmp_path_factory.mktemp("rehearsal") / "c", committed=False)
    assert run("draw", folder, *REHEARSE) == 0
    return folder


@pytest.fixture
def folder(base, tmp_path):
    shutil.copytree(base, tmp_path / "c")
    return tmp_path / "c"


def test_a_rehearsal_needs_no_commit_and_leaves_only_a_line_in_the_log(base):
    names = {path.name for path in base.iterdir()} - {".lock"}
    assert names == {"campaign.toml", "log.jsonl", "heads.jsonl", "rehearsal"}
    (entry,) = entries(base)
    assert entry["kind"] == "rehearsal" and entry["payload"]["seed"] == SEED
    assert entry["payload"]["receipt_sha256"] == sha(base / "rehearsal" / "receipt.json")


def test_it_is_a_whole_campaign_with_the_same_id_and_can_be_verified(base):
    trial = base / "rehearsal"
    names = ["commit.json", "frame.csv", "villages.csv", "sample.csv", "verify.py", "restricted/roll.parquet"]
    for name in names:
        assert (trial / name).exists(), name
    assert read(trial / "commit.json")["rehearsal"] is read(trial / "receipt.json")["rehearsal"] is True
    assert open_campaign(trial).id == open_campaign(base).id
    assert told(trial)


def test_its_commit_and_sample_are_those_of_the_campaign_itself(folder):
    assert run("commit", folder) == 0
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    rehearsed, real = read(folder / "rehearsal" / "commit.json"), read(folder / "commit.json")
    own = {"committed_at", "heads", "rehearsal"}
    assert {name: real[name] for name in real if name not in own} == {
        name: rehearsed[name] for name in rehearsed if name not in own
    }
    assert run("draw", folder, "--seed", OTHER_SEED, "--rehearsal") == 0, "a rehearsal may use any seed"
    assert (folder / "rehearsal" / "sample.csv").read_bytes() == (folder / "sample.csv").read_bytes()
    assert told(folder)


def test_paths_lists_and_settings_mean_the_same_one_folder_deeper(tmp_path):
    folder = new(tmp_path / "c", committed=False)
    (folder / "source").mkdir()
    for name in ("roll", "villages", "removed", "named"):
        shutil.copy(TINY / f"{name}.csv", folder / "source")
    settings = folder / "campaign.toml"
    words = settings.read_text(encoding="utf-8").replace(str(TINY), "source")
    words = words[: words.index("\n[office]")]
    words += '\n[lists.removed]\nroll = ["source/removed.csv"]\nrate = "50%"\n'
    words += f"\n[lists.named]\nroll = '{(TINY / 'named.csv').as_posix()}'\neverywhere = true\n"
    words += '\n[office]\nname = "“民政局” \\\\ \\"一\\""\nhotlines = ["000-1"]\n'
    words += 'own = [1, 2.5, true, 2026-07-01]\ntemplate = "head.docx"\n'
    words += 'nested = { "a b" = { c = [] } }\n'
    words += '[followup]\nnotified = 2026-07-01\nhotline = "hotline.csv"\n'
    settings.write_text(words, encoding="utf-8")
    assert run("draw", folder, *REHEARSE) == 0
    ours, theirs = open_campaign(folder).settings, open_campaign(folder / "rehearsal").settings
    assert theirs.roll == ("../source/roll.csv",) and theirs.villages == ("../source/villages.csv",)
    assert theirs.lists["removed"].files == ("../source/removed.csv",)
    assert theirs.lists["named"].files == ours.lists["named"].files
    for name in ("design", "publish", "standard", "lang"):
        assert getattr(theirs, name) == getattr(ours, name)
    assert theirs.office == {**ours.office, "template": "../head.docx"}
    assert theirs.followup.notified == ours.followup.notified == date(2026, 7, 1)
    assert theirs.followup.hotline == "../hotline.csv"
    assert (folder / "rehearsal" / "frame-removed.csv").exists() and told(folder / "rehearsal")


def test_the_next_rehearsal_takes_the_place_of_the_one_before_and_both_stay_in_the_log(folder):
    old = sha(folder / "rehearsal" / "receipt.json")
    (folder / "rehearsal" / "left-over.txt").write_text("x")
    assert run("draw", folder, "--seed", OTHER_SEED, "--rehearsal") == 0
    assert not (folder / "rehearsal" / "left-over.txt").exists()
    assert read(folder / "rehearsal" / "receipt.json")["seed"] == OTHER_SEED
    assert [entry["kind"] for entry in entries(folder)] == ["rehearsal", "rehearsal"]
    assert entries(folder)[0]["payload"]["receipt_sha256"] == old


def test_a_seed_that_was_rehearsed_is_no_seed_for_the_draw_that_counts(folder):
    assert run("commit", folder) == 0
    assert run("draw", folder, "--seed", SEED) == 1
    assert not (folder / "receipt.json").exists()
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    assert read(folder / "receipt.json")["rehearsal"] is False and told(folder)


def test_a_rehearsal_after_the_draw_changes_nothing_of_it(folder):
    assert run("commit", folder) == 0
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    before = {name: sha(folder / name) for name in ("receipt.json", "sample.csv", "commit.json")}
    assert run("draw", folder, "--seed", SEED[::-1], "--rehearsal") == 0
    assert {name: sha(folder / name) for name in before} == before
    assert told(folder)


@pytest.mark.parametrize("words", [("--seed", "123"), ("--seed", "1" * 19), ()])
def test_a_rehearsal_without_a_seed_or_with_a_short_one_is_refused(folder, words):
    before = sha(folder / "rehearsal" / "receipt.json")
    assert run("draw", folder, *words, "--rehearsal") == 1
    assert sha(folder / "rehearsal" / "receipt.json") == before and len(entries(folder)) == 1


def test_a_village_is_not_drawn_for_good_by_who_asks_for_a_rehearsal(folder, tmp_path):
    assert run("draw", folder, "--seed", OTHER_SEED, "--rehearsal", "--village", "999999001001") == 2
    assert run("draw", folder, "--rehearsal", "--record", tmp_path / "record.json") == 2


def test_a_sealed_village_and_later_acts_are_rehearsed_in_the_rehearsal_s_own_folder(tmp_path):
    folder = new(tmp_path / "c", committed=False)
    settings = folder / "campaign.toml"
    words = settings.read_text(encoding="utf-8")
    sealed = words.replace("[design.households]", "[design.households]\nsealed = true")
    settings.write_text(sealed, encoding="utf-8")
    assert run("draw", folder, *REHEARSE) == 0
    trial = folder / "rehearsal"
    villages = [village["id"] for village in read(trial / "receipt.json")["sample"]]
    inhabited = set(read_csv(trial / "frame.csv").query("household != ''")["village"])
    village = next(one for one in villages if one in inhabited)
    assert run("draw", trial, "--village", village, "--seed", OTHER_SEED) == 0
    assert read(trial / "receipt.json")["rehearsal"] is True and told(trial)
    assert [entry["kind"] for entry in entries(folder)] == ["rehearsal"]


def test_a_rehearsal_cannot_become_a_commit_that_counts_nor_be_published(folder):
    assert run("commit", folder / "rehearsal") == 1
    assert run("publish", folder / "rehearsal", "--what", "commit") == 1
    assert read(folder / "rehearsal" / "commit.json")["rehearsal"] is True
    assert not (folder / "rehearsal" / "public").exists()


def test_killed_at_any_moment_the_old_rehearsal_or_the_new_one_is_there_whole(base, tmp_path):
    seeds = set()
    for limit in range(1, 60):
        folder = tmp_path / f"killed-{limit}"
        shutil.copytree(base, folder)
        if not killed_at(limit, "draw", folder, "--seed", OTHER_SEED, "--rehearsal"):
            break
        if (folder / "rehearsal").exists():
            seeds.add(read(folder / "rehearsal" / "receipt.json")["seed"])
        assert run("draw", folder, "--seed", OTHER_SEED, "--rehearsal") == 0
        assert read(folder / "rehearsal" / "receipt.json")["seed"] == OTHER_SEED
        if limit % 9 == 0:
            assert told(folder / "rehearsal")
    assert limit > 12 and seeds == {SEED}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_made_from_it_says_rehearsal(folder, lang, capsys):
    trial = folder / "rehearsal"
    campaign = open_campaign(trial, lang=lang)
    assert campaign.rehearsal and "rehearsal" in campaign.marks
    assert run("forms", trial, "--lang", lang) == 0
    form = sorted((trial / "forms").glob("*.xlsx"))[0]
    assert "rehearsal" in read_workbook(form).heading.marks
    with zipfile.ZipFile(form) as parts:
        assert b"REHEARSAL" in parts.read("xl/sharedStrings.xml")
    assert "REHEARSAL" in open_report("20_draw", campaign=str(trial), unit="", lang=lang)._repr_html_()
    assert "演练" in (trial / "record.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert run("verify", trial, "--lang", "zh") == 0
    assert "REHEARSAL" in capsys.readouterr().out
    assert run("status", trial, "--json", "--lang", lang) == 0
    rows = json.loads(capsys.readouterr().out)
    assert ("REHEARSAL" if lang == "en" else "演练") in rows[0]["holds"]


def test_a_campaign_that_counts_says_it_nowhere(folder):
    assert run("commit", folder) == 0 and run("draw", folder, "--seed", OTHER_SEED) == 0
    campaign = open_campaign(folder)
    assert not campaign.rehearsal and campaign.marks == ("synthetic",)
    for name in ("commit.json", "receipt.json"):
        assert "REHEARSAL" not in (folder / name).read_text(encoding="utf-8")
    assert "演练" not in (folder / "record.html").read_text(encoding="utf-8")
    page = open_report("20_draw", campaign=str(folder), unit="", lang="en")._repr_html_()
    assert "REHEARSAL" not in page
