"""What a form asks and shows, as data: every face of it (workbook, phone, paper, ODK) is made from this.

Titles are in the catalogues under `forms.column.<field>` and `forms.question.<field>`. Workbooks carry their
fields in a hidden row or column as `field:<name>`, so that a form is read by what it is, whatever language,
sheet name or order of columns it came back with.
"""

from dataclasses import dataclass

from sampling import codes
from sampling.codes import Codebook

VERSION = "2"
MARK = "inspection-sampling form"
FIELD = "field:"
MARKS = {"synthetic": "DATA=SYNTHETIC", "rehearsal": "REHEARSAL"}
"""What a form can have to say on every sheet: its people are invented, its draw does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What one village's form is about; it stands on the cover and, hidden, in the form's identity sheet.

    `form_id` is empty for a table that somebody made of answers: a CSV file, an export from phones.
    """

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
    """One thing that a form shows or asks.

    `kind` is "text", "long" (a longer text), "number", "money", "date", "time" or "choice"; `choices` names
    the code table of a choice. `width` is in characters of the sheet's font; a Chinese character takes two.
    `personal` answers tell who somebody is: they are kept in the vault.
    """

    field: str
    kind: str = "text"
    width: float = 10
    choices: str = ""
    personal: bool = False


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

VISIT = (
    Column(field="outcome", kind="choice", choices="outcome", width=9),
    Column(field="verdict", kind="choice", choices="verdict", width=12.5),
    Column(field="reason", kind="choice", choices="reason", width=12.5),
    Column(field="amount_due", kind="money", width=9),
    Column(field="persons_found", kind="number", width=7.5),
    Column(field="evidence", kind="long", width=14, personal=True),
    Column(field="date", kind="date", width=11),
    Column(field="inspector_1", width=8.5),
    Column(field="inspector_2", width=8.5),
    Column(field="signed", kind="choice", choices="yes_no", width=6),
    Column(field="note", kind="long", width=14, personal=True),
)
"""What the team concludes, one row a household."""

INCOMES = ("income_wages", "income_business", "income_property", "income_transfers")
"""The four kinds of income: yuan a month of the whole household."""

FACTS = (
    Column(field="mode", kind="choice", choices="mode", width=9),
    Column(field="arrive", kind="time", width=7),
    Column(field="leave", kind="time", width=7),
    Column(field="entitled_found", kind="number", width=8),
    *(Column(field=income, kind="money", width=9) for income in INCOMES),
    Column(field="assets", kind="long", width=14, personal=True),
    Column(field="supporters", kind="long", width=14, personal=True),
    Column(field="tie", kind="choice", choices="tie", width=10),
    Column(field="holder", kind="choice", choices="holder", width=9),
    Column(field="receiver", kind="choice", choices="receiver", width=10),
    Column(field="payment", kind="choice", choices="payment", width=11),
    Column(field="photos", kind="long", width=16, personal=True),
)
"""What the team sees in the household, one row a household."""

ANSWERS = (*VISIT, *FACTS)
"""All that the team fills in for a household, beside its members."""

MEMBERS = (
    Column(field="member_name", width=11, personal=True),
    Column(field="relation", kind="choice", choices="relation", width=11, personal=True),
    Column(field="age", kind="number", width=6, personal=True),
    Column(field="health", kind="choice", choices="health", width=10, personal=True),
    Column(field="ability", kind="choice", choices="ability", width=10, personal=True),
    Column(field="counted", kind="choice", choices="yes_no", width=9, personal=True),
)
"""What the team fills in for each member of a household; `counted`: whether somebody is entitled."""

QUESTIONS = (
    Column(field="posting_days", kind="number"),
    Column(field="meeting_held", kind="choice", choices="yes_no"),
    Column(field="files_complete", kind="choice", choices="yes_no"),
    Column(field="neighbours", kind="number"),
    Column(field="neighbours_against", kind="number"),
    Column(field="blank_village", kind="choice", choices="yes_no"),
    Column(field="village_note", kind="long", personal=True),
)
"""What the team answers once for the village."""

GIVEN_FIELDS = tuple(column.field for column in GIVEN)
VISIT_FIELDS = tuple(column.field for column in VISIT)
ANSWER_FIELDS = tuple(column.field for column in ANSWERS)
MEMBER_FIELDS = tuple(column.field for column in MEMBERS)
QUESTION_FIELDS = tuple(column.field for column in QUESTIONS)
PERSONAL_FIELDS = tuple(column.field for column in (*ANSWERS, *QUESTIONS) if column.personal)
"""Answers that the vault keeps, with the members."""

MEMBER_ROWS = 8
"""Lines for members that a form offers each household."""


def choices_of(codebook: Codebook) -> dict[str, tuple[str, ...]]:
    """The drop-down lists of a campaign's forms: codes by table.

    All reasons stand in one: whether a reason fits its verdict is checked when the form comes back.
    """
    return {
        "outcome": codes.OUTCOMES,
        "verdict": codes.VERDICTS,
        "list_verdict": codes.LIST_VERDICTS,
        "reason": codebook.reasons,
        "yes_no": codes.YES_NO,
        "mode": codes.MODES,
        "tie": codes.TIES,
        "holder": codes.HOLDERS,
        "receiver": codes.RECEIVERS,
        "payment": codes.PAYMENTS,
        "relation": codes.RELATIONS,
        "health": codes.HEALTH,
        "ability": codes.ABILITY,
    }


def choice_label(table: str, code: str, lang: str, codebook: Codebook) -> str:
    """What a drop-down list says for a code."""
    return codebook.label(code, lang) if table == "reason" else codes.label(table, code, lang)
