"""The first two steps: a new campaign from a roll, and the commit that fixes what can be drawn and how."""

import hashlib
import io
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.heads import heads_now
from sampling.campaign.settings import Settings, read_settings
from sampling.campaign.step import Done, problems_table
from sampling.campaign.superseding import corrects, supersede
from sampling.campaign.waves import EARLIER, earlier_wave, wave_notes, with_drawn_before
from sampling.designs import design_notes, stratum_sizes
from sampling.designs.chances import with_chances
from sampling.draws import list_notes, make_commit
from sampling.files import csv_bytes, json_bytes, write_whole
from sampling.forms.issue import yuan
from sampling.frames import Frame, Roll, Villages, make_frame, read_roll, read_villages
from sampling.words import REPORTED, InputError, Problem, text

PSEUDONYM_KEY = "restricted/pseudonym.key"
SYNTHETIC_MARK = "DATA=SYNTHETIC"
UNITS = "\n[design.villages.kind.unit]\nat_least = 1\n"
VILLAGE_FIELDS = ["township", "township_name", "village", "village_name", "kind", "x", "y"]


def new_campaign(
    folder: Path,
    *,
    id: str,
    roll: Sequence[str] = (),
    villages: Sequence[str] = (),
    columns: Mapping[str, Any] | None = None,
    lists: Mapping[str, str] | None = None,
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
    sources = _read(list(map(Path, roll)), list(map(Path, villages)), columns or {}, trial_key)
    frame = make_frame(sources.roll, sources.villages)
    settings = _template(folder, id, roll, villages, columns or {}, lists or {}, sources, lang)
    write_whole(folder / place.SETTINGS, settings)
    return Done(
        key="campaign.done.new",
        fields=frame.counts,
        notes=(*sources.notes, *frame.notes),
        files=(folder / place.SETTINGS,),
    )


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


def _read(roll: list[Path], villages: list[Path], columns: Mapping[str, Any], key: bytes) -> Sources:
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


def _template(
    folder: Path,
    id: str,
    roll: Sequence[str],
    villages: Sequence[str],
    columns: Mapping[str, Any],
    lists: Mapping[str, str],
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


def commit_campaign(
    folder: Path, *, now: datetime, lang: str, correction: str = "", rehearsal: bool = False
) -> Done:
    """Read the roll afresh, make the frame, and fix frame and design before any seed exists.

    Parameters
    ----------
    correction
        Why the frame of a draw that is there is corrected: the draw is put away, and its seed is kept.
    rehearsal
        Whether the draw on this commit shall not count.

    Raises
    ------
    InputError
        If the settings or a list are refused, or a draw on an earlier commit is there that this one does not
        correct, or cannot any more.
    """
    if not rehearsal and (folder / place.COMMIT).exists():
        _refuse_in_rehearsal(folder)
    corrected = corrects(folder, correction)
    settings = read_settings(folder)
    wave = earlier_wave(folder, settings.previous)
    key = _pseudonym_key(folder, settings)
    sources = _read(_within(folder, settings.roll), _within(folder, settings.villages), settings.columns, key)
    rolled, listed = with_drawn_before(sources.roll, sources.villages, wave, settings)
    sources = Sources(roll=rolled, villages=listed)
    design = settings.design
    frame = make_frame(
        sources.roll,
        sources.villages,
        certainty=design.certainty,
        fields=design.fields,
        household_fields=design.household_fields,
    )
    rolls = _list_rolls(folder, settings, key)
    lists = {name: make_frame(roll, None) for name, roll in rolls.items()}
    list_parts = (*_list_notes(rolls, lists, frame), *_not_drawn(settings))
    notes = (
        *sources.notes,
        *frame.notes,
        *list_parts,
        *design_notes(frame, design),
        *wave_notes(settings, wave),
    )
    frame = with_chances(frame, design)
    record = make_commit(
        frame,
        design,
        campaign=settings.id,
        lists=lists,
        software=software(),
        committed_at=now.isoformat(timespec="seconds"),
        previous_receipt=wave.sha256 if wave else "",
        seed_event=settings.event,
        heads=heads_now(folder),
        corrects=corrected,
        rehearsal=rehearsal,
    )
    record |= {"sources": _source_hashes(folder, settings), "synthetic": _synthetic(sources)}
    files = {
        place.FRAME: csv_bytes(frame.units),
        place.VILLAGES: csv_bytes(frame.villages),
        **{place.list_frame(name): csv_bytes(lists[name].units) for name in lists},
        **{place.list_roll(name): _parquet(rolls[name].table) for name in rolls},
        place.ROLL: _parquet(sources.roll.table if sources.roll else frame.units.iloc[:0]),
        place.VILLAGE_DETAILS: _parquet(_village_details(frame, sources)),
        place.PROBLEMS: csv_bytes(problems_table(notes, lang)),
        place.COMMIT: json_bytes(record),
    }
    if wave:
        files[EARLIER] = wave.data
    if corrected:
        supersede(folder, corrected, now=now)
    place.put_in_place(folder, files, mark=place.COMMIT)
    drawn = int(stratum_sizes(frame, design)["n"].sum())
    digest = hashlib.sha256(files[place.COMMIT]).hexdigest()
    return Done(
        key="campaign.done.commit",
        fields={**frame.counts, "drawn": drawn, "digest": digest, "totals": _totals(frame, lang)},
        notes=notes,
        files=tuple(folder / name for name in (place.COMMIT, place.FRAME, place.VILLAGES)),
    )


def _refuse_in_rehearsal(folder: Path) -> None:
    """A commit that counts does not lie in the folder of a rehearsal."""
    if json.loads((folder / place.COMMIT).read_text(encoding="utf-8"))["rehearsal"]:
        raise InputError([Problem(key="campaign.commit_in_rehearsal", file=place.COMMIT)])


def _totals(frame: Frame, lang: str) -> str:
    """The control totals in words: the payment file must say the same."""
    totals = {name: value for name, value in frame.control_totals.items() if value is not None}
    shown = {name: yuan(value) if name == "amount_fen" else str(value) for name, value in totals.items()}
    return text("campaign.totals.comma", lang).join(
        text(f"campaign.totals.{name}", lang, value=value) for name, value in shown.items()
    )


def software() -> str:
    """The name and version that a commit and a receipt carry."""
    return f"inspection-sampling {version('inspection-sampling')}"


def _within(folder: Path, files: Iterable[str]) -> list[Path]:
    return [folder / file for file in files]


def _pseudonym_key(folder: Path, settings: Settings) -> bytes:
    """The secret key of the household pseudonyms, made once and kept in `restricted/`."""
    maps = [settings.columns, *(source.columns for source in settings.lists.values())]
    if not any(isinstance(column, Mapping) for columns in maps for column in columns.values()):
        return b""
    path = folder / PSEUDONYM_KEY
    if not path.exists():
        write_whole(path, secrets.token_hex(32))
    return bytes.fromhex(path.read_text(encoding="ascii"))


def _list_rolls(folder: Path, settings: Settings, key: bytes) -> dict[str, Roll]:
    """The other lists that are drawn, by name; refuse with the problems of all of them."""
    rolls: dict[str, Roll] = {}
    problems: list[Problem] = []
    for name in settings.design.lists:
        source = settings.lists[name]
        try:
            rolls[name] = read_roll(_within(folder, source.files), columns=source.columns, pseudonym_key=key)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return rolls


def _list_notes(rolls: Mapping[str, Roll], lists: Mapping[str, Frame], frame: Frame) -> Iterator[Problem]:
    for roll in rolls.values():
        yield from roll.notes
    for part in lists.values():
        yield from part.notes
    yield from list_notes(frame, lists)


def _not_drawn(settings: Settings) -> Iterator[Problem]:
    for name, source in settings.lists.items():
        if source.everywhere:
            yield Problem(key="campaign.list_not_drawn", file=place.SETTINGS, value=name, severity=REPORTED)


def _source_hashes(folder: Path, settings: Settings) -> list[dict[str, str]]:
    """Name and SHA-256 of every file drawn from; the commit is published, so no path of this machine."""
    drawn = [name for key in settings.design.lists for name in settings.lists[key].files]
    paths = _within(folder, [*settings.roll, *settings.villages, *drawn])
    return [{"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in paths]


def _synthetic(sources: Sources) -> bool:
    """Whether a row says that its people are invented: everything made from it must say so too."""
    tables = [part.table for part in (sources.roll, sources.villages) if part is not None]
    return any(_has_mark(table.select_dtypes("str")) for table in tables)


def _has_mark(words: pd.DataFrame) -> bool:
    return any(words[name].str.startswith(SYNTHETIC_MARK).any() for name in words.columns)


def _parquet(table: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    table.to_parquet(out, index=False)
    return out.getvalue()


def _village_details(frame: Frame, sources: Sources) -> pd.DataFrame:
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
