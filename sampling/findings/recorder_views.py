"""What the recording form shows beside its fields, as HTML: households, problems, rows that wait."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from sampling.findings.expected import Expected
from sampling.findings.problems import column_title, sentences, to_record
from sampling.findings.recorder_cells import Entry, worded
from sampling.findings.recorder_office import Office, Work
from sampling.findings.recorder_seconds import unlike
from sampling.forms.layout import ANSWER_FIELDS, GIVEN_FIELDS, MARKS, MEMBER_FIELDS, QUESTION_FIELDS
from sampling.words import Problem, text

CSS = Path(__file__).with_name("recorder.css")
FOCUS = (
    "setTimeout(() => document.querySelector('.recorder .search input')?.focus({preventScroll: true}), 300)"
)
"""The page is drawn after its style is read: a scanner writes where the cursor stands."""


def style() -> str:
    """The style of the form; once it is shown, the cursor stands in the search box."""
    return f'<style onload="{FOCUS}">{CSS.read_text(encoding="utf-8")}</style>'


def told(lines: Iterable[str], mark: str) -> str:
    """Sentences in a box; `mark` is "good", "bad" or "remind"."""
    shown = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<div class="told {mark}" role="status">{shown}</div>'


def work(counts: Work, office: Office) -> str:
    """How far the work is, in one line, with what every page must say."""
    names = ("issued", "recorded", "outstanding")
    numbers = (len(counts.status), counts.recorded, counts.outstanding)
    shown = (
        f"<span>{escape(office.say(f'count.{n}'))} <b>{v}</b></span>"
        for n, v in zip(names, numbers, strict=True)
    )
    marks = (text(f"forms.look.{mark}", office.lang, mark=MARKS[mark]) for mark in office.marks)
    said = (f"<em>{escape(mark)}</em>" for mark in marks)
    return f'<div class="counts">{"".join([*shown, *said])}</div>'


def household(one: Expected, office: Office) -> str:
    """What the team was told of a household."""
    shown = office.given.get(one.serial, {})
    head = f"{one.serial}　{shown.get('household_name', '')}"
    known = [
        (column_title(f, office.lang), shown.get(f, ""))
        for f in GIVEN_FIELDS
        if f not in ("serial", "household_name")
    ]
    pairs = "".join(_pair(title, value) for title, value in known if value)
    return (
        f'<div class="household"><h2>{escape(head)}</h2>'
        f"<p>{escape(office.place(one.village))}</p><dl>{pairs}</dl></div>"
    )


def sentence(problem: Problem, lang: str) -> str:
    """What is wrong and what to do, of a problem that has no file and no row."""
    words = sentences(to_record(problem), lang, file="", row="")
    return words["problem"] + text("words.between_sentences", lang) + words["remedy"]


def waiting(payload: Mapping[str, Any], cells: Mapping[str, str], office: Office) -> str:
    """One thing that waits: where it came from, what is wrong, what was written."""
    lines = [_kept_sentence(one, payload, office.lang) for one in payload["problems"]]
    origin = office.say("from_file", file=payload["file"], row=payload["row"]) if payload["file"] else ""
    place = " · ".join(filter(None, (office.place(payload["village"]), payload["serial"], origin)))
    fields = [f for f in (*ANSWER_FIELDS, *QUESTION_FIELDS) if cells.get(f)]
    pairs = "".join(_pair(column_title(f, office.lang), cells[f]) for f in fields)
    return f'<p class="where">{escape(place)}</p>{told(lines, "bad")}<dl class="written">{pairs}</dl>'


def beside(titles: Sequence[str], entries: Sequence[Entry], list_name: str, office: Office) -> str:
    """Two entries of one household beside each other, where they differ."""
    words = [worded(one, list_name, office.lang, office.desk.rulebook.codebook) for one in entries]
    rows = [(_cell_name(member, field, office), one, other) for member, field, one, other in unlike(*words)]
    heads = "".join(f"<th>{escape(title)}</th>" for title in ("", *titles))
    body = "".join(
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for name, *cells in rows
    )
    return f'<table class="beside"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def whole(cells: Mapping[str, str], members: Sequence[Mapping[str, str]] = ()) -> Entry:
    """Cells with every field that a form has."""
    people = tuple({f: member.get(f, "") for f in MEMBER_FIELDS} for member in members)
    return {f: cells.get(f, "") for f in ANSWER_FIELDS}, people


def _cell_name(member: str, field: str, office: Office) -> str:
    title = column_title(field, office.lang)
    return office.say("of_member", number=member, field=title) if member else title


def _pair(title: str, value: str) -> str:
    return f"<div><dt>{escape(title)}</dt><dd>{escape(value)}</dd></div>"


def _kept_sentence(kept: Mapping[str, Any], payload: Mapping[str, Any], lang: str) -> str:
    words = sentences(kept, lang, file=payload["file"], row=payload["row"])
    return words["problem"] + text("words.between_sentences", lang) + words["remedy"]
