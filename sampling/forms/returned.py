"""What came back: one or more forms in a file, whatever kind of file it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pandas as pd

from sampling.forms.layout import ANSWER_FIELDS, GIVEN_FIELDS, MEMBER_FIELDS, Heading
from sampling.words import Problem

ROW_COLUMNS = ("row", *GIVEN_FIELDS, *ANSWER_FIELDS)
MEMBER_COLUMNS = ("row", "serial", *MEMBER_FIELDS)


def no_members() -> pd.DataFrame:
    """A table of members without a row."""
    return pd.DataFrame(columns=list(MEMBER_COLUMNS), dtype="str")


@dataclass(frozen=True, kw_only=True)
class ReturnedForm:
    """One village's form as it came back: who it is, what it says of the village, one row a household.

    `rows` is all text: `row` (as the spreadsheet counts), then the fields of the layout. `members` has a
    row for each member of a household: `row`, `serial` of the household, the member fields. A table that
    somebody made has two columns more: `code`, the text of a form's QR code, and, in both, `link`, by which
    members belong to a row.

    `notes` are what the reader of the file should look at; `aside` are columns that no form has, by header
    and row: they may name people.
    """

    heading: Heading
    village_answers: Mapping[str, str]
    rows: pd.DataFrame
    members: pd.DataFrame
    notes: tuple[Problem, ...] = ()
    aside: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def form_id(self) -> str:
        """The number that the form was given out with; empty for a table that somebody made."""
        return self.heading.form_id

    @property
    def is_table(self) -> bool:
        """Whether somebody made it, and no form of ours is it."""
        return not self.form_id

    @property
    def campaign(self) -> str:
        """The campaign that gave the form out; empty where a table does not say."""
        return self.heading.campaign

    @property
    def village(self) -> str:
        """The village's id."""
        return self.heading.village

    def noted(self, file: str) -> tuple[Problem, ...]:
        """The notes, each with the name of the file."""
        return tuple(replace(note, file=note.file or file) for note in self.notes)

    def noting(self, notes: Sequence[Problem]) -> "ReturnedForm":
        """The same form with further notes."""
        return replace(self, notes=(*self.notes, *notes))
