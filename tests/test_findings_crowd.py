"""Many who record at once, and processes that are killed: nothing is lost, nothing is half there."""

import json
import random
import signal
import subprocess
from collections import Counter

import pytest
from registers import CROWD, KILLED, TIME, people, script

pytest_plugins = ["registers_opened"]

DRAWN = random.Random(20260620)
MOMENTS = [
    *(("statement", number) for number in sorted(DRAWN.sample(range(1, 90), 16))),
    *(("confirmed", number) for number in sorted(DRAWN.choices(range(1, 12), k=12))),
]


def test_eight_processes_record_at_once_from_the_very_first_event_and_none_is_lost(base):
    done = script(CROWD, base.address, 8, 3, 20)
    assert done.communicate()[1] == "" and done.returncode == 0
    register = base.register()
    entries = register.events()
    assert len(entries) == 480 and register.check() == ()
    numbers = {name: [] for name in Counter(entry.actor for entry in entries)}
    for entry in entries:
        numbers[entry.actor].append(json.loads(entry.payload)["n"])
    assert numbers == {f"worker-{n}": list(range(60)) for n in range(8)}
    hashes = [json.loads(entry.payload)["personal"] for entry in entries]
    assert len(register.personal(hashes)) == 480


def test_what_was_confirmed_is_there_and_nothing_is_half_there_whenever_a_process_is_killed(base):
    register, batches, confirmed = base.register(), 0, 0
    register.append(people(4), actor="a", time=TIME)
    batches = 1
    killer = script(KILLED, base.address, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert killer.stdin and killer.stdout
    ends = Counter()
    for how, number in MOMENTS:
        killer.stdin.write(f"{how} {number} {batches}\n")
        killer.stdin.flush()
        ended_by, told = map(int, killer.stdout.readline().split())
        ends[ended_by] += 1
        with register.writing():  # a server may still be at the commit that the killed process asked for
            pass
        entries = register.events()
        assert len(entries) % 4 == 0, (how, number)  # whole batches
        new = len(entries) // 4 - batches
        assert told <= new <= told + 1, (how, number, told, new)  # killed just after the commit: one more
        assert [json.loads(entry.payload)["n"] for entry in entries] == list(range(len(entries)))
        assert register.check() == (), (how, number)  # the chain holds, and every record is in the vault
        batches, confirmed = batches + new, confirmed + told
    killer.stdin.close()
    assert killer.wait() == 0
    assert ends == {signal.SIGKILL: len(MOMENTS)} and confirmed > 40
    register.append(people(4, batches * 4), actor="a", time=TIME)
    assert register.head().seq == batches * 4 + 4 and register.check() == ()
    hashes = [json.loads(entry.payload)["personal"] for entry in register.events()]
    assert len(register.personal(hashes)) == register.head().seq


@pytest.mark.parametrize("count", [1, 7])
def test_records_without_an_event_that_a_kill_leaves_harm_nobody(tmp_path, count):
    from registers import SqliteBase

    base = SqliteBase(folder=tmp_path)
    register = base.register()
    register.append(people(2), actor="a", time=TIME)
    with pytest.raises(RuntimeError), register.writing() as writer:
        writer.append(people(count), actor="a", time=TIME)
        raise RuntimeError
    assert register.head().seq == 2 and register.check() == ()
