"""A file that came back, told by its content: workbook, table, export of phones."""

from sampling.forms.returned import ReturnedForm
from sampling.forms.workbook import read_workbook


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
        One for each village that the file tells of.

    Raises
    ------
    InputError
        If the file is broken, or nothing that tells of visits.
    """
    return (read_workbook(data),)
