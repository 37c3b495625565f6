"""What phones send: ODK Central's ZIP of CSV files, and the JSON of ODK and KoboToolbox.

An export as CSV has a file of its own for each repeat (members, photos), whose rows name their parent; JSON
has them inside. The column names of either are field names, behind the groups that they stand in.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from sampling.forms.grids import BROKEN_ZIP, ZIP, cell_text, guard, read_grids, refuse
from sampling.forms.layout import MEMBER_FIELDS
from sampling.forms.recognised import HOUSEHOLDS, MEMBERS, field_of
from sampling.forms.records import Record, forms_of
from sampling.forms.returned import ReturnedForm
from sampling.forms.tables import PHOTOS, read_tables
from sampling.frames.sheets import Sheet
from sampling.words import Problem

PICTURES = (".jpg", ".jpeg", ".png", ".heic", ".webp", ".pdf")
"""Photos and papers that lie beside the forms."""
LISTS = ("value", "results")
"""Where a server puts the submissions in its answer: ODK, KoboToolbox."""
DEEPEST = 20


def is_archive(data: bytes) -> bool:
    """Whether this is a ZIP of tables, and not a workbook, which is a ZIP too."""
    if not data.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = parts.namelist()
    except BROKEN_ZIP:
        return False
    return not any(name in ("[Content_Types].xml", "content.xml", "mimetype") for name in names)


def read_archive(data: bytes, name: str) -> tuple[ReturnedForm, ...]:
    """The forms of a ZIP of CSV files, joined by their keys.

    Raises
    ------
    InputError
        If it has no table, cannot be read, or a table in it cannot.
    """
    guard(data, name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            tables = {part: parts.read(part) for part in parts.namelist() if part.lower().endswith(".csv")}
    except BROKEN_ZIP:
        raise refuse("unreadable", name) from None
    if not tables:
        raise refuse("empty_archive", name)
    sheets: list[Sheet] = []
    notes: list[Problem] = []
    for part, content in tables.items():
        if content.strip():
            found, told = read_grids(content, PurePosixPath(part).name)
            sheets += found
            notes += told
    return read_tables(sheets, file=name, notes=notes)


def pictures_in(data: bytes, name: str) -> dict[str, str]:
    """The photos and papers inside a ZIP of tables: SHA-256 by file name.

    Raises
    ------
    InputError
        If one of them cannot be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            inside = [part for part in parts.namelist() if part.lower().endswith(PICTURES)]
            return {PurePosixPath(part).name: _sha256(parts, part) for part in inside}
    except BROKEN_ZIP:
        raise refuse("unreadable", name) from None


def _sha256(parts: zipfile.ZipFile, part: str) -> str:
    with parts.open(part) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def read_json(data: bytes, name: str) -> tuple[ReturnedForm, ...]:
    """The forms of an export as JSON: a list of submissions, or a server's answer that holds one.

    Raises
    ------
    InputError
        If it is broken, or no list of submissions.
    """
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise refuse("bad_json", name) from None
    submissions = _submissions(content)
    if submissions is None:
        raise refuse("no_submissions", name)
    records = [_record(one, str(number)) for number, one in enumerate(submissions, start=1)]
    forms = forms_of(records, file=name)
    if not forms and records:
        raise refuse("no_place", name)
    return forms


def _submissions(content: Any) -> Sequence[Mapping] | None:
    if isinstance(content, Mapping):
        inside = [content[name] for name in LISTS if isinstance(content.get(name), list)]
        content = inside[0] if inside else [content]
    fits = isinstance(content, list) and all(isinstance(one, Mapping) for one in content)
    return content if fits else None


def _record(submission: Mapping, row: str) -> Record:
    cells: list[tuple[str, str]] = []
    members: list[Record] = []
    for header, value in _flat(submission, ""):
        if not isinstance(value, list):
            cells.append((header, cell_text(value)))
            continue
        for number, one in enumerate(value, start=1):
            inside = tuple((name, cell_text(said)) for name, said in _flat(one, ""))
            if any(field_of(name, MEMBERS) in MEMBER_FIELDS for name, _ in inside):
                members.append(Record(row=f"{row}.{number}", cells=inside))
            else:
                cells += _listed(header, number, inside)
    return Record(row=row, cells=tuple(cells), members=tuple(members))


def _listed(header: str, number: int, inside: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What stands in a repeat that is none of members: photos are such; anything else is kept aside."""
    for name, said in inside:
        if not name.startswith("__"):
            is_photo = field_of(header, HOUSEHOLDS) == PHOTOS
            yield (PHOTOS if is_photo else f"{header}[{number}]/{name}".rstrip("/"), said)


def _flat(value: Any, prefix: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """A submission without its groups: `visit/outcome` and what it says; repeats stay lists."""
    if not isinstance(value, Mapping) or depth > DEEPEST:
        yield prefix.rstrip("/"), value if not isinstance(value, Mapping) else str(value)
        return
    for name, inside in value.items():
        yield from _flat(inside, f"{prefix}{name}/", depth + 1)
