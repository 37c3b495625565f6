"""A backup: one consistent and checked copy of register and vault, also while others write."""

import json
import sqlite3
from contextlib import closing

import pytest
from registers import TIME, notes, people, script

from sampling.findings import Head, Register
from sampling.words import InputError

pytest_plugins = ["registers_opened"]


def test_a_backup_holds_every_event_and_every_record(register, tmp_path):
    head = register.append([*people(3), *notes(2)], actor="经办", time=TIME)
    assert register.backup(tmp_path / "b", [head]) == head
    copy = Register(tmp_path / "b" / "register.sqlite")
    assert copy.events() == register.events() and copy.check([head]) == ()
    hashes = [json.loads(entry.payload)["personal"] for entry in copy.events()[:3]]
    assert copy.personal(hashes) == register.personal(hashes) and len(copy.personal(hashes)) == 3


def test_a_backup_is_two_plain_files_and_goes_on_as_a_register(register, tmp_path):
    register.append(people(2), actor="a", time=TIME)
    register.backup(tmp_path / "b")
    files = sorted(path.relative_to(tmp_path / "b").as_posix() for path in (tmp_path / "b").rglob("*.*"))
    assert files == ["register.sqlite", "restricted/vault.sqlite"]
    copy = Register(tmp_path / "b" / "register.sqlite")
    assert copy.append(people(1), actor="a", time=TIME).seq == 3 and copy.check() == ()


def test_a_backup_of_nothing_is_empty_and_holds(register, tmp_path):
    before = set(tmp_path.iterdir())
    assert register.backup(tmp_path / "b").seq == 0
    assert set(tmp_path.iterdir()) - before == {tmp_path / "b"}


def test_no_backup_is_made_of_a_register_that_does_not_hold(base, register, tmp_path):
    register.append(people(3), actor="a", time=TIME)
    with pytest.raises(InputError) as error:
        register.backup(tmp_path / "head", [Head(9, "f" * 64)])
    assert [problem.key for problem in error.value.problems] == ["findings.head_lost"]
    base.alter("DELETE FROM event WHERE seq = 2")
    with pytest.raises(InputError) as error:
        register.backup(tmp_path / "b")
    assert [(problem.key, problem.value) for problem in error.value.problems] == [
        ("findings.chain_broken", "2")
    ]


def test_an_erased_record_is_in_no_later_backup_and_a_plain_copy_of_it_is_not_missed(register, tmp_path):
    register.append(people(2), actor="a", time=TIME)
    first = json.loads(register.events()[0].payload)["personal"]
    register.erase([first], actor="a", time=TIME, reason="over")
    register.backup(tmp_path / "b")
    with closing(sqlite3.connect(tmp_path / "b" / "restricted" / "vault.sqlite")) as vault:
        assert vault.execute("SELECT count(*) FROM vault").fetchone() == (1,)


WRITER = """
    import sys
    from registers import TIME, people
    from sampling.findings import Register
    register = Register(sys.argv[1])
    print("ready", flush=True)
    for start in range(0, 2000, 5):
        register.append(people(5, start), actor="a", time=TIME)
"""


def test_backups_made_while_another_process_writes_hold_whole_batches(base, tmp_path):
    base.register().append(people(5), actor="a", time=TIME)
    writer = script(WRITER, base.address, stdout=-1)
    assert writer.stdout and writer.stdout.readline() == "ready\n"
    counts = [base.register().backup(tmp_path / str(number)).seq for number in range(6)]
    writer.kill()
    writer.communicate()
    assert counts == sorted(counts) and all(count % 5 == 0 for count in counts) and counts[-1] > counts[0]
