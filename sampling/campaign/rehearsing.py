"""A rehearsal: the whole draw in a folder of its own, without a commit before, marked wherever it shows."""

import hashlib
import json
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign, open_campaign
from sampling.campaign.committing import commit_campaign
from sampling.campaign.drawing import draw_sample, refuse_broken_log
from sampling.campaign.logbook import write_log
from sampling.campaign.step import Done
from sampling.draws import check_seed
from sampling.draws.log import REHEARSAL
from sampling.files import write_whole


def rehearse(
    campaign: Campaign, *, seed: str, event: str, at: str, witnesses: Sequence[str], now: datetime
) -> Done:
    """Commit and draw in `rehearsal/`, in place of the rehearsal before; the campaign itself stays as it is.

    The rehearsal gets a line in the campaign's log: whoever tries many seeds leaves a trace of each.

    Parameters
    ----------
    seed
        20 ASCII digits or more. It cannot be used again for the draw that counts.
    event, at, witnesses
        As in `draw_sample`.

    Raises
    ------
    InputError
        If the seed is no seed, or the settings or a list are refused.
    """
    check_seed(seed)
    refuse_broken_log(campaign)
    partial = campaign.folder / f".{place.REHEARSAL}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    write_whole(partial / place.SETTINGS, _settings_one_deeper(campaign.folder / place.SETTINGS))
    committed = commit_campaign(partial, now=now, lang=campaign.lang, rehearsal=True)
    trial = open_campaign(partial, lang=campaign.lang)
    drawn = draw_sample(trial, seed=seed, event=event, at=at, witnesses=witnesses, now=now)
    hashes = {"commit_sha256": place.COMMIT, "receipt_sha256": place.RECEIPT}
    payload: dict[str, Any] = {
        name: hashlib.sha256((partial / file).read_bytes()).hexdigest() for name, file in hashes.items()
    }
    write_log(campaign.folder, REHEARSAL, payload | _source(trial), now)
    place.put_folder_in_place(partial, campaign.folder / place.REHEARSAL)
    return Done(
        key="campaign.done.rehearsal",
        fields=drawn.fields,
        notes=(*committed.notes, *drawn.notes),
        files=(campaign.folder / place.REHEARSAL,),
    )


def _source(trial: Campaign) -> dict[str, Any]:
    receipt = trial.receipt()
    return {name: receipt[name] for name in ("seed", "seed_source")}


def _settings_one_deeper(path: Path) -> str:
    """The settings for a folder inside the campaign's own: every path that is relative goes up one first."""
    table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    lists = {name: _with_paths(entry, "roll") for name, entry in table.get("lists", {}).items()}
    table["frame"] = _with_paths(table["frame"], "roll", "villages")
    for section, name in (("draw", "previous"), ("office", "template"), ("followup", "hotline")):
        table[section] = _with_paths(table.get(section, {}), name)
    table |= {"lists": lists} if lists else {}
    return "\n".join(_section(name, part) for name, part in table.items())


def _with_paths(table: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: _up(value) if name in names else value for name, value in table.items()}


def _up(value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return [f"{_up(path)}" for path in value]
    absolute = PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute()
    return value if absolute else f"../{value}"


def _section(name: str, table: Mapping[str, Any]) -> str:
    lines = [f"{_inline(key)} = {_inline(value)}" for key, value in table.items()]
    return "\n".join([f"[{_inline(name)}]", *lines, ""])


def _inline(value: object) -> str:
    """A value in TOML on one line; texts, numbers, true and false read as in JSON."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_inline(key)} = {_inline(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, date | time):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str)
