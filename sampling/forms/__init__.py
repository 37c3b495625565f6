"""Paper and files that go out and come back: the visit workbooks."""

from sampling.forms.drawn import (
    drawn_households,
    drawn_villages,
    issued_households,
    numbered_households,
    numbered_villages,
)
from sampling.forms.issue import write_forms
from sampling.forms.workbook import ReturnedForm, read_workbook, write_workbook

__all__ = [
    "ReturnedForm",
    "drawn_households",
    "drawn_villages",
    "issued_households",
    "numbered_households",
    "numbered_villages",
    "read_workbook",
    "write_forms",
    "write_workbook",
]
