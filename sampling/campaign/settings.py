"""`campaign.toml`: the campaign's name, where its roll lies, what shall be drawn and what may be shown."""

import difflib
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sampling.campaign.folder import SETTINGS
from sampling.campaign.followup_settings import KEYS as FOLLOWUP_KEYS
from sampling.campaign.followup_settings import FollowupSettings, followup_problems, read_followup
from sampling.campaign.own_codes import codebook_problems, read_codebook
from sampling.campaign.visit_settings import KEYS as VISIT_KEYS
from sampling.campaign.visit_settings import VisitSettings, read_visits, visit_problems
from sampling.codes import Codebook
from sampling.designs import Design, read_design
from sampling.forms.standard import MODES as STANDARD_MODES
from sampling.forms.standard import Standard, standard_of
from sampling.words import LANGUAGES, InputError, Problem, refuse_if_any

PUBLISH = ("after visits", "villages", "at once")
AFTER_VISITS, VILLAGES_FIRST, AT_ONCE = PUBLISH
TEXT, TEXTS, TABLE, WHOLE, NUMBER, YES_NO = "text", "texts", "table", "whole", "number", "yes_no"
PAIR, SMALL, ANY = "pair", "small", "any"
SHAPES: Mapping[str, Mapping[str, str | tuple[str, ...]]] = {
    "campaign": {"id": TEXT, "lang": LANGUAGES},
    "frame": {"roll": TEXTS, "villages": TEXTS, "columns": TABLE},
    "draw": {"publish": PUBLISH, "previous": TEXT, "event": TEXT},
    "standard": {"rural": NUMBER, "urban": NUMBER, "mode": STANDARD_MODES, "classes": TABLE},
    "estimates": {"prior": PAIR},
    "reports": {"publish_estimates": YES_NO, "small_cells": SMALL, "seconds": NUMBER, "megabytes": NUMBER},
    "visits": dict.fromkeys(VISIT_KEYS, ANY),  # read by itself
    "followup": dict.fromkeys(FOLLOWUP_KEYS, ANY),  # and this too
}
"""Every section and key, and what its value must be: one of the words, or a kind of value."""
FREE = ("design", "lists", "office", "reasons")
"""Sections whose keys are read elsewhere, or are the office's own."""
REPORTS = {"publish_estimates": False, "small_cells": 5, "seconds": 600, "megabytes": 2000}
"""What holds where `[reports]` says nothing; a notebook may run so long and take so much memory."""
OFFICE_KEYS: Mapping[str, str | tuple[str, ...]] = {"name": TEXT, "hotlines": TEXTS, "template": TEXT}
"""Keys of `[office]` that documents use; others are the office's own, for its own DOCX template."""
LIST_KEYS: Mapping[str, str | tuple[str, ...]] = {"roll": TEXTS, "columns": TABLE, "everywhere": YES_NO}
"""Keys of a list that say where it is; its other keys say how many households are drawn."""


@dataclass(frozen=True, kw_only=True)
class ListSource:
    """Where another list lies: households of it are drawn in the same villages."""

    files: tuple[str, ...]
    columns: Mapping[str, Any]
    everywhere: bool


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What `campaign.toml` says; paths are as written there, relative to the campaign folder."""

    id: str
    lang: str
    roll: tuple[str, ...]
    villages: tuple[str, ...]
    columns: Mapping[str, Any]
    design: Design
    lists: Mapping[str, ListSource]
    publish: str
    event: str
    """The public event that will give the seed; empty where none is named."""
    previous: str
    """The wave before: its folder or its receipt; empty where there is none."""
    standard: Standard
    office: Mapping[str, Any]
    reports: Mapping[str, Any]
    codebook: Codebook
    visits: VisitSettings
    followup: FollowupSettings
    prior: tuple[float, float] | None
    """Of the correlation within villages, fitted on earlier campaigns: a Beta's parameters."""


def read_settings(folder: Path) -> Settings:
    """The settings of the campaign in `folder`.

    Raises
    ------
    InputError
        With every problem of the file at once: missing file, broken TOML, unknown keys (with the nearest
        known one), values of the wrong kind, and what the design refuses.
    """
    table = _parse(folder / SETTINGS)
    problems = [*_unknown(table), *_wrong(table), *_missing(table), *codebook_problems(table)]
    problems += [*visit_problems(table.get("visits")), *followup_problems(table.get("followup"))]
    design, refused = _design(table)
    refuse_if_any([*problems, *refused])
    assert design is not None
    return _settings(table, design)


def _settings(table: dict, design: Design) -> Settings:
    frame, lists = table["frame"], table.get("lists", {})
    return Settings(
        id=table["campaign"]["id"],
        lang=table["campaign"].get("lang", "zh"),
        roll=_files(frame.get("roll", [])),
        villages=_files(frame.get("villages", [])),
        columns=MappingProxyType(frame.get("columns", {})),
        design=design,
        lists=MappingProxyType({name: _list_source(entry) for name, entry in lists.items()}),
        publish=table.get("draw", {}).get("publish", PUBLISH[0]),
        event=table.get("draw", {}).get("event", ""),
        previous=table.get("draw", {}).get("previous", ""),
        standard=standard_of(table.get("standard", {})),
        office=MappingProxyType(_office(table.get("office", {}))),
        reports=MappingProxyType(REPORTS | table.get("reports", {})),
        codebook=read_codebook(table.get("reasons", {})),
        visits=read_visits(table.get("visits", {})),
        followup=read_followup(table.get("followup", {})),
        prior=tuple(table["estimates"]["prior"]) if "prior" in table.get("estimates", {}) else None,
    )


def _office(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": "", "template": ""} | dict(entry) | {"hotlines": _files(entry.get("hotlines", []))}


def _list_source(entry: Mapping[str, Any]) -> ListSource:
    return ListSource(
        files=_files(entry["roll"]),
        columns=MappingProxyType(entry.get("columns", {})),
        everywhere=entry.get("everywhere", False),
    )


def _files(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _parse(path: Path) -> dict:
    if not path.exists():
        raise InputError(
            [Problem(key="campaign.no_settings", file=path.name, fields={"folder": path.parent})]
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError([Problem(key="campaign.broken_toml", file=path.name, value=str(error))]) from None


def _unknown(table: dict) -> Iterator[Problem]:
    yield from _strangers(table, [*SHAPES, *FREE], "")
    for section, keys in SHAPES.items():
        if isinstance(table.get(section), dict):
            yield from _strangers(table[section], keys, f"{section}.")


def _strangers(table: Mapping, known: Mapping | list[str], prefix: str) -> Iterator[Problem]:
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, list(known), n=1) or sorted(known)
            yield Problem(
                key="campaign.unknown_key",
                file=SETTINGS,
                value=prefix + name,
                fields={"near": ", ".join(prefix + key for key in near)},
            )


def _wrong(table: dict) -> Iterator[Problem]:
    for section in [*SHAPES, *FREE]:
        if section in table and not isinstance(table[section], dict):
            yield _wrong_value(section, table[section], TABLE)
    for section, keys in SHAPES.items():
        yield from _wrong_values(table.get(section), keys, section)
    yield from _wrong_values(table.get("office"), OFFICE_KEYS, "office")
    lists = table.get("lists")
    for name, entry in (lists if isinstance(lists, dict) else {}).items():
        if not name.isidentifier():  # the name stands in file names: frame-<list>.csv
            yield Problem(key="campaign.bad_list_name", file=SETTINGS, value=name)
        yield from _wrong_values(entry, LIST_KEYS, f"lists.{name}")


def _wrong_values(entry: object, keys: Mapping[str, str | tuple[str, ...]], prefix: str) -> Iterator[Problem]:
    for key, shape in keys.items():
        if isinstance(entry, dict) and key in entry and not _fits(entry[key], shape):
            yield _wrong_value(f"{prefix}.{key}", entry[key], shape)


def _wrong_value(name: str, value: object, shape: str | tuple[str, ...]) -> Problem:
    key = "campaign.not_one_of" if isinstance(shape, tuple) else f"campaign.not_{shape}"
    words = ", ".join(shape) if isinstance(shape, tuple) else ""
    return Problem(key=key, file=SETTINGS, column=name, value=str(value), fields={"words": words})


def _fits(value: object, shape: str | tuple[str, ...]) -> bool:
    if isinstance(shape, tuple):
        return value in shape
    return _KINDS[shape](value)


def _is_text(value: object) -> bool:
    printable = isinstance(value, str) and not any(unicodedata.category(sign) == "Cc" for sign in value)
    return printable and bool(str(value).strip())


def _are_texts(value: object) -> bool:
    return _is_text(value) or (isinstance(value, list) and bool(value) and all(map(_is_text, value)))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_above_0(value: object) -> bool:
    return _is_number(value) and value != 0


_KINDS = {
    TEXT: _is_text,
    TEXTS: _are_texts,
    TABLE: lambda value: isinstance(value, dict),
    WHOLE: lambda value: _is_number(value) and isinstance(value, int),
    NUMBER: _is_number,
    PAIR: lambda value: isinstance(value, list) and len(value) == 2 and all(map(_is_above_0, value)),
    SMALL: lambda value: _is_number(value) and isinstance(value, int) and 2 <= value <= 11,
    YES_NO: lambda value: isinstance(value, bool),
    ANY: lambda value: True,
}


def _missing(table: dict) -> Iterator[Problem]:
    def section(name: str) -> dict:
        return table[name] if isinstance(table.get(name), dict) else {}

    wanted = [("campaign.id", "id" in section("campaign"))]
    wanted += [("frame.roll", bool({"roll", "villages"} & set(section("frame"))))]
    wanted += [("design.villages", "villages" in section("design"))]
    wanted += [
        (f"lists.{name}.roll", isinstance(entry, dict) and "roll" in entry)
        for name, entry in section("lists").items()
    ]
    for name, there in wanted:
        if not there:
            yield Problem(key="campaign.missing_key", file=SETTINGS, value=name)


def _design(table: dict) -> tuple[Design | None, tuple[Problem, ...]]:
    design, lists = table.get("design", {}), table.get("lists", {})
    if not isinstance(design, dict) or not isinstance(lists, dict):
        return None, ()
    rules = {
        name: {key: value for key, value in entry.items() if key not in LIST_KEYS}
        for name, entry in lists.items()
        if isinstance(entry, dict) and not entry.get("everywhere")
    }
    try:
        return read_design(design, lists=rules), ()
    except InputError as error:
        return None, error.problems
