"""The register: only added to, every change seen, its state kept up, the same in every database."""

import copy
import hashlib
import json
from pathlib import Path

import pytest
from registers import TIME, SqliteBase, notes, people
from sqlalchemy.exc import DBAPIError, IntegrityError

from sampling.findings import Event, Head, Register, read_heads, write_head
from sampling.findings.state import FILE_RECEIVED, QUARANTINED, State

pytest_plugins = ["registers_opened"]
COLUMNS = ["time", "actor", "kind", "payload", "previous_hash", "hash"]


def found(register: Register, *heads: Head) -> list[tuple[str, str]]:
    return [(problem.key, problem.value) for problem in register.check(heads)]


def received(*names: str) -> list[Event]:
    payloads = [{"file": name, "sha256": name, "purpose": ""} for name in names]
    return [Event(kind=FILE_RECEIVED, payload=payload) for payload in payloads]


def waiting(*names: str) -> list[Event]:
    """Rows in quarantine, which the state keeps in lists."""
    payload = {"item": ["row", "v1", "2"], "cells": {}, "status": "conflicting", "sha256": "a"}
    return [Event(kind=QUARANTINED, payload=payload | {"row": name}) for name in names]


def files(state: State) -> set[str]:
    return {payload["file"] for payload in state.files.values()}


def test_an_empty_register_answers(register):
    assert register.head() == Head(0, "0" * 64)
    assert register.events() == () and register.findings().empty and register.quarantine().empty
    assert register.village_answers().empty and register.check() == () and register.personal(["a"]) == {}


def test_reading_makes_no_file(tmp_path):
    register = Register(tmp_path / "register.sqlite")
    assert register.head().seq == 0 and register.check() == () and register.state() == State()
    assert list(tmp_path.iterdir()) == []


def test_the_hash_covers_every_other_column_and_chains_to_the_one_before(register):
    head = register.append(notes(3), actor="经办", time=TIME)
    previous = "0" * 64
    for seq, entry in enumerate(register.events(), start=1):
        assert json.loads(entry.payload) == {"n": seq - 1, "text": "看过 😀"}
        body = json.dumps(
            [seq, TIME, "经办", "note", entry.payload, previous], ensure_ascii=False, separators=(",", ":")
        )
        previous = hashlib.sha256(body.encode()).hexdigest()
        assert (entry.seq, entry.hash) == (seq, previous)
    assert head == register.head() == Head(3, previous)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET payload = '{}' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 3",
        "UPDATE vault SET content = '{}'",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event_or_to_change_a_record(base, register, statement):
    register.append(people(3), actor="a", time=TIME)
    with pytest.raises(Exception, match=r"only ever added|never changed"):
        base.run(statement)
    assert register.check() == ()


def test_sqlite_refuses_to_replace_an_event_and_to_add_one_out_of_turn(tmp_path):
    base = SqliteBase(folder=tmp_path)
    base.register().append(people(3), actor="a", time=TIME)
    for statement, words in {
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 2": "only ever added",
        "INSERT INTO event SELECT seq + 7, time, actor, kind, payload, previous_hash, hash FROM event": "on",
        "INSERT OR REPLACE INTO vault SELECT sha256, salt, '{}' FROM vault": "never changed",
    }.items():
        with pytest.raises(Exception, match=words):
            base.run(statement)
    assert base.register().check() == ()


@pytest.mark.parametrize("column", COLUMNS)
def test_one_byte_of_one_column_changed_is_found_at_its_event(base, register, column):
    register.append(people(5), actor="abc", time=TIME)
    base.alter(
        f"UPDATE event SET {column} = substr({column}, 1, 1) || '~' || substr({column}, 3) WHERE seq = 3"
    )
    assert found(register)[0] == ("findings.chain_broken", "3")
    problem = register.check()[0]
    assert "3" in problem.to_line("zh") and "3" in problem.to_line("en")


@pytest.mark.parametrize("seq", [1, 3])
def test_an_event_taken_out_is_found_where_it_was(base, register, seq):
    register.append(notes(5), actor="a", time=TIME)
    base.alter(f"DELETE FROM event WHERE seq = {seq}")
    assert found(register) == [("findings.chain_broken", str(seq))]


def test_two_swapped_events_are_found_at_the_first_of_them(base, register):
    register.append(notes(5), actor="a", time=TIME)
    for old, new in ((2, 99), (4, 2), (99, 4)):
        base.alter(f"UPDATE event SET seq = {new} WHERE seq = {old}")
    assert found(register) == [("findings.chain_broken", "2")]


def test_the_last_event_taken_away_is_found_by_the_heads_outside(base, register, tmp_path):
    heads = tmp_path / "heads.jsonl"
    register.append(notes(5), actor="a", time=TIME)
    write_head(heads, register.head(), time=TIME)
    assert register.check(read_heads(heads)) == ()
    base.alter("DELETE FROM event WHERE seq = 5")
    assert found(register, *read_heads(heads)) == [("findings.head_lost", "5")]


def test_of_several_lost_heads_the_earliest_is_named(base, register):
    heads = [register.append(notes(1), actor="a", time=TIME) for _ in range(4)]
    base.alter("DELETE FROM event WHERE seq >= 3")
    assert found(register, *reversed(heads)) == [("findings.head_lost", "3")]


def test_a_head_is_written_once_and_a_line_cut_off_is_left_out(register, tmp_path):
    heads = tmp_path / "heads.jsonl"
    for count in (1, 0, 2):
        register.append(notes(count), actor="a", time=TIME)
        write_head(heads, register.head(), time=TIME)
    assert [head.seq for head in read_heads(heads)] == [1, 3]
    with heads.open("a") as file:
        file.write('{"seq": 4, "ha')
    assert [head.seq for head in read_heads(heads)] == [1, 3]


def test_a_batch_that_fails_half_way_leaves_nothing_behind(register):
    register.append(notes(2), actor="a", time=TIME)

    def breaking():
        yield from notes(3)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        register.append(breaking(), actor="a", time=TIME)
    with pytest.raises(IntegrityError), register.writing() as writer:
        writer.append(notes(1), actor="a", time=None)
    with pytest.raises(RuntimeError), register.writing() as writer:
        writer.append(people(1), actor="a", time=TIME)
        raise RuntimeError
    assert register.head().seq == 2 and register.check() == ()


def test_a_register_can_lie_where_the_path_has_spaces_percent_signs_and_chinese(tmp_path):
    register = Register(tmp_path / "a b%20?#" / ".." / "核查 登记库%.sqlite")
    (tmp_path / "a b%20?#").mkdir()
    assert register.append(people(1), actor="a", time=TIME).seq == 1
    assert "1 events" in repr(register) and register.check() == ()


def test_a_guard_that_was_taken_away_is_back_with_the_next_event(tmp_path):
    base = SqliteBase(folder=tmp_path)
    base.register().append(people(2), actor="a", time=TIME)
    base.alter("DELETE FROM event WHERE seq = 9")
    base.alter("DELETE FROM vault WHERE sha256 = ''")
    base.register().append(people(1), actor="a", time=TIME)
    for statement in ("DELETE FROM event WHERE seq = 1", "UPDATE vault SET content = ''"):
        with pytest.raises(Exception, match="only ever added"):
            base.run(statement)


# The vault


def test_an_event_holds_only_the_hash_of_what_is_personal(register):
    name = "赵丽颖\u2028\x00\"'\\😀"
    register.append([Event(kind="note", payload={"n": 1}, personal={"name": name})], actor="a", time=TIME)
    (entry,) = register.events()
    payload = json.loads(entry.payload)
    assert set(payload) == {"n", "personal"} and len(payload["personal"]) == 64
    assert register.personal([payload["personal"], "f" * 64]) == {payload["personal"]: {"name": name}}
    assert register.check() == ()


def test_the_same_person_twice_has_two_hashes_which_nobody_can_compare(register):
    same = [Event(kind="note", payload={}, personal={"name": "赵"})] * 2
    register.append(same, actor="a", time=TIME)
    first, second = (json.loads(entry.payload)["personal"] for entry in register.events())
    assert first != second
    plain = hashlib.sha256('{"name":"赵"}'.encode()).hexdigest()
    assert plain not in (first, second)


def test_many_records_are_read_at_once(register):
    register.append(people(1200), actor="a", time=TIME)
    hashes = [json.loads(entry.payload)["personal"] for entry in register.events()]
    kept = register.personal(hashes)
    assert [kept[one]["name"] for one in hashes] == [f"赵{n}" for n in range(1200)]


@pytest.mark.parametrize("column", ["salt", "content"])
def test_a_record_that_was_changed_is_found_at_its_event(base, register, column):
    register.append(people(4), actor="a", time=TIME)
    third = json.loads(register.events()[2].payload)["personal"]
    base.alter(
        f"UPDATE vault SET {column} = substr({column}, 1, 1) || '~' || substr({column}, 3)"
        f" WHERE sha256 = '{third}'"
    )
    assert found(register) == [("register.record_changed", "3")]


def test_a_record_that_is_missing_is_reported_and_one_that_was_erased_is_not(base, register):
    register.append(people(4), actor="a", time=TIME)
    hashes = [json.loads(entry.payload)["personal"] for entry in register.events()]
    register.erase(hashes[:1], actor="b", time=TIME, reason="retention period over")
    assert register.check() == () and set(register.personal(hashes)) == set(hashes[1:])
    head = register.head()
    assert register.erase(hashes[:1], actor="b", time=TIME, reason="again") == head
    base.alter(f"DELETE FROM vault WHERE sha256 IN ('{hashes[2]}', '{hashes[3]}')")
    (problem,) = register.check()
    assert (problem.key, problem.value, problem.severity) == ("register.record_missing", "3", "reported")
    assert problem.fields == {"records": 2} and "2" in problem.to_line("zh")


def test_the_bytes_of_an_erased_record_are_gone_from_the_files(tmp_path):
    register = Register(tmp_path / "register.sqlite")
    person = Event(kind="note", payload={}, personal={"name": "UNIQUE-NAME"})
    register.append([person, *people(3)], actor="a", time=TIME)
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in paths if b"UNIQUE-NAME" in path.read_bytes()] == ["vault.sqlite"]
    first = json.loads(register.events()[0].payload)["personal"]
    register.erase([first], actor="b", time=TIME, reason="over")
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"UNIQUE-NAME" in path.read_bytes() for path in paths)


def test_a_payload_must_leave_the_name_of_the_hash_free(register):
    with pytest.raises(ValueError, match="personal"):
        register.append([Event(kind="note", payload={"personal": "x"}, personal={})], actor="a", time=TIME)
    assert register.head().seq == 0


def test_the_vault_can_lie_elsewhere(tmp_path):
    register = Register(tmp_path / "register.sqlite", vault=tmp_path / "safe" / "v.sqlite")
    register.append(people(2), actor="a", time=TIME)
    assert (tmp_path / "safe" / "v.sqlite").exists() and not (tmp_path / "restricted").exists()
    assert register.check() == ()


# The state that is kept


def test_the_state_that_is_kept_is_always_that_of_all_events(base, register):
    other = base.register()
    for number, writer in enumerate([register, other, other, register, other]):
        writer.append(received(f"f{number}"), actor="a", time=TIME)
        assert register.state() == base.register().state()
        assert files(register.state()) == {f"f{n}" for n in range(number + 1)}


def test_only_what_came_since_is_read(register, monkeypatch):
    applied = []
    apply = State.apply
    monkeypatch.setattr(State, "apply", lambda state, event: (applied.append(event), apply(state, event)))
    for count in (3, 2):
        register.append(received(*(f"{count}{n}" for n in range(count))), actor="a", time=TIME)
        register.state()
        with register.writing() as writer:
            assert len(writer.state.files) == len(register.events())
    assert len(applied) == 5


def test_what_was_rolled_back_is_in_no_state(register):
    register.append(received("kept"), actor="a", time=TIME)
    register.state()
    with pytest.raises(RuntimeError), register.writing() as writer:
        writer.append(received("lost"), actor="a", time=TIME)
        assert files(writer.state) == {"kept"}  # asked for late, and still what was before
        writer.state.apply(received("lost")[0])
        raise RuntimeError
    assert files(register.state()) == {"kept"}
    register.append(received("other"), actor="a", time=TIME)
    assert files(register.state()) == {"kept", "other"}


def test_nobody_changes_the_state_that_is_kept(register):
    register.append([*received("a", "b"), *waiting("c", "d")], actor="a", time=TIME)
    before = copy.deepcopy(register.state())
    given = register.state()
    for name in State.__dataclass_fields__:
        part = getattr(given, name)
        for inner in part.values():
            if isinstance(inner, list):
                inner.clear()
        part.clear()
    assert register.state() == before


def test_a_register_that_was_exchanged_is_read_anew(tmp_path):
    path = tmp_path / "register.sqlite"
    register = Register(path)
    register.append(received("old", "older"), actor="a", time=TIME)
    assert files(register.state()) == {"old", "older"}
    for file in tmp_path.glob("register.sqlite*"):
        file.unlink()
    Register(path).append(received("new", "newer", "newest"), actor="a", time=TIME)
    assert files(register.state()) == {"new", "newer", "newest"}


def test_a_register_is_a_file_whose_journal_goes_with_the_last_reader(tmp_path):
    Register(tmp_path / "register.sqlite").append(people(1), actor="a", time=TIME)
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["register.sqlite", "restricted/vault.sqlite"]


def test_a_wrong_statement_is_an_error_of_the_database(register):
    with pytest.raises(DBAPIError), register.writing() as writer:
        writer._connection.exec_driver_sql("SELECT nothing FROM nowhere")


def test_the_address_of_a_file_is_a_register_too(tmp_path):
    Register(f"sqlite:///{tmp_path / 'r.sqlite'}").append(people(1), actor="a", time=TIME)
    assert Register(tmp_path / "r.sqlite").check() == () and Path(tmp_path / "restricted").is_dir()
