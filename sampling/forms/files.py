"""A file that came back, told by its content: workbook, table, export of phones."""

from sampling.forms.grids import COMPOUND, ZIP, error_cells, guard, read_grids, refuse
from sampling.forms.odk import is_archive, read_archive, read_json
from sampling.forms.reading import read_workbook
from sampling.forms.returned import ReturnedForm
from sampling.forms.tables import read_tables
from sampling.words import InputError

OTHER_KINDS = (
    b"%PDF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"PAR1",
)
"""How files begin that hold no table at all."""
UTF8_MARK = b"\xef\xbb\xbf"


def read_returned(data: bytes, name: str) -> tuple[ReturnedForm, ...]:
    """Read a returned file, whatever it is.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Its name, for the problems.

    Returns
    -------
    tuple of ReturnedForm
        One for each village that the file tells of. A table that somebody made names no form; rows of it
        that name no village are in a form whose village is empty.

    Raises
    ------
    InputError
        If the file is broken, has a password, or is nothing that tells of visits.
    """
    if not data.strip():
        raise refuse("empty", name)
    if is_archive(data):
        return read_archive(data, name)
    if data.startswith((ZIP, COMPOUND)):
        return _read_workbook(data, name)
    if data.startswith(OTHER_KINDS):
        raise refuse("unknown_kind", name)
    if data.removeprefix(UTF8_MARK).lstrip()[:1] in (b"{", b"["):
        return read_json(data, name)
    return _read_table(data, name)


def _read_workbook(data: bytes, name: str) -> tuple[ReturnedForm, ...]:
    """Ours by what is hidden in it; else somebody's table."""
    guard(data, name)
    try:
        form = read_workbook(data)
    except InputError as error:
        # whether it has a password, only the reader of tables knows
        if {problem.key for problem in error.problems} <= {"forms.not_a_form", "forms.unreadable"}:
            return _read_table(data, name)
        raise
    return (form.noting(error_cells(data, name)),)


def _read_table(data: bytes, name: str) -> tuple[ReturnedForm, ...]:
    sheets, notes = read_grids(data, name)
    return read_tables(sheets, file=name, notes=notes)
