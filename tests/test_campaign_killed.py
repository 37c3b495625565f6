"""Intake killed at random moments: nothing is half there, the chain holds, and running again completes it."""

import os
import random
import shutil
import signal
import sys
from datetime import datetime
from pathlib import Path

import pytest
from campaign_folder import CALM, drawn, run

from sampling.campaign import open_campaign, take_in
from sampling.campaign.auditing import audit_register, noted_heads
from sampling.demo.inspectors import fill_forms
from sampling.files import read_csv

MOMENTS = 50
NOW = datetime.fromisoformat("2036-07-01T09:30:00+08:00")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed here as POSIX does it")


@pytest.fixture(scope="module")
def returned(tmp_path_factory) -> Path:
    """A campaign whose forms lie filled in `returned/`, and are not taken in yet."""
    folder = drawn(tmp_path_factory.mktemp("killed") / "c")
    assert run("forms", folder) == 0
    shutil.rmtree(folder / "forms" / "phone")
    truth = read_csv(b"list,village,household,status,reason,amount_due_fen\n")
    issued = open_campaign(folder).issued()
    fill_forms(folder / "forms", folder / "returned", truth, issued, seed=1, noise=CALM)
    return folder


def in_a_process(folder: Path, until: int | None) -> tuple[str, int]:
    """Take everything in, in a process of its own that kills itself at its so-many-th call of a function.

    Returns
    -------
    confirmed, calls
        What it said when it was done, if it got that far; how many calls it made.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        calls = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event == "call"
            if calls == until:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.setprofile(count)
            done = take_in(open_campaign(folder), (), now=NOW)
            sys.setprofile(None)
            os.write(writing, f"{done.fields['findings']} {calls}".encode())
        finally:
            os._exit(0)  # whatever happens, no second run of the tests goes on from here
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode().split()
    os.waitpid(child, 0)
    return (said[0], int(said[1])) if said else ("", 0)


def what_it_holds(folder: Path) -> dict[str, object]:
    """All that intake is to leave behind, without its times."""
    campaign = open_campaign(folder)
    receipts = sorted(path.name for path in (folder / "returned" / "receipts").iterdir())
    quarantine = (folder / "quarantine.csv").read_bytes()
    return {"findings": campaign.findings().to_csv(), "receipts": receipts, "quarantine": quarantine}


def test_intake_killed_at_fifty_moments_loses_nothing_and_leaves_nothing_half_done(returned, tmp_path):
    whole = shutil.copytree(returned, tmp_path / "whole")
    confirmed, calls = in_a_process(whole, None)
    meant, everything = what_it_holds(whole), len(open_campaign(whole).findings())
    assert confirmed == str(everything) and everything > 50
    before = len(open_campaign(returned).register().events())
    chance, seen = random.Random(20261125), set()
    for number in range(MOMENTS):
        folder = shutil.copytree(returned, tmp_path / str(number))
        said, _ = in_a_process(folder, chance.randint(1, calls))
        register = open_campaign(folder).register()
        found = len(register.findings())
        assert found == everything if said else found in (0, everything)  # what was confirmed is there
        assert register.check(set(noted_heads(folder))) == ()
        assert (found == 0) == (len(register.events()) == before)
        seen.add(found)
        if number % 5 == 0:  # and it goes on where it was
            take_in(open_campaign(folder), (), now=NOW)
            assert what_it_holds(folder) == meant and audit_register(open_campaign(folder))
            assert [path for path in folder.rglob("*") if path.suffix in (".partial", ".tmp")] == []
        shutil.rmtree(folder)
    assert seen == {0, everything}  # moments before and after the one that counts
