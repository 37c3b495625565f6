"""Accounts for teams: by commands, each for the villages whose forms the team was given, and for no other."""

import re

import pytest
from campaign_folder import CALM, drawn, run
from registers_postgres import PostgresBase

from sampling.campaign import open_campaign
from sampling.demo.inspectors import fill_forms
from sampling.files import read_csv
from sampling.findings import Register
from sampling.forms import drawn_villages
from sampling.words import InputError

pytest_plugins = ["registers_opened"]


@pytest.fixture
def office(tmp_path, postgres, monkeypatch):
    """A drawn campaign in a prepared database; the environment has the administrator's address."""
    base = PostgresBase(cluster=postgres)
    monkeypatch.setenv("SAMPLING_REGISTER_URL", base.admin)
    folder = drawn(tmp_path / "c")
    assert run("accounts", folder, "--prepare") == 0 and run("forms", folder) == 0
    return folder


def test_a_team_s_account_takes_in_its_own_villages_and_is_refused_another(office, capsys, monkeypatch):
    villages = list(drawn_villages(open_campaign(office).issued())["village"])
    assert run("issue", office, "--to", "team-1", "--villages", villages[0]) == 0
    capsys.readouterr()
    assert run("accounts", office, "--team", "team-1", "--lang", "en") == 0
    address = re.search(r"SAMPLING_REGISTER_URL=(\S+)", capsys.readouterr().out)[1]
    truth = read_csv(b"list,village,household,status,reason,amount_due_fen\n")
    files = fill_forms(
        office / "forms", office / "back", truth, open_campaign(office).issued(), seed=1, noise=CALM
    )
    monkeypatch.setenv("SAMPLING_REGISTER_URL", address)
    assert run("intake", office, files[0]) == 0
    own = Register(address).findings()
    assert set(own["village"]) == {villages[0]} and len(own)
    with pytest.raises(InputError) as refused:
        Register(address).append([*_event(villages[1])], actor="x", time="2026-06-03T10:00:00+08:00")
    assert refused.value.problems[0].key == "register.not_allowed"


def _event(village: str):
    from sampling.findings import Event

    yield Event(kind="finding", payload={"finding": {"list": "", "village": village, "household": "1"}})


def test_the_password_is_shown_once_and_stands_in_no_file(office, capsys):
    capsys.readouterr()
    assert run("accounts", office, "--office", "office-2") == 0
    password = re.search(r"office-2:([^@]+)@", capsys.readouterr().out)[1]
    assert len(password) >= 24
    assert not any(password.encode() in path.read_bytes() for path in office.rglob("*") if path.is_file())


def test_accounts_without_a_database_or_without_forms_say_what_to_do(office, monkeypatch, capsys):
    assert run("accounts", office, "--team", "nobody") == 1 and run("accounts", office) == 2
    monkeypatch.delenv("SAMPLING_REGISTER_URL")
    assert run("accounts", office, "--prepare") == 1
    assert "SAMPLING_REGISTER_URL" in capsys.readouterr().err
