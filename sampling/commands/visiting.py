"""The commands from the forms that go out to the register of what came back."""

import argparse
import sys
from datetime import datetime

from sampling.campaign import (
    audit_register,
    back_up,
    issue_forms,
    locked,
    make_forms,
    open_campaign,
    print_papers,
    reconcile_campaign,
    take_in,
    void_forms,
)
from sampling.campaign.accounts import open_office_account, open_team_account, prepare_register
from sampling.campaign.recording import serve
from sampling.commands.telling import DONE, REFUSED, USAGE, tell
from sampling.findings.intake import Purpose
from sampling.words import text


def forms(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        done = make_forms(campaign, now=datetime.now().astimezone())
    return tell(done, lang)


def papers(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(print_papers(open_campaign(arguments.folder, lang=lang), arguments.villages), lang)


def issue(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        now = datetime.now().astimezone()
        done = issue_forms(campaign, to=arguments.to, villages=arguments.villages, now=now)
    return tell(done, lang)


def cancel(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        done = void_forms(
            open_campaign(arguments.folder, lang=lang),
            arguments.serials,
            reason=arguments.reason,
            by=arguments.by,
            now=datetime.now().astimezone(),
        )
    return tell(done, lang)


def intake(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        purpose: Purpose = "second_visit" if arguments.again else "finding"
        done = take_in(campaign, arguments.files, now=datetime.now().astimezone(), purpose=purpose)
    return tell(done, lang)


def audit(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(audit_register(open_campaign(arguments.folder, lang=lang)), lang)


def reconcile(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(reconcile_campaign(open_campaign(arguments.folder, lang=lang)), lang)


def backup(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(
            back_up(open_campaign(arguments.folder, lang=lang), now=datetime.now().astimezone()), lang
        )


def record(arguments: argparse.Namespace, lang: str) -> int:
    campaign = open_campaign(arguments.folder, lang=lang)  # no lock: recording goes on beside other work

    def ready(address: str) -> None:
        print(text("cli.record_ready", lang, address=address), flush=True)

    return DONE if serve(campaign, port=arguments.port, ready=ready) == 0 else REFUSED


def accounts(arguments: argparse.Namespace, lang: str) -> int:
    if sum(map(bool, (arguments.prepare, arguments.team, arguments.office))) != 1:
        print(text("cli.accounts_how", lang), file=sys.stderr)
        return USAGE
    campaign = open_campaign(arguments.folder, lang=lang)
    if arguments.prepare:
        return tell(prepare_register(campaign), lang)
    if arguments.team:
        return tell(open_team_account(campaign, arguments.team), lang)
    return tell(open_office_account(campaign, arguments.office), lang)
