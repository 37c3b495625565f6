"""The commands from the roll to the draw, and to whoever checks it."""

import argparse
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sampling.campaign import (
    Campaign,
    Done,
    commit_campaign,
    draw_again,
    draw_records,
    draw_sample,
    draw_village,
    extend_draw,
    finished,
    locked,
    moment,
    new_campaign,
    open_campaign,
    open_reserve,
    publish_campaign,
    refusals_kept,
    rehearse,
    void_draw,
)
from sampling.commands.telling import DONE, REFUSED, USAGE, tell
from sampling.draws import verify_draw, verify_unit
from sampling.words import text


def new(arguments: argparse.Namespace, lang: str) -> int:
    if not arguments.roll and not arguments.villages:
        print(text("cli.no_input", lang), file=sys.stderr)
        return USAGE
    with refusals_kept(arguments.folder, lang):  # no lock: a refusal leaves nothing else in the folder
        done = new_campaign(
            arguments.folder,
            id=arguments.folder.resolve().name,
            roll=arguments.roll,
            villages=arguments.villages,
            columns=dict(map(_column, arguments.columns)),
            lang=lang,
        )
    return tell(done, lang)


def _column(word: str) -> tuple[str, object]:
    field, _, header = word.partition("=")
    pseudonym = header.removeprefix("pseudonym_of:")
    if pseudonym != header:
        return field, {"pseudonym_of": pseudonym}
    return field, header.split("/") if "/" in header else header


def commit(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder), refusals_kept(arguments.folder, lang):
        done = commit_campaign(
            arguments.folder,
            now=datetime.now().astimezone(),
            lang=lang,
            correction=arguments.correction,
        )
    return tell(done, lang)


def draw(arguments: argparse.Namespace, lang: str) -> int:
    if arguments.rehearsal and (arguments.record or arguments.village):
        print(text("cli.rehearsal_how", lang), file=sys.stderr)
        return USAGE
    now = datetime.now().astimezone()
    at = arguments.at or now.isoformat(timespec="seconds")
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        if arguments.record:
            done = draw_records(campaign, arguments.record, now=now)
        elif arguments.village:
            done = draw_village(campaign, village=arguments.village, fresh=_fresh(arguments, at), now=now)
        elif not arguments.seed and not arguments.rehearsal:
            done = draw_again(campaign, now=now)
        else:
            drawn = rehearse if arguments.rehearsal else _finished_or_drawn
            done = drawn(
                campaign,
                seed=arguments.seed,
                event=arguments.source,
                at=at,
                witnesses=tuple(arguments.witness),
                now=now,
            )
    return tell(done, lang)


def _finished_or_drawn(campaign: Campaign, **seed: Any) -> Done:
    return finished(campaign) or draw_sample(campaign, **seed)


def _fresh(arguments: argparse.Namespace, at: str) -> tuple[str, Mapping[str, object]]:
    """A seed of its own, and where it comes from."""
    source = {"event": arguments.source, "time": moment(at), "witnesses": list(arguments.witness)}
    return arguments.seed or "", source


def extend(arguments: argparse.Namespace, lang: str) -> int:
    if bool(arguments.more) == bool(arguments.all) or (arguments.looked and not arguments.seed):
        print(text("cli.extend_how", lang), file=sys.stderr)
        return USAGE
    now = datetime.now().astimezone()
    at = arguments.at or now.isoformat(timespec="seconds")
    with locked(arguments.folder):
        done = extend_draw(
            open_campaign(arguments.folder, lang=lang),
            more=arguments.more,
            every=arguments.all,
            fresh=_fresh(arguments, at) if arguments.looked else None,
            now=now,
        )
    return tell(done, lang)


def reserve(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        done = open_reserve(
            open_campaign(arguments.folder, lang=lang),
            village=arguments.village,
            household=arguments.household,
            list_name=arguments.list,
            reason=arguments.reason,
            by=arguments.by,
            now=datetime.now().astimezone(),
        )
    return tell(done, lang)


def void(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        campaign = open_campaign(arguments.folder, lang=lang)
        done = void_draw(campaign, reason=arguments.reason, now=datetime.now().astimezone())
    return tell(done, lang)


def publish(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(publish_campaign(open_campaign(arguments.folder, lang=lang), what=arguments.what), lang)


def verify(arguments: argparse.Namespace, lang: str) -> int:
    unit = arguments.village, arguments.household, arguments.list
    if any(unit[1:]) and not unit[0]:
        print(text("cli.verify_how", lang), file=sys.stderr)
        return USAGE
    checks = verify_unit(arguments.folder, *unit) if unit[0] else verify_draw(arguments.folder)
    for check in checks:
        print(text(f"cli.verified.{'yes' if check.ok else 'no'}", lang), getattr(check, lang))
    return DONE if all(check.ok for check in checks) else REFUSED
