"""The register: only added to, every change seen, safe when killed and when several write at once."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from sampling.findings import Event, Head, Register, read_heads, write_head

TIME = "2026-06-20T18:00:00+08:00"
PACKAGE = Path(__file__).parents[1]


def notes(count: int, start: int = 0) -> list[Event]:
    return [Event(kind="note", payload={"n": start + n, "text": "看过 😀"}) for n in range(count)]


@pytest.fixture
def register(tmp_path):
    return Register(tmp_path / "register.sqlite")


def altered(register: Register, statement: str, *values) -> Register:
    """What somebody does who opens the file with another program and takes the guards away first."""
    with sqlite3.connect(register._reading.url.database) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute(statement, values)
    return register


def test_an_empty_register_answers_and_makes_no_file(register):
    assert register.head() == Head(0, "0" * 64)
    assert register.events() == () and register.findings().empty and register.quarantine().empty
    assert register.village_answers().empty and register.check() == ()
    assert not Path(register._reading.url.database).exists()


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


def test_the_database_refuses_to_change_or_remove_or_replace_an_event(register):
    register.append(notes(3), actor="a", time=TIME)
    with sqlite3.connect(register._reading.url.database) as database:
        for statement in (
            "UPDATE event SET payload = '{}' WHERE seq = 2",
            "DELETE FROM event WHERE seq = 3",
            "INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 2",
            "INSERT INTO event SELECT seq + 7, time, actor, kind, payload, previous_hash, hash FROM event",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                database.execute(statement)
    assert register.check() == ()


@pytest.mark.parametrize("column", ["time", "actor", "kind", "payload", "previous_hash", "hash"])
def test_one_byte_of_one_column_changed_is_found_at_its_event(register, column):
    register.append(notes(5), actor="abc", time=TIME)
    flipped = (
        f"UPDATE event SET {column} = substr({column}, 1, 1) || '~' || substr({column}, 3) WHERE seq = 3"
    )
    found = altered(register, flipped).check()
    assert [(problem.key, problem.value) for problem in found] == [("findings.chain_broken", "3")]
    assert "3" in found[0].to_line("zh") and "3" in found[0].to_line("en")


def test_an_event_taken_out_of_the_middle_is_found_where_it_was(register):
    register.append(notes(5), actor="a", time=TIME)
    found = altered(register, "DELETE FROM event WHERE seq = 3").check()
    assert [problem.value for problem in found] == ["3"]


def test_two_swapped_events_are_found_at_the_first_of_them(register):
    register.append(notes(5), actor="a", time=TIME)
    altered(register, "UPDATE event SET seq = 99 WHERE seq = 2")
    altered(register, "UPDATE event SET seq = 2 WHERE seq = 4")
    found = altered(register, "UPDATE event SET seq = 4 WHERE seq = 99").check()
    assert [problem.value for problem in found] == ["2"]


def test_the_last_event_taken_away_is_found_by_the_heads_outside(register, tmp_path):
    heads = tmp_path / "heads.jsonl"
    register.append(notes(5), actor="a", time=TIME)
    write_head(heads, register.head(), time=TIME)
    assert register.check(read_heads(heads)) == ()
    found = altered(register, "DELETE FROM event WHERE seq = 5").check(read_heads(heads))
    assert [(problem.key, problem.value) for problem in found] == [("findings.head_lost", "5")]


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
    assert register.head().seq == 2 and register.check() == ()


def test_a_register_can_lie_where_the_path_has_spaces_percent_signs_and_chinese(tmp_path):
    register = Register(tmp_path / "a b%20?#" / ".." / "核查 登记库%.sqlite")
    (tmp_path / "a b%20?#").mkdir()
    assert register.append(notes(1), actor="a", time=TIME).seq == 1
    assert "1 events" in repr(register)


WRITER = """
    import sys
    from sampling.findings import Event, Register
    register = Register(f"sqlite:///{sys.argv[1]}")
    for batch in range(10):
        events = [Event(kind="note", payload={"n": batch * 5 + n}) for n in range(5)]
        register.append(events, actor=sys.argv[2], time="2026-06-20T18:00:00+08:00")
"""


def script(text: str, *arguments: object, **options) -> subprocess.Popen:
    command = [sys.executable, "-c", textwrap.dedent(text), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, **options)


def test_several_processes_write_at_once_from_the_very_first_event_and_none_is_lost(register):
    running = [script(WRITER, register._reading.url.database, name) for name in "abc"]
    errors = [process.communicate()[1] for process in running]
    assert errors == [""] * 3
    entries = register.events()
    assert len(entries) == 150 and register.check() == ()
    for name in "abc":
        written = [json.loads(entry.payload)["n"] for entry in entries if entry.actor == name]
        assert written == list(range(50))


KILLED = """
    import os, signal, sys
    from sqlalchemy import Engine, event
    from sampling.findings import Event, Register

    seen = 0
    def count(statement):
        global seen
        seen += statement.startswith("INSERT INTO event") or statement == "COMMIT"
        if seen == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

    @event.listens_for(Engine, "connect")
    def _(connection, _record):
        connection.set_trace_callback(count)

    Register(f"sqlite:///{sys.argv[1]}").append(
        [Event(kind="note", payload={"n": n}) for n in range(10)], actor="a", time="t")
"""


@pytest.mark.parametrize("moment", [1, 5, 10, 11])
def test_a_process_killed_between_two_events_of_a_batch_leaves_none_of_them(register, moment):
    register.append(notes(2), actor="a", time=TIME)
    process = script(KILLED, register._reading.url.database, moment)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert register.head().seq == 2 and register.check() == ()
    assert register.append(notes(1), actor="a", time=TIME).seq == 3
