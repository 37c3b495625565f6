"""The commands from the findings to the reports, where a campaign stands, and the demo."""

import argparse
import json
from contextlib import ExitStack

from sampling.campaign import estimate_findings, export_survey, locked, open_campaign, status_table
from sampling.commands.telling import DONE, SOME_FAILED, tell
from sampling.words import text
from sampling.words.layout import columns


def estimate(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(estimate_findings(open_campaign(arguments.folder, lang=lang)), lang)


def export(arguments: argparse.Namespace, lang: str) -> int:
    with locked(arguments.folder):
        return tell(export_survey(open_campaign(arguments.folder, lang=lang)), lang)


def report(arguments: argparse.Namespace, lang: str) -> int:
    from sampling.batches import make_reports  # papermill costs two seconds to import

    with ExitStack() as held:
        for folder in arguments.folders:
            held.enter_context(locked(folder))
        campaigns = [open_campaign(folder, lang=arguments.lang or "") for folder in arguments.folders]
        done, failed = make_reports(campaigns, cluster=arguments.cluster)
        for campaign, told in zip(campaigns, done, strict=True):
            tell(told, campaign.lang)
    return SOME_FAILED if failed else DONE


def check(arguments: argparse.Namespace, lang: str) -> int:
    from sampling.batches.rechecking import check_reports  # papermill costs two seconds to import

    with locked(arguments.folder):
        done, wrong = check_reports(open_campaign(arguments.folder, lang=arguments.lang or ""))
    tell(done, lang)
    return SOME_FAILED if wrong else DONE


def status(arguments: argparse.Namespace, lang: str) -> int:
    table = status_table(open_campaign(arguments.folder, lang=lang))
    if arguments.json:
        print(json.dumps(table.to_dict("records"), ensure_ascii=False, indent=2))
    else:
        titles = [text(f"cli.column.{name}", lang) for name in table.columns]
        print(columns([titles, *table.itertuples(index=False, name=None)]))
    return DONE


def demo(arguments: argparse.Namespace, lang: str) -> int:
    from sampling.demo import run_demo

    villages = arguments.villages[0] if arguments.villages else None
    with locked(arguments.out):
        for name, done, seconds in run_demo(arguments.out, size=arguments.size, villages=villages, lang=lang):
            print(text("cli.demo_step", lang, step=text(f"demo.step.{name}", lang), seconds=f"{seconds:.1f}"))
            if done is not None:
                tell(done, lang)
    return DONE
