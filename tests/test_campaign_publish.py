"""What becomes public and when: the commit at any time, the villages after the last visit, no person ever."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile

import pandas as pd
import pytest
from acts_folder import killed_at
from campaign_folder import OTHER_SEED, SEED, TINY, drawn, entries, new, read, run, sha, told, visit

from sampling.campaign import open_campaign
from sampling.files import read_csv
from sampling.words import LANGUAGES

COMMIT = {"commit.json", "sha256.txt", "heads.jsonl"}
VILLAGES = COMMIT | {"villages.csv", "villages-drawn.csv", "receipt.json", "log.jsonl"}
VILLAGES |= {"verify.py", "verify.html", "record.html"}
ALL = VILLAGES | {"frame.csv", "frame-removed.csv", "sample.csv"}
LISTS = f"""[lists.removed]
roll = '{(TINY / "removed.csv").as_posix()}'
rate = "50%"
[lists.named]
roll = '{(TINY / "named.csv").as_posix()}'
everywhere = true
"""
"""Another list that is drawn, and one whose households were reported: no public file may know of it."""


def with_lists(folder, publish="after visits"):
    new(folder, f'publish = "{publish}"', committed=False)
    settings = folder / "campaign.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + LISTS, encoding="utf-8")
    assert run("commit", folder) == 0
    assert run("draw", folder, "--seed", SEED, "--source", "dice", "--witness", "Zhang", "Li") == 0
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A drawn campaign, published after the visits; nobody was visited yet."""
    return with_lists(tmp_path_factory.mktemp("publish") / "c")


@pytest.fixture(scope="module")
def visited(base, tmp_path_factory):
    """The same after the last visit."""
    folder = tmp_path_factory.mktemp("visited") / "c"
    shutil.copytree(base, folder)
    visit(folder)
    return folder


@pytest.fixture
def folder(base, tmp_path):
    shutil.copytree(base, tmp_path / "c")
    return tmp_path / "c"


def public(folder):
    return {path.name for path in (folder / "public").iterdir()}


def publish(folder, what, *words):
    return run("publish", folder, "--what", what, *words)


def set_publish(folder, rule):
    settings = folder / "campaign.toml"
    words = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub('publish = ".*"', f'publish = "{rule}"', words), encoding="utf-8")


def test_a_commit_is_published_before_the_draw_with_its_hash_in_a_file_of_its_own(tmp_path):
    folder = new(tmp_path / "c")
    assert publish(folder, "commit") == 0
    assert public(folder) == COMMIT - {"heads.jsonl"}
    line = (folder / "public" / "sha256.txt").read_text(encoding="utf-8")
    assert line == f"{sha(folder / 'commit.json')}  commit.json\n"


def test_before_the_visits_only_hashes_of_the_draw_are_public(folder):
    assert publish(folder, "commit") == 0
    assert public(folder) == COMMIT
    hashes = (folder / "public" / "sha256.txt").read_text(encoding="utf-8")
    assert f"{sha(folder / 'receipt.json')}  receipt.json\n" in hashes
    seen = b"".join(path.read_bytes() for path in (folder / "public").iterdir())
    assert SEED.encode() not in seen


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("what", "setting"), [("villages", "villages"), ("all", "at once")])
def test_too_early_is_refused_with_what_is_missing_and_the_setting_that_changes_it(
    folder, capsys, what, setting, lang
):
    capsys.readouterr()
    assert publish(folder, what, "--lang", lang) == 1
    said = capsys.readouterr().err
    sample = open_campaign(folder).sample()
    households = ((sample["stage"] == "2") & (sample["role"] != "reserve")).sum()
    assert f" {households} " in said and f'publish = "{setting}"' in said
    assert not (folder / "public").exists()


def test_one_village_that_was_not_visited_is_enough_to_refuse(base, tmp_path, capsys):
    folder = tmp_path / "c"
    shutil.copytree(base, folder)
    visit(folder, villages=14)
    capsys.readouterr()
    assert publish(folder, "villages", "--lang", "en") == 1
    (missing,) = re.findall(r"too early: (\d+) drawn households", capsys.readouterr().err)
    assert 0 < int(missing) < 60


def test_after_the_last_visit_villages_and_all_are_public(visited):
    assert publish(visited, "villages") == 0
    assert public(visited) == VILLAGES
    assert publish(visited, "all") == 0
    assert public(visited) == ALL
    assert publish(visited, "commit") == 0
    assert public(visited) == COMMIT, "made anew as a whole"


def test_the_setting_decides(folder):
    set_publish(folder, "villages")
    assert publish(folder, "villages") == 0 and publish(folder, "all") == 1
    assert public(folder) == VILLAGES, "a refusal leaves what was there"
    set_publish(folder, "at once")
    assert publish(folder, "all") == 0 and public(folder) == ALL


def test_the_drawn_villages_are_the_first_stage_of_the_sample(visited):
    assert publish(visited, "villages") == 0
    rows = read_csv(visited / "public" / "villages-drawn.csv")
    sample = read_csv(visited / "sample.csv")
    pd.testing.assert_frame_equal(rows, sample[sample["stage"] == "1"].reset_index(drop=True))
    assert set(rows["household"]) == {""}


@pytest.mark.parametrize("what", ["villages", "all"])
def test_anybody_can_verify_the_public_folder_alone(visited, tmp_path, what):
    assert publish(visited, what) == 0
    alone = tmp_path / "downloaded"
    shutil.copytree(visited / "public", alone)
    assert told(alone)
    command = [sys.executable, "-I", str(alone / "verify.py")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    village = read_csv(alone / "villages-drawn.csv")["village"].iloc[0]
    assert told(alone, "--village", village)
    household = read_csv(visited / "frame.csv").query("household != ''").iloc[0]
    assert told(alone, "--village", household["village"], "--household", household["household"])


def test_an_edit_of_a_public_file_is_found_there(visited, tmp_path):
    assert publish(visited, "villages") == 0
    for name, old, new_words in [
        ("villages.csv", b",unit\n", b",town\n"),
        ("receipt.json", SEED.encode(), OTHER_SEED.encode()),
        ("log.jsonl", b'"draw"', b'"void"'),
    ]:
        alone = tmp_path / name
        shutil.copytree(visited / "public", alone)
        data = (alone / name).read_bytes()
        assert old in data
        (alone / name).write_bytes(data.replace(old, new_words, 1))
        assert not told(alone), name


def personal():
    """Everything that says who somebody is, of every roll and list of the tiny county, by field."""
    fields = ("户主姓名", "身份证号", "家庭住址", "联系电话", "开户人", "开户账号")
    names = ("roll", "removed", "named", "before", "refused", "hotline")
    tables = [read_csv(TINY / f"{name}.csv") for name in names]
    return {
        field: {value for table in tables if field in table for value in table[field] if value}
        for field in fields
    }


def found_in(data, values):
    words = data.decode("utf-8", errors="replace")
    return {value for value in values if value in words}


@pytest.mark.parametrize("what", ["commit", "villages", "all"])
def test_no_public_file_holds_a_person(visited, what):
    assert publish(visited, what) == 0
    secret = personal()
    assert min(map(len, secret.values())) > 100
    for path in (visited / "public").iterdir():
        data = path.read_bytes()
        for field, values in secret.items():
            assert found_in(data, values) == set(), (path.name, field)


def test_the_search_would_find_a_person_in_a_form(visited):
    """The test above could not fail if it looked for the wrong thing."""
    form = sorted((visited / "forms").glob("*.xlsx"))[0]
    with zipfile.ZipFile(io.BytesIO(form.read_bytes())) as parts:
        data = b"".join(parts.read(name) for name in parts.namelist())
    secret = personal()
    assert found_in(data, secret["户主姓名"]) and found_in(data, secret["家庭住址"])


def test_no_public_file_knows_of_a_list_of_reported_households(visited):
    assert publish(visited, "all") == 0
    for path in (visited / "public").iterdir():
        data = path.read_bytes()
        assert not any(word in data for word in (b"named.csv", b"frame-named", b'"named"')), path.name


def test_witnesses_stand_in_the_receipt_for_they_signed_in_public(visited):
    assert publish(visited, "villages") == 0
    assert read(visited / "public" / "receipt.json")["seed_source"]["witnesses"] == ["Zhang", "Li"]


def test_a_field_of_the_household_that_nobody_may_read_is_not_published_with_its_number(tmp_path, capsys):
    folder = new(tmp_path / "c", 'publish = "at once"', committed=False)
    settings = folder / "campaign.toml"
    rule = '\n[design.households.category.ill_or_disabled]\nrate = "100%"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + rule, encoding="utf-8")
    assert run("commit", folder) == 0 and run("draw", folder, "--seed", SEED) == 0
    capsys.readouterr()
    assert publish(folder, "all", "--lang", "en") == 1
    assert "category" in capsys.readouterr().err
    assert publish(folder, "villages") == 0 and told(folder / "public")


def test_nothing_is_published_before_it_is_there(tmp_path):
    folder = new(tmp_path / "c", 'publish = "at once"', committed=False)
    for what in ("commit", "villages", "all"):
        assert publish(folder, what) == 1
    assert run("commit", folder) == 0
    assert publish(folder, "villages") == 1 and publish(folder, "all") == 1
    assert not (folder / "public").exists()


def test_a_log_that_lacks_a_line_is_not_published(folder):
    assert run("draw", folder, "--seed", OTHER_SEED, "--rehearsal") == 0
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "log.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    assert publish(folder, "commit") == 1


def test_killed_at_any_moment_public_is_the_old_one_or_the_new_one_never_half(visited, tmp_path):
    states = set()
    for limit in range(1, 40):
        folder = tmp_path / f"killed-{limit}"
        shutil.copytree(visited, folder, ignore=shutil.ignore_patterns("forms", "back", "public"))
        assert publish(folder, "commit") == 0
        if not killed_at(limit, "publish", folder, "--what", "villages"):
            break
        state = frozenset(public(folder)) if (folder / "public").exists() else frozenset()
        states.add(state)
        assert publish(folder, "villages") == 0 and public(folder) == VILLAGES
        assert not [path for path in folder.iterdir() if path.name.startswith(".public")]
    assert limit > 8 and states <= {frozenset(), frozenset(COMMIT), frozenset(VILLAGES)}


def test_a_void_draw_is_named_in_the_next_public_log(folder):
    set_publish(folder, "at once")
    assert publish(folder, "all") == 0
    assert run("void", folder, "--reason", "die fell off the table") == 0
    assert not (folder / "public").exists() and (folder / "void" / "1" / "public").exists()
    assert run("draw", folder, "--seed", OTHER_SEED) == 0 and publish(folder, "villages") == 0
    assert [entry["kind"] for entry in entries(folder / "public")] == ["draw", "void", "draw"]
    assert told(folder / "public")
    void = hashlib.sha256((folder / "void" / "1" / "receipt.json").read_bytes()).hexdigest()
    assert json.loads((folder / "public" / "receipt.json").read_bytes())["voided"] == [void]


def test_a_village_is_told_its_fate_by_command(visited, capsys):
    sample = read_csv(visited / "sample.csv")
    lucky = sample[sample["role"].isin(["main", "certainty"])].iloc[0]["village"]
    capsys.readouterr()
    assert told(visited, "--village", lucky)
    assert "drawn" in capsys.readouterr().out
    assert run("verify", visited, "--household", "1") == 2


def test_the_drawn_folder_holds_the_pages_that_people_check_with(base, tmp_path):
    for name in ("verify.html", "record.html"):
        assert (base / name).read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert not (base / "draw.html").exists(), "only where households are drawn on arrival"
    sealed = new(tmp_path / "sealed", committed=False)
    settings = sealed / "campaign.toml"
    words = settings.read_text(encoding="utf-8")
    settings.write_text(
        words.replace("[design.households]", "[design.households]\nsealed = true"), encoding="utf-8"
    )
    assert run("commit", sealed) == 0 and run("draw", sealed, "--seed", SEED) == 0
    assert (sealed / "draw.html").exists()


def test_a_public_campaign_is_drawn_afresh_by_its_own_words(tmp_path):
    folder = drawn(tmp_path / "c", 'publish = "at once"\nevent = "dice"')
    assert publish(folder, "all") == 0
    assert read(folder / "public" / "commit.json")["seed_event"] == "dice"
