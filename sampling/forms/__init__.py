"""Paper and files that go out and come back: the visit workbooks."""

from sampling.forms.drawn import (
    drawn_households,
    drawn_villages,
    issued_households,
    numbered_households,
    numbered_villages,
)
from sampling.forms.files import read_returned
from sampling.forms.issue import write_forms
from sampling.forms.reading import read_workbook
from sampling.forms.returned import ReturnedForm
from sampling.forms.standard import NO_STANDARD, Standard, standard_of
from sampling.forms.workbook import write_workbook

__all__ = [
    "NO_STANDARD",
    "ReturnedForm",
    "Standard",
    "drawn_households",
    "drawn_villages",
    "issued_households",
    "numbered_households",
    "numbered_villages",
    "read_returned",
    "read_workbook",
    "standard_of",
    "write_forms",
    "write_workbook",
]
