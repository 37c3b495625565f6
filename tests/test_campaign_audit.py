"""The steps audit and backup on a campaign folder: what they compare, what they say, what they write."""

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime

import pytest
from campaign_folder import drawn, visit
from registers import people

from sampling.campaign import open_campaign
from sampling.campaign.auditing import audit_register, back_up, noted_heads
from sampling.findings import Register
from sampling.words import InputError, text

pytest_plugins = ["registers_opened"]

NOW = datetime.fromisoformat("2026-07-01T09:30:00+08:00")
TIME = NOW.isoformat()


@pytest.fixture(scope="module")
def visited(tmp_path_factory):
    folder = drawn(tmp_path_factory.mktemp("audit") / "c")
    visit(folder, villages=2)
    return folder


@pytest.fixture
def folder(visited, tmp_path):
    shutil.copytree(visited, tmp_path / "c")
    return tmp_path / "c"


def refusals(folder) -> list[str]:
    with pytest.raises(InputError) as error:
        audit_register(open_campaign(folder))
    return [problem.key for problem in error.value.problems]


def alter(folder, statement: str) -> None:
    with closing(sqlite3.connect(folder / "register.sqlite")) as database, database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement)


def test_a_register_that_is_whole_is_said_to_be_so_in_both_languages(folder):
    done = audit_register(open_campaign(folder))
    events = Register(folder / "register.sqlite").head().seq
    assert done.fields["events"] == events > 5 and done.fields["heads"] >= 1 and done.notes == ()
    for lang in ("en", "zh"):
        assert str(events) in text(done.key, lang, **done.fields)


def test_a_campaign_without_findings_has_nothing_to_find_fault_with(tmp_path):
    done = audit_register(open_campaign(drawn(tmp_path / "c")))
    assert done.fields["events"] == done.fields["heads"] == 0


@pytest.mark.parametrize(
    "statement", ["UPDATE event SET actor = 'x' WHERE seq = 3", "DELETE FROM event WHERE seq = 3"]
)
def test_a_change_in_the_register_is_refused_with_the_first_event(folder, statement):
    alter(folder, statement)
    with pytest.raises(InputError) as error:
        audit_register(open_campaign(folder))
    assert ("findings.chain_broken", "3") in {(p.key, p.value) for p in error.value.problems}


def test_the_last_event_cut_off_is_found_by_heads_jsonl(folder):
    alter(folder, "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)")
    assert refusals(folder) == ["findings.head_lost"]


def test_a_register_that_is_gone_is_found_by_heads_jsonl(folder):
    (folder / "register.sqlite").unlink()
    assert refusals(folder) == ["findings.head_lost"]


@pytest.mark.parametrize("name", ["commit.json", "receipt.json", "facts.json"])
def test_heads_stated_in_other_files_are_compared_too(folder, name):
    (folder / "heads.jsonl").unlink()
    path = folder / name
    document = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    head = {"count": 2, "hash": "f" * 64}
    if name == "facts.json":
        document["made_from"] = {"register_events": 2, "register_head": "f" * 64}
    else:
        document["heads"] = document["heads"] | {"register": head}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert (2, "f" * 64) in set(noted_heads(folder))
    assert "findings.head_lost" in refusals(folder)


@pytest.mark.parametrize("line", ['{"seq": [1], "hash": {}}', '{"seq": "2"}', "{}", "nonsense"])
def test_a_head_that_is_none_is_one_that_the_register_lacks(folder, line):
    with (folder / "heads.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert "findings.head_lost" in refusals(folder)


@pytest.mark.parametrize("name", ["commit.json", "receipt.json", "facts.json"])
@pytest.mark.parametrize(
    "content", ["[]", '{"heads": [], "made_from": 1}', "{", '{"heads": {"register": "x"}}']
)
def test_a_damaged_file_beside_the_register_says_nothing_of_heads(folder, name, content):
    before = list(noted_heads(folder))
    (folder / name).write_text(content, encoding="utf-8")
    assert list(noted_heads(folder)) == before


def test_a_damaged_log_is_refused_too(folder):
    log = folder / "log.jsonl"
    log.write_text(
        log.read_text(encoding="utf-8").replace('"kind": "draw"', '"kind": "void"'), encoding="utf-8"
    )
    assert "draws.log_broken" in refusals(folder)


def test_a_vault_left_behind_is_reported_and_refuses_nothing(folder):
    Register(folder / "register.sqlite").append(people(2), actor="a", time=TIME)
    (folder / "restricted" / "vault.sqlite").unlink()
    done = audit_register(open_campaign(folder))
    assert [problem.key for problem in done.notes] == ["register.record_missing"]


def test_a_backup_lies_whole_in_a_folder_of_its_time_with_the_hash_of_each_file(folder):
    Register(folder / "register.sqlite").append(people(2), actor="a", time=TIME)
    done = back_up(open_campaign(folder), now=NOW)
    target = folder / "backups" / "20260701T093000"
    assert done.files == (target,) and [path.name for path in target.parent.iterdir()] == [target.name]
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    found = {
        path.relative_to(target).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in target.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert manifest["files"] == found
    assert set(found) == {
        *("register.sqlite", "restricted/vault.sqlite", "heads.jsonl", "log.jsonl", "commit.json"),
        *("receipt.json", "sample.csv", "campaign.toml"),
    }
    head = Register(folder / "register.sqlite").head()
    assert manifest["register"] == {"count": head.seq, "hash": head.hash}
    assert manifest["time"] == TIME
    for lang in ("en", "zh"):
        assert str(head.seq) in text(done.key, lang, **done.fields)


def test_the_files_of_a_backup_put_back_are_the_register_again(folder):
    before = Register(folder / "register.sqlite").events()
    (target,) = back_up(open_campaign(folder), now=NOW).files
    for path in folder.glob("register.sqlite*"):
        path.unlink()
    shutil.copytree(target, folder, dirs_exist_ok=True)
    assert audit_register(open_campaign(folder)).fields["events"] == len(before)
    assert Register(folder / "register.sqlite").events() == before


def test_a_backup_of_a_register_that_was_altered_is_refused_and_leaves_nothing(folder):
    alter(folder, "UPDATE event SET actor = 'x' WHERE seq = 3")
    with pytest.raises(InputError):
        back_up(open_campaign(folder), now=NOW)
    assert list((folder / "backups").iterdir()) == []


def test_a_register_in_postgresql_is_audited_and_backed_up_into_sqlite(tmp_path, postgres, monkeypatch):
    from registers_postgres import PostgresBase

    base = PostgresBase(cluster=postgres)
    monkeypatch.setenv("SAMPLING_REGISTER_URL", base.address)
    folder = drawn(tmp_path / "c")
    visit(folder, villages=1)
    assert not (folder / "register.sqlite").exists()
    events = base.register().events()
    assert audit_register(open_campaign(folder)).fields["events"] == len(events) > 5
    (target,) = back_up(open_campaign(folder), now=NOW).files
    assert Register(target / "register.sqlite").events() == events
    written = b"".join(path.read_bytes() for path in target.rglob("*") if path.is_file())
    assert b"postgresql" not in written and b"only for a test" not in written
    base.alter(f"DELETE FROM event WHERE seq = {len(events)}")
    assert "findings.head_lost" in refusals(folder)


def test_a_campaign_without_findings_is_backed_up_too(tmp_path):
    folder = drawn(tmp_path / "c")
    (target,) = back_up(open_campaign(folder), now=NOW).files
    assert (target / "receipt.json").exists() and not (target / "register.sqlite").exists()
    assert not (folder / "register.sqlite").exists()
