"""Accounts for a register in PostgreSQL: the office's, and the teams', each for the villages of its forms."""

import os
import secrets

from sqlalchemy import make_url

from sampling.campaign.campaign import Campaign
from sampling.campaign.step import Done
from sampling.findings.postgres_accounts import create_office_account, create_team_account, prepare_postgres
from sampling.words import InputError, Problem

ADDRESS = "SAMPLING_REGISTER_URL"


def prepare_register(campaign: Campaign) -> Done:
    """Make the register's schema in the database that the environment names, or renew its functions.

    Raises
    ------
    InputError
        If the environment names no database, or the account may not do it.
    """
    prepare_postgres(_address())
    return Done(key="register.done.prepared", fields={"campaign": campaign.id})


def open_team_account(campaign: Campaign, team: str) -> Done:
    """Make the account of a team, or give it another password: it sees the villages whose forms it has.

    Parameters
    ----------
    team
        The team that forms were issued to; its account is called the same.

    Raises
    ------
    InputError
        If the environment names no database, or no form was issued to this team.
    """
    stock = campaign.register().state().stock
    villages = sorted({payload["village"] for payload in stock.values() if payload.get("to") == team})
    if not villages:
        raise InputError([Problem(key="register.no_forms_issued", value=team)])
    address, password = _address(), secrets.token_urlsafe(18)
    create_team_account(address, team, villages, password)
    return _told(team, password, villages=len(villages))


def open_office_account(campaign: Campaign, name: str) -> Done:
    """Make an account of the office, or give it another password.

    Raises
    ------
    InputError
        If the environment names no database.
    """
    address, password = _address(), secrets.token_urlsafe(18)
    create_office_account(address, name, password)
    return _told(name, password, villages=len(campaign.villages()))


def _address() -> str:
    if not (address := os.environ.get(ADDRESS, "")).startswith("postgresql"):
        raise InputError([Problem(key="register.no_database")])
    return address


def _told(account: str, password: str, *, villages: int) -> Done:
    """The address for this account, shown once and kept nowhere."""
    own = make_url(_address()).set(username=account, password=password)
    address = own.render_as_string(hide_password=False)
    fields = {"account": account, "villages": villages, "address": f"{ADDRESS}={address}"}
    return Done(key="register.done.account", fields=fields)
