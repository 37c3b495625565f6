"""The audit step and the backup step: whether the register is whole, and a copy of it that is."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.logbook import log_lines
from sampling.campaign.step import Done
from sampling.draws.log import Head, log_problems
from sampling.files import json_bytes, write_whole
from sampling.findings import read_heads
from sampling.findings.vault import erased_records
from sampling.words import refuse_if_any

BACKUPS = "backups"
MANIFEST = "manifest.json"
KEPT = (place.SETTINGS, place.COMMIT, place.RECEIPT, place.SAMPLE, place.LOG, place.HEADS)
"""What a backup holds beside the register: what the findings are about, and the heads of both chains."""


def audit_register(campaign: Campaign) -> Done:
    """Check the register, its vault and the log against each other and against every head noted outside.

    Raises
    ------
    InputError
        If the register, a record of its vault or the log is not what it was, with every problem.
    """
    heads = list(noted_heads(campaign.folder))
    register = campaign.register()
    problems = [*register.check(heads), *log_problems(campaign.folder)]
    refuse_if_any(problems)
    events = register.events()
    fields = {
        "events": len(events),
        "heads": len(heads),
        "erased": len(erased_records(events)),
        "digest": register.head().hash[:16],
    }
    return Done(key="register.done.audit", fields=fields, notes=tuple(problems))


def back_up(campaign: Campaign, *, now: datetime) -> Done:
    """Write a checked copy of the register and of what it is about into `backups/<time>/`, whole or not.

    Raises
    ------
    InputError
        If the copy does not hold: then neither does the register.
    """
    target = campaign.folder / BACKUPS / now.strftime("%Y%m%dT%H%M%S")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    heads = list(noted_heads(campaign.folder))  # first: what is noted by now, the copy must hold
    kept = {name: (campaign.folder / name).read_bytes() for name in KEPT if campaign.has(name)}
    try:
        head = campaign.register().backup(partial, heads) if campaign.has_register() else Head(0, "")
        for name, content in kept.items():
            write_whole(partial / name, content)
        write_whole(partial / MANIFEST, json_bytes(_manifest(campaign, partial, head, now)))
        place.put_folder_in_place(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    fields = {"events": head.seq, "files": len(kept)}
    return Done(key="register.done.backup", fields=fields, files=(target,))


def noted_heads(folder: Path) -> Iterator[Head]:
    """The register's heads that stand outside of it: in `heads.jsonl`, commit, receipts, log and facts."""
    yield from read_heads(folder / place.HEADS)
    receipts = [path / place.RECEIPT for path in place.kept_receipts(folder)]
    for path in (folder / place.COMMIT, folder / place.RECEIPT, *receipts):
        yield from _head(_part(_object(path), "heads").get("register"))
    for line in log_lines(folder):
        yield from _head(_part(_parsed(line), "payload").get("register"))
    made_from = _part(_object(folder / place.FACTS), "made_from")
    yield from _head({"count": made_from.get("register_events"), "hash": made_from.get("register_head")})


def _head(stated: Any) -> Iterator[Head]:
    if isinstance(stated, dict) and stated.get("count"):
        yield Head(stated["count"], stated.get("hash", ""))


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def _object(path: Path) -> dict[str, Any]:
    return _parsed(path.read_text(encoding="utf-8")) if path.exists() else {}


def _parsed(words: str) -> dict[str, Any]:
    """What a JSON text says; nothing where it is damaged: the check of its own chain tells that."""
    try:
        said = json.loads(words)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _manifest(campaign: Campaign, folder: Path, head: Head, now: datetime) -> dict[str, Any]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "campaign": campaign.id,
        "time": now.isoformat(timespec="seconds"),
        "register": {"count": head.seq, "hash": head.hash} if head.seq else {},
        "files": {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
        },
    }
