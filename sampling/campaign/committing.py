"""The commit: what can be drawn and how, fixed before any seed exists."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.heads import heads_now
from sampling.campaign.settings import Settings, read_settings
from sampling.campaign.sources import (
    Sources,
    is_synthetic,
    list_rolls,
    pseudonym_key,
    read_sources,
    source_hashes,
    village_details,
    within,
)
from sampling.campaign.step import Done, problems_table
from sampling.campaign.superseding import corrects, supersede
from sampling.campaign.waves import EARLIER, Wave, earlier_wave, wave_notes, with_drawn_before
from sampling.designs import design_notes, stratum_sizes
from sampling.designs.chances import with_chances
from sampling.draws import list_notes, make_commit
from sampling.files import csv_bytes, json_bytes
from sampling.forms.issue import yuan
from sampling.frames import Frame, Roll, make_frame
from sampling.words import REPORTED, InputError, Problem, text


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
    ready = _prepared(folder, read_settings(folder))
    record = _record(folder, ready, now, corrected, rehearsal)
    files = _files(ready, record, lang)
    if corrected:
        supersede(folder, corrected, now=now)
    place.put_in_place(folder, files, mark=place.COMMIT)
    return Done(
        key="campaign.done.commit",
        fields={
            **ready.frame.counts,
            "drawn": _expected(ready),
            "digest": hashlib.sha256(files[place.COMMIT]).hexdigest(),
            "totals": _totals(ready.frame, lang),
        },
        notes=ready.notes,
        files=tuple(folder / name for name in (place.COMMIT, place.FRAME, place.VILLAGES)),
    )


@dataclass(frozen=True, kw_only=True)
class _Ready:
    """All that a commit fixes, read and checked; lists are by name."""

    settings: Settings
    sources: Sources
    wave: Wave | None
    frame: Frame
    rolls: Mapping[str, Roll]
    lists: Mapping[str, Frame]
    notes: tuple[Problem, ...]


def _prepared(folder: Path, settings: Settings) -> _Ready:
    """The frame with its chances, from the roll as it is now."""
    design, key = settings.design, pseudonym_key(folder, settings)
    wave = earlier_wave(folder, settings.previous)
    files = within(folder, settings.roll), within(folder, settings.villages)
    sources = read_sources(*files, settings.columns, key)
    roll, villages = with_drawn_before(sources.roll, sources.villages, wave, settings)
    frame = make_frame(
        roll,
        villages,
        certainty=design.certainty,
        fields=design.fields,
        household_fields=design.household_fields,
    )
    rolls = list_rolls(folder, settings, key)
    lists = {name: make_frame(one, None) for name, one in rolls.items()}
    notes = [*sources.notes, *frame.notes, *_list_notes(rolls, lists, frame), *_not_drawn(settings)]
    notes += [*design_notes(frame, design, lists=lists), *wave_notes(settings, wave)]
    return _Ready(
        settings=settings,
        sources=Sources(roll=roll, villages=villages),
        wave=wave,
        frame=with_chances(frame, design),
        rolls=rolls,
        lists=lists,
        notes=tuple(notes),
    )


def _record(
    folder: Path, ready: _Ready, now: datetime, corrected: Mapping[str, str] | None, rehearsal: bool
) -> dict[str, Any]:
    """What `commit.json` says."""
    record = make_commit(
        ready.frame,
        ready.settings.design,
        campaign=ready.settings.id,
        lists=ready.lists,
        software=software(),
        committed_at=now.isoformat(timespec="seconds"),
        previous_receipt=ready.wave.sha256 if ready.wave else "",
        seed_event=ready.settings.event,
        heads=heads_now(folder),
        corrects=corrected,
        rehearsal=rehearsal,
    )
    sources = source_hashes(folder, ready.settings)
    return record | {"sources": sources, "synthetic": is_synthetic(ready.sources)}


def _files(ready: _Ready, record: Mapping[str, Any], lang: str) -> dict[str, bytes]:
    """Every file of the commit, by name."""
    frame, roll = ready.frame, ready.sources.roll
    return {
        place.FRAME: csv_bytes(frame.units),
        place.VILLAGES: csv_bytes(frame.villages),
        **{place.list_frame(name): csv_bytes(part.units) for name, part in ready.lists.items()},
        **{place.list_roll(name): _parquet(part.table) for name, part in ready.rolls.items()},
        place.ROLL: _parquet(roll.table if roll else frame.units.iloc[:0]),
        place.VILLAGE_DETAILS: _parquet(village_details(frame, ready.sources)),
        place.PROBLEMS: csv_bytes(problems_table(ready.notes, lang)),
        **({EARLIER: ready.wave.data} if ready.wave else {}),
        place.COMMIT: json_bytes(record),
    }


def _expected(ready: _Ready) -> str:
    """How many villages will be drawn; on average, where the draw decides it."""
    sizes = stratum_sizes(ready.frame, ready.settings.design)["expected"]
    return f"{float(sum(map(Fraction, sizes))):g}"


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


def _parquet(table: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    table.to_parquet(out, index=False)
    return out.getvalue()
