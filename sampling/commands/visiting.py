"""The commands from the forms that go out to the register of what came back."""

import argparse
from datetime import datetime

from sampling.campaign import (
    audit_register,
    back_up,
    issue_forms,
    locked,
    make_forms,
    open_campaign,
    reconcile_campaign,
    take_in,
    void_forms,
)
from sampling.commands.telling import tell
from sampling.findings.intake import Purpose


def forms(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        done = make_forms(campaign, now=datetime.now().astimezone())
    return tell(done, lang)


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
