"""What a visit workbook asks and shows: its columns and its questions, as data.

Titles are in the catalogues under `forms.column.<field>` and `forms.question.<field>`. Every sheet
carries its fields in a hidden row or column as `field:<name>`, so that a form is read by what it is,
whatever language, sheet name or order of columns it came back with.
"""

from dataclasses import dataclass

from sampling import codes

VERSION = "1"
MARK = "inspection-sampling form"
FIELD = "field:"
MARKS = {"synthetic": "DATA=SYNTHETIC", "rehearsal": "REHEARSAL"}
"""What a form can have to say on every sheet: its people are invented, its draw does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What one village's form is about; it stands on the cover and, hidden, in the form's identity sheet."""

    campaign: str
    form_id: str
    township: str
    township_name: str
    village: str
    village_name: str
    lang: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the households' sheet, or one question to the village.

    `kind` is "text", "long" (a longer text), "number", "money", "date" or "choice"; `choices` names the
    code table of a choice. `width` is in characters of the sheet's font; a Chinese character takes two.
    """

    field: str
    kind: str = "text"
    width: float = 10
    choices: str = ""


GIVEN = (
    Column(field="serial", width=7),
    Column(field="list", width=8),
    Column(field="household", width=9.5),
    Column(field="household_name", kind="long", width=12),
    Column(field="group", width=7),
    Column(field="address", kind="long", width=16),
    Column(field="persons", kind="number", width=7.5),
    Column(field="entitled", kind="number", width=7.5),
    Column(field="category", width=11.5),
    Column(field="amount", kind="money", width=9),
    Column(field="account", width=7.5),
)
"""What the team is told of a household: no identity number, no whole account, no self-check verdict."""

ANSWERS = (
    Column(field="outcome", kind="choice", choices="outcome", width=9),
    Column(field="verdict", kind="choice", choices="verdict", width=12.5),
    Column(field="reason", kind="choice", choices="reason", width=12.5),
    Column(field="amount_due", kind="money", width=9),
    Column(field="persons_found", kind="number", width=7.5),
    Column(field="date", kind="date", width=11),
    Column(field="inspector_1", width=8.5),
    Column(field="inspector_2", width=8.5),
    Column(field="signed", kind="choice", choices="yes_no", width=6),
    Column(field="note", kind="long", width=17),
)
"""What the team fills in, one row a household."""

QUESTIONS = (
    Column(field="posting_days", kind="number"),
    Column(field="meeting_held", kind="choice", choices="yes_no"),
    Column(field="files_complete", kind="choice", choices="yes_no"),
    Column(field="neighbours", kind="number"),
    Column(field="blank_village", kind="choice", choices="yes_no"),
    Column(field="village_note", kind="long"),
)
"""What the team answers once for the village."""

GIVEN_FIELDS = tuple(column.field for column in GIVEN)
ANSWER_FIELDS = tuple(column.field for column in ANSWERS)
QUESTION_FIELDS = tuple(column.field for column in QUESTIONS)

_REASONS = dict.fromkeys(reason for reasons in codes.REASONS.values() for reason in reasons)

CHOICES: dict[str, tuple[str, ...]] = {
    "outcome": codes.OUTCOMES,
    "verdict": codes.VERDICTS,
    "list_verdict": codes.LIST_VERDICTS,
    "reason": (*(reason for reason in _REASONS if reason != "other"), "other"),
    "yes_no": codes.YES_NO,
}
"""The drop-down lists. All reasons stand in one: whether a reason fits its verdict is checked at intake."""
