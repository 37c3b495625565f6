"""Returned files as grids of cells, behind a guard: nothing that a file does to a reader does it to us.

What a file is, its first bytes say. A file that would fill the memory, has a password, or breaks a reader
is told in one sentence each.
"""

import datetime
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace

from sampling.forms.probing import unreadable
from sampling.frames.sheets import Sheet, sheets_of
from sampling.words import REPORTED, InputError, Problem, refuse_if_any

SIZE_LIMIT = 400_000_000
"""Bytes of a ZIP's parts together, unpacked; a workbook formatted down to its last row has 100 million."""
AREA_LIMIT = 5_000_000
"""Cells between the first one and the last that is filled: readers build them all."""
CHUNK = 1 << 20
FILLED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>(?!</)')
ODS, BINARY = "content.xml", "xl/workbook.bin"
REPEATED_CELLS = re.compile(rb'<table:table-cell\b[^>]*\bnumber-columns-repeated="(\d{1,12})"[^>]*(?<!/)>')
REPEATED_ROWS = re.compile(
    rb'\bnumber-rows-repeated="(\d{1,12})"[^>]*>(?:<table:table-cell[^>]*/>)*<table:table-cell\b[^>]*(?<!/)>'
)
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*?\bt="e")[^>]*?\br="([A-Z]{1,3}\d{1,7})"')
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
BROKEN_ZIP = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error)
"""What opening a damaged ZIP can raise."""
SHOWN = 5
"""Error cells that a note names."""


def refuse(name: str, file: str, **fields: object) -> InputError:
    """The refusal of a whole file, `tables.<name>`."""
    return InputError([Problem(key=f"tables.{name}", file=file, fields=fields)])


def read_grids(data: bytes, name: str) -> tuple[list[Sheet], tuple[Problem, ...]]:
    """All cells of all sheets of a workbook or a CSV file, and what its reader should know.

    Raises
    ------
    InputError
        If it cannot be read: with a password, too large, damaged, in no known encoding.
    """
    guard(data, name)
    try:
        sheets, problems = sheets_of(data, name)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic inside the reader is not an Exception
        raise refuse("unreadable", name) from error
    told = [_retold(problem, name) for problem in problems]
    refuse_if_any(told)
    return sheets, (*told, *error_cells(data, name))


def guard(data: bytes, name: str) -> None:
    """Refuse what has a password or would fill the memory, before any reader opens it.

    Raises
    ------
    InputError
        With the one reason.
    """
    if data.startswith(COMPOUND) and ENCRYPTED in data:
        raise refuse("password", name)
    if data.startswith(COMPOUND) and (why := unreadable(data)):
        raise refuse(why, name)
    if not data.startswith(ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            _guard_parts(parts, name)
    except BROKEN_ZIP:
        raise refuse("unreadable", name) from None


def _guard_parts(parts: zipfile.ZipFile, name: str) -> None:
    if any(part.flag_bits & 1 for part in parts.infolist()):
        raise refuse("password", name)
    size = sum(part.file_size for part in parts.infolist() if not part.filename.startswith("media/"))
    if size > SIZE_LIMIT:
        raise refuse("too_large", name, size=f"{size:,}")
    for part in _sheet_parts(parts):
        refuse_area(*_area(parts, part), name)
    if any(part.lower().endswith(BINARY) for part in parts.namelist()):
        raise refuse("unknown_kind", name)
    if ODS in parts.namelist():
        refuse_area(_most(parts, REPEATED_ROWS), _most(parts, REPEATED_CELLS), name)


def refuse_area(rows: int, columns: int, name: str) -> None:
    """Refuse a sheet that is filled so far out that readers, who build all before, would fill the memory.

    Raises
    ------
    InputError
        If the rectangle has more cells than AREA_LIMIT.
    """
    if rows * columns > AREA_LIMIT:
        raise refuse("too_large", name, size=f"{rows * columns:,}")


def _most(parts: zipfile.ZipFile, pattern: re.Pattern[bytes]) -> int:
    """How often something filled is repeated at most, in the shorthand of OpenDocument."""
    return max((int(found[1]) for found in _matches(parts, ODS, pattern)), default=1)


def _sheet_parts(parts: zipfile.ZipFile) -> list[str]:
    return [part for part in parts.namelist() if part.startswith("xl/") and "sheet" in part.lower()]


def _area(parts: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """Rows and columns of the rectangle of all that is filled; a format alone fills no cell."""
    columns = rows = 0
    for found in _matches(parts, part, FILLED):
        columns, rows = max(columns, _column_number(found[1])), max(rows, int(found[2]))
    return rows, columns


def _matches(parts: zipfile.ZipFile, part: str, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """All matches in a part that may be too long to be held at once; one at a seam may come twice."""
    rest = b""
    with parts.open(part) as stream:
        while chunk := stream.read(CHUNK):
            yield from pattern.finditer(piece := rest + chunk)
            rest = piece[max(piece.rfind(b"<"), len(piece) - 500) :]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def error_cells(data: bytes, name: str) -> tuple[Problem, ...]:
    """A note on cells that hold an error such as #REF!: readers see nothing in them."""
    if not data.startswith(ZIP):
        return ()
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        found = [
            match[1].decode() for part in _sheet_parts(parts) for match in _matches(parts, part, ERROR_CELL)
        ]
    if not found:
        return ()
    cells = ", ".join(dict.fromkeys(found[:SHOWN])) + ("…" if len(found) > SHOWN else "")
    return (Problem(key="tables.error_cells", file=name, value=cells, severity=REPORTED),)


def cell_text(value: object) -> str:
    """A cell as text; a whole number loses the ".0" that spreadsheets add to it, a time its seconds."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return "" if value is None else str(value).replace("\0", "")


def _retold(problem: Problem, name: str) -> Problem:
    """A problem of the reader of rolls, in words about a returned file."""
    key = problem.key.replace("frames.file.", "tables.")
    return replace(problem, key=key, file=problem.file or name)
