"""The first step: a new campaign from a roll, with settings that fit it."""

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sampling.campaign import folder as place
from sampling.campaign.sources import Sources, read_sources
from sampling.campaign.step import Done
from sampling.files import write_whole
from sampling.frames import make_frame
from sampling.words import InputError, Problem, text

UNKNOWN_STANDARD = "# rural = 500\n# urban = 750"
UNKNOWN_OFFICE = '# name = "…"\n# hotlines = ["…"]\n# template = "….docx"'
UNITS = "\n[design.villages.kind.unit]\nat_least = 1\n"


def new_campaign(
    folder: Path,
    *,
    id: str,
    roll: Sequence[str] = (),
    villages: Sequence[str] = (),
    columns: Mapping[str, Any] | None = None,
    lists: Mapping[str, str] | None = None,
    standard: Mapping[str, float] | None = None,
    teams: str = "",
    office: Mapping[str, Any] | None = None,
    hotline: str = "",
    lang: str,
) -> Done:
    """Read a roll, or a list of villages alone, and write a `campaign.toml` that fits it.

    Parameters
    ----------
    id
        The campaign's name; it is part of every ticket.
    roll, villages
        Files of the roll and of the list of villages; one of them at least.
    columns
        Headers that are not recognised, by field.
    lists
        Other lists drawn in the same villages, half of their households: file by name.
    standard
        Yuan a month and a person: rural, urban.
    teams
        The sheet of the teams.
    office
        What documents say of the office: name, hotlines, template.
    hotline
        The list of reports from the hotline.
    lang
        The language of the file's comments and of the campaign's documents.

    Raises
    ------
    InputError
        If the folder has a campaign already, or the roll or the list is refused.
    """
    if (folder / place.SETTINGS).exists():
        raise InputError([Problem(key="campaign.exists", file=place.SETTINGS, fields={"folder": folder})])
    trial_key = secrets.token_bytes(32)  # only for this look at the roll; the commit makes the key that stays
    sources = read_sources(list(map(Path, roll)), list(map(Path, villages)), columns or {}, trial_key)
    frame = make_frame(sources.roll, sources.villages)
    settings = _template(
        folder,
        id,
        roll,
        villages,
        columns or {},
        lists or {},
        standard or {},
        teams,
        office or {},
        hotline,
        sources,
        lang,
    )
    write_whole(folder / place.SETTINGS, settings)
    return Done(
        key="campaign.done.new",
        fields=frame.counts,
        notes=(*sources.notes, *frame.notes),
        files=(folder / place.SETTINGS,),
    )


def _template(
    folder: Path,
    id: str,
    roll: Sequence[str],
    villages: Sequence[str],
    columns: Mapping[str, Any],
    lists: Mapping[str, str],
    standard: Mapping[str, float],
    teams: str,
    office: Mapping[str, Any],
    hotline: str,
    sources: Sources,
    lang: str,
) -> str:
    frame = [f"roll = {_paths(folder, roll)}"] if roll else []
    frame += [f"villages = {_paths(folder, villages)}"] if villages else []
    frame += [f"columns = {_inline(columns)}"] if columns else []
    others = [
        f"[lists.{name}]\nroll = {_paths(folder, [file])}\nrate = {_toml('50%')}\n"
        for name, file in lists.items()
    ]
    return text(
        "campaign.template",
        lang,
        id=_toml(id),
        language=_toml(lang),
        frame="\n".join(frame),
        certainty='certainty = "blank"\n' if sources.field("blank").any() else "",
        units=UNITS if (sources.field("kind") == "unit").any() else "",
        lists="".join(f"\n{part}" for part in others),
        teams=f"teams = {_paths(folder, [teams])}" if teams else '# teams = "teams.xlsx"',
        hotline=f"hotline = {_paths(folder, [hotline])}" if hotline else '# hotline = "hotline.csv"',
        office="\n".join(f"{key} = {_inline(value)}" for key, value in office.items()) or UNKNOWN_OFFICE,
        standard="\n".join(f"{area} = {yuan}" for area, yuan in standard.items()) or UNKNOWN_STANDARD,
    )


def _paths(folder: Path, files: Sequence[str]) -> str:
    paths = [_relative(Path(file).resolve(), folder.resolve()) for file in files]
    return _toml(paths[0]) if len(paths) == 1 else "[" + ", ".join(map(_toml, paths)) + "]"


def _relative(path: Path, folder: Path) -> str:
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_inline(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _toml(str(value))


def _toml(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML basic string
