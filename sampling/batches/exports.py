"""The log of what was put out: which files, for which readers, when and by whom; nothing leaves it."""

import getpass
import json
from collections.abc import Sequence
from datetime import datetime

from sampling.batches.record import ReportRun
from sampling.campaign import Campaign
from sampling.campaign.folder import REPORTS
from sampling.campaign.status import sha256_of

LOG = f"{REPORTS}/exports.jsonl"


def log_exports(campaign: Campaign, runs: Sequence[ReportRun]) -> None:
    """Add one line for each tier and language of which this run put files in place.

    A line has time, by (the system's user), tier, lang and files: name and SHA-256 of each.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for run in runs:
        if run.made and run.files:
            groups.setdefault((run.tier, run.lang), []).extend(run.files)
    if not groups:
        return
    time = datetime.now().astimezone().isoformat(timespec="seconds")
    with (campaign.folder / LOG).open("a", encoding="utf-8") as log:
        for (tier, lang), names in sorted(groups.items()):
            files = {name: sha256_of(campaign.folder / name) for name in sorted(names)}
            line = {"time": time, "by": _user(), "tier": tier, "lang": lang, "files": files}
            log.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        return ""
