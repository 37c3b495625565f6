"""What a campaign is made from: the roll, the list of villages, the other lists."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.campaign.settings import Settings
from sampling.files import write_whole
from sampling.frames import Frame, Roll, Villages, read_roll, read_villages
from sampling.words import InputError, Problem

PSEUDONYM_KEY = "restricted/pseudonym.key"
SYNTHETIC_MARK = "DATA=SYNTHETIC"
VILLAGE_FIELDS = ["township", "township_name", "village", "village_name", "kind", "x", "y"]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The roll and the list of villages as read; one of them can be missing."""

    roll: Roll | None
    villages: Villages | None

    @property
    def notes(self) -> tuple[Problem, ...]:
        return tuple(note for part in (self.roll, self.villages) if part is not None for note in part.notes)

    def field(self, name: str) -> pd.Series:
        """All values of a field in both, for what `campaign.toml` should say of it."""
        tables = [part.table for part in (self.villages, self.roll) if part is not None]
        columns = [table[name] for table in tables if name in table]
        return pd.concat(columns, ignore_index=True) if columns else pd.Series(dtype="object")


def read_sources(roll: list[Path], villages: list[Path], columns: Mapping[str, Any], key: bytes) -> Sources:
    """Read both, and refuse with the problems of both."""
    problems: list[Problem] = []
    parts: list[Any] = [None, None]
    for index, (paths, read) in enumerate([(roll, _roll_reader(columns, key)), (villages, read_villages)]):
        try:
            parts[index] = read(paths) if paths else None
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return Sources(roll=parts[0], villages=parts[1])


def _roll_reader(columns: Mapping[str, Any], key: bytes) -> Any:
    return lambda paths: read_roll(paths, columns=columns, pseudonym_key=key)


def within(folder: Path, files: Iterable[str]) -> list[Path]:
    """Files as the settings name them, seen from the campaign's folder."""
    return [folder / file for file in files]


def pseudonym_key(folder: Path, settings: Settings) -> bytes:
    """The secret key of the household pseudonyms, made once and kept in `restricted/`."""
    maps = [settings.columns, *(source.columns for source in settings.lists.values())]
    if not any(isinstance(column, Mapping) for columns in maps for column in columns.values()):
        return b""
    path = folder / PSEUDONYM_KEY
    if not path.exists():
        write_whole(path, secrets.token_hex(32))
    return bytes.fromhex(path.read_text(encoding="ascii"))


def list_rolls(folder: Path, settings: Settings, key: bytes) -> dict[str, Roll]:
    """The other lists that are drawn, by name; refuse with the problems of all of them."""
    rolls: dict[str, Roll] = {}
    problems: list[Problem] = []
    for name in settings.design.lists:
        source = settings.lists[name]
        try:
            rolls[name] = read_roll(within(folder, source.files), columns=source.columns, pseudonym_key=key)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return rolls


def source_hashes(folder: Path, settings: Settings) -> list[dict[str, str]]:
    """Name and SHA-256 of every file drawn from; the commit is published, so no path of this machine."""
    drawn = [name for key in settings.design.lists for name in settings.lists[key].files]
    paths = within(folder, [*settings.roll, *settings.villages, *drawn])
    return [{"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in paths]


def is_synthetic(sources: Sources) -> bool:
    """Whether a row says that its people are invented: everything made from it must say so too."""
    tables = [part.table for part in (sources.roll, sources.villages) if part is not None]
    return any(_has_mark(table.select_dtypes("str")) for table in tables)


def _has_mark(words: pd.DataFrame) -> bool:
    return any(words[name].str.startswith(SYNTHETIC_MARK).any() for name in words.columns)


def village_details(frame: Frame, sources: Sources) -> pd.DataFrame:
    """Every village of the frame: name, kind, place, from the list of villages or else the roll."""
    known = [part.table for part in (sources.villages, sources.roll) if part is not None]
    rows = pd.concat([table.reindex(columns=VILLAGE_FIELDS) for table in known], ignore_index=True)
    filled = rows.replace("", pd.NA).drop(columns="township")
    details = filled.groupby("village", sort=False, as_index=False).first()  # the first that is not missing
    table = frame.villages[["township", "village"]].merge(
        details, how="left", on="village", validate="one_to_one"
    )
    words = ["township_name", "village_name", "kind"]
    return table[VILLAGE_FIELDS].assign(
        **{name: table[name].astype("object").fillna("").astype("str") for name in words}
    )
