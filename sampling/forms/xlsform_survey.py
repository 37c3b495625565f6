"""The questions of the forms for phones, as rows of an XLSForm's survey sheet.

Names are the fields of the layout, so that what phones send is read like any other table. Names that begin
with `_` only help to ask: they are no field of ours, and are left out when the answers are read. The rules
that XLSForm can say mirror RULES of the findings; the others speak when the answers are taken in.
"""

import datetime
from collections.abc import Iterable, Mapping

from sampling.codes import LOOK_AGAIN, REASON_NEEDED, VERDICTS, Codebook
from sampling.forms.layout import ANSWERS, INCOMES, MEMBERS, QUESTIONS, Column
from sampling.forms.standard import CLASS, Standard
from sampling.words import LANGUAGES, text

Row = dict[str, str]
TYPES = {
    "text": "text",
    "long": "text",
    "number": "integer",
    "money": "decimal",
    "date": "date",
    "time": "time",
}
DONE = "${outcome} = 'completed'"
BY_FIELD = {column.field: column for column in ANSWERS}
SCANNED = "instance('serial')/root/item[code = ${code}]/name"


def household_survey(
    campaign: str,
    codebook: Codebook,
    standard: Standard,
    *,
    drawn: datetime.date | None,
    marks: Iterable[str],
) -> list[Row]:
    """The rows of the form for households.

    Parameters
    ----------
    campaign, codebook, standard
        Of the campaign.
    drawn
        The day of the draw: no visit was before; None where it is not known.
    marks
        What must be said first.
    """
    return [
        *_opening(campaign, marks),
        *_which_household(),
        _ask("outcome", required="yes"),
        _ask("date", required="yes", **_fits(_days(drawn), "date")),
        _ask("inspector_1", required="yes"),
        _ask(
            "inspector_2",
            required="yes",
            **_fits("normalize-space(.) != normalize-space(${inspector_1})", "two"),
        ),
        *_group("seen", "seen", [*_facts(), *_members()], relevant=DONE),
        *_worked_out(standard),
        *_photos(),
        *_group("finding", "finding", _finding(codebook), relevant=DONE),
        _ask("note"),
    ]


def village_survey(campaign: str, marks: Iterable[str]) -> list[Row]:
    """The rows of the form for a village's own procedure."""
    asked = [_question(column) for column in QUESTIONS]
    return [*_opening(campaign, marks), *_where({}), *asked]


def labels(key: str, column: str = "label", **fields: object) -> Row:
    """A text in all languages, under the headers of an XLSForm."""
    return {f"{column}::{text('xlsform.language', lang)}": text(key, lang, **fields) for lang in LANGUAGES}


def literal(written: str) -> str:
    """A text as XPath has it: which has no way to say both kinds of quotes."""
    return f"'{written}'" if "'" not in written else '"' + written.replace('"', "'") + '"'


def _opening(campaign: str, marks: Iterable[str]) -> list[Row]:
    return [
        {"type": "start", "name": "start"},
        {"type": "end", "name": "end"},
        {"type": "calculate", "name": "campaign", "calculation": literal(campaign)},
        *({"type": "note", "name": f"_{mark}", **labels(f"xlsform.{mark}")} for mark in marks),
    ]


def _where(more: Mapping[str, str]) -> list[Row]:
    return [
        {
            "type": "select_one township",
            "name": "_township",
            **labels("xlsform.township"),
            "required": "yes",
            **more,
        },
        {
            "type": "select_one village",
            "name": "village",
            **labels("xlsform.village"),
            "required": "yes",
            "choice_filter": "township = ${_township}",
            **more,
        },
    ]


def _which_household() -> list[Row]:
    """By the QR code on the paper form, or by choosing from one's township and village."""
    known = {
        "constraint": "count(instance('serial')/root/item[code = ${code}]) = 1",
        **labels("xlsform.wrong.code", "constraint_message"),
    }
    unscanned = {"relevant": "${code} = ''"}
    serial = f"if(${{code}} != '', {SCANNED}, ${{serial}})"
    return [
        {
            "type": "barcode",
            "name": "code",
            **labels("xlsform.code"),
            **labels("xlsform.code_hint", "hint"),
            **known,
        },
        *_where(unscanned),
        {
            "type": "select_one serial",
            "name": "serial",
            **labels("xlsform.serial"),
            "required": "yes",
            "choice_filter": "village = ${village}",
            **unscanned,
        },
        {"type": "calculate", "name": "_serial", "calculation": serial},
        *(
            {"type": "calculate", "name": f"_{name}", "calculation": of_household(name)}
            for name in ("paid", "standard")
        ),
        {"type": "note", "name": "_chosen", **labels("xlsform.chosen"), "relevant": "${_serial} != ''"},
    ]


def of_household(column: str) -> str:
    """What the list of households says, in a column of its choices, of the one that was scanned or chosen."""
    return f"instance('serial')/root/item[name = ${{_serial}}]/{column}"


def _facts() -> list[Row]:
    late = "${arrive} = '' or decimal-time(.) >= decimal-time(${arrive})"
    persons = "${persons_found} = '' or . <= ${persons_found}"
    return [
        _ask("mode", required="yes"),
        _ask("arrive"),
        _ask("leave", **_fits(late, "times")),
        _ask("persons_found", required="yes", **_fits(". >= 0", "number")),
        _ask("entitled_found", **_fits(f". >= 0 and ({persons})", "entitled")),
        *(_ask(field, **_fits(". >= 0", "money")) for field in INCOMES),
        *map(_ask, ("assets", "supporters", "tie", "holder", "receiver", "payment")),
    ]


def _members() -> list[Row]:
    asked = [_row(column, "column") for column in MEMBERS]
    asked[[column.field for column in MEMBERS].index("age")] |= _fits(". >= 0 and . <= 130", "number")
    return [
        {"type": "begin repeat", "name": "members", **labels("xlsform.members")},
        *asked,
        {"type": "end repeat", "name": "members"},
    ]


def _worked_out(standard: Standard) -> list[Row]:
    """The amount due by the standard, as `Standard.due`; nothing where the county names none."""
    incomes = [f"${{{field}}}" for field in INCOMES]
    income = " + ".join(f"number(coalesce({field}, 0))" for field in incomes)
    each, entitled = "number(${_standard})", "number(${entitled_found})"
    exact = f"({each} - ({income}) div number(${{persons_found}})) * {entitled}"
    has = ["${_standard} != ''", "${entitled_found} != ''"]
    if standard.mode == CLASS:
        exact = f"{each} * {entitled}"
    else:
        some = " or ".join(f"{field} != ''" for field in incomes)
        has += ["${persons_found} > 0", f"({some})"]
    due = f"if({' and '.join(has)}, if({exact} > 0, round({exact}, 2), 0), '')"
    return [
        {"type": "calculate", "name": "_due", "calculation": due},
        {
            "type": "note",
            "name": "_due_note",
            **labels("xlsform.due"),
            "relevant": f"{DONE} and ${{_due}} != ''",
        },
    ]


def _finding(codebook: Codebook) -> list[Row]:
    with_reason = [verdict for verdict in VERDICTS if codebook.reasons_of(verdict)]
    survivors = "not(. = 'head_died' and ${entitled_found} > 0)"
    return [
        _ask("verdict", required="yes", choice_filter="paid = ${_paid}"),
        _ask(
            "reason",
            relevant=_one_of("verdict", with_reason),
            required=_one_of("verdict", REASON_NEEDED),
            choice_filter="verdict = ${verdict}",
            **_fits(survivors, "survivors"),
        ),
        {
            "type": "note",
            "name": "_status",
            **labels("xlsform.status"),
            "relevant": f"${{verdict}} = 'ineligible' and ({_one_of('reason', LOOK_AGAIN)})",
        },
        _ask(
            "amount_due",
            relevant=_one_of("verdict", ("overpaid", "underpaid")),
            required="yes",
            **_fits(". >= 0", "money"),
        ),
        _ask(
            "evidence",
            required="${verdict} = 'ineligible' and ${_paid} = 'yes' and count-non-empty(${photo}) = 0",
        ),
        _ask("signed", required="yes"),
    ]


def _photos() -> list[Row]:
    return [
        {"type": "begin repeat", "name": "photos", **labels("xlsform.photos")},
        {"type": "image", "name": "photo", **labels("xlsform.photo"), "parameters": "max-pixels=2000"},
        {"type": "end repeat", "name": "photos"},
    ]


def _group(name: str, word: str, rows: Iterable[Row], *, relevant: str) -> list[Row]:
    return [
        {"type": "begin group", "name": name, **labels(f"xlsform.{word}"), "relevant": relevant},
        *rows,
        {"type": "end group", "name": name},
    ]


def _days(drawn: datetime.date | None) -> str:
    earliest = f". >= date('{drawn.isoformat()}') and " if drawn else ""
    return f"{earliest}. <= today()"


def _question(column: Column) -> Row:
    row = _row(column, "question") | labels(f"forms.hint.{column.field}", "hint")
    if column.field == "neighbours_against":
        return row | _fits(". >= 0 and (${neighbours} = '' or . <= ${neighbours})", "neighbours")
    return row | (_fits(". >= 0", "number") if column.kind == "number" else {})


def _ask(field: str, **more: str) -> Row:
    return _row(BY_FIELD[field], "column") | more


def _row(column: Column, titles: str) -> Row:
    kind = TYPES.get(column.kind) or f"select_one {column.choices}"
    row = {"type": kind, "name": column.field, **labels(f"forms.{titles}.{column.field}")}
    return row | ({"appearance": "multiline"} if column.kind == "long" else {})


def _fits(constraint: str, wrong: str) -> Row:
    return {"constraint": constraint, **labels(f"xlsform.wrong.{wrong}", "constraint_message")}


def _one_of(field: str, codes: Iterable[str]) -> str:
    return " or ".join(f"${{{field}}} = '{code}'" for code in codes)
