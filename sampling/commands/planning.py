"""The commands for visits: teams, time, a plan, a new plan, what each team gets."""

import argparse
import datetime

from sampling.campaign import locked, open_campaign
from sampling.campaign.envelopes import release_codes, seal_envelopes
from sampling.campaign.planning import (
    check_capacity,
    make_new_plan,
    make_plan,
    read_absence,
    read_closure,
    write_team_template,
)
from sampling.commands.telling import tell


def teams(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(write_team_template(open_campaign(arguments.folder, lang=lang)), lang)


def capacity(arguments: argparse.Namespace, lang: str) -> int:
    return tell(check_capacity(open_campaign(arguments.folder, lang=lang), now=_now()), lang)


def plan(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(make_plan(open_campaign(arguments.folder, lang=lang), now=_now()), lang)


def replan(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        done = make_new_plan(
            open_campaign(arguments.folder, lang=lang),
            now=_now(),
            done_until=arguments.until,
            sick=[read_absence(word) for word in arguments.sick],
            closed=[read_closure(word) for word in arguments.closed],
        )
    return tell(done, lang)


def envelopes(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(
            seal_envelopes(open_campaign(arguments.folder, lang=lang), arguments.day, now=_now()), lang
        )


def codes(arguments: argparse.Namespace, lang: str) -> int:
    day = arguments.day or _now().date().isoformat()
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        done = release_codes(campaign, day, by=arguments.by, early=arguments.early, now=_now())
    return tell(done, lang)


def _now() -> datetime.datetime:
    return datetime.datetime.now().astimezone()
