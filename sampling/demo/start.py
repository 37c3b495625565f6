"""The page that the demo ends with: four doors, for the chief, the team, the statistician and the runner."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sampling.batches import read_batch
from sampling.campaign import Campaign
from sampling.campaign import folder as place
from sampling.campaign.plan_inputs import PLAN
from sampling.campaign.reconciling import BOOK
from sampling.codes import ROLL
from sampling.demo.compared import compared
from sampling.files import write_whole
from sampling.forms.issue import form_files
from sampling.office.kinds import OFFICE
from sampling.reports import pictures, prose, tables
from sampling.reports.data import ReportData
from sampling.reports.figures import count, whole
from sampling.reports.html import Block, Table, folded, page, paragraph
from sampling.reports.report import COUNTY, Report, report_folder, report_on, safe_name
from sampling.words import LANGUAGES, text

START = "start.html"
MINUTES_HOUSEHOLD, MINUTES_VILLAGE, MINUTES_DAY = 25, 60, 480
"""What a visit takes and how long a day is, as the synthetic county plans it."""
PAIRS = 2
"""A team of four visits in two pairs at the same time."""
DOORS = ("chief", "team", "statistician", "runner")


def write_start(campaign: Campaign, truth: Path) -> Path:
    """Write `start.html` into the campaign folder, in the campaign's language.

    Parameters
    ----------
    campaign
        An invented campaign whose reports are made.
    truth
        The folder with the hidden truth: nothing else reads it after the visits.

    Returns
    -------
    Path
        The page.
    """
    report = report_on(ReportData(campaign=campaign), "61_report_county", unit=COUNTY, lang=campaign.lang)
    figures = json.loads((truth / "totals.json").read_text(encoding="utf-8"))["figures"]
    doors = {
        "chief": _chief(report),
        "team": _team(report),
        "statistician": compared(report, figures),
        "runner": _runner(report),
    }
    body = _head(report) + "".join(_door(name, parts, report.lang) for name, parts in doors.items())
    path = campaign.folder / START
    write_whole(path, page(body, title=_say("title", report.lang), lang=report.lang))
    return path


def _head(report: Report) -> str:
    lang, marks = report.lang, [text("reports.page.internal", report.lang)]
    marks += [text(f"reports.page.{mark}", lang) for mark in report.campaign.marks]
    links = "".join(
        f'<a href="#{name}"><b>{escape(_say(f"door.{name}", lang))}</b>'
        f"<span>{escape(_say(f'door.{name}_note', lang))}</span></a>"
        for name in DOORS
    )
    lead = _say("lead", lang, households=count("households", report.data.roll_households, lang))
    boxes = "".join(f"<span>{escape(mark)}</span>" for mark in marks)
    head = (
        f'<p class="marks">{boxes}</p><h1>{escape(_say("title", lang))}</h1><p class="sub">{escape(lead)}</p>'
    )
    return f'<header>{head}{_other_languages(report)}</header><nav class="doors">{links}</nav>'


def _other_languages(report: Report) -> str:
    links = [
        _link(report.campaign, path, _say("other_language", lang, language=text("words.language", lang)))
        for lang in LANGUAGES
        if lang != report.lang and (path := _county_page(report.campaign, lang)).exists()
    ]
    return f'<p class="sub">{" · ".join(links)}</p>' if links else ""


def _door(name: str, parts: Iterable[object], lang: str) -> str:
    inside = "".join(part._repr_html_() for part in parts)  # type: ignore[attr-defined]
    return f'<div class="door" id="{name}"><h2>{escape(_say(f"{name}.heading", lang))}</h2>{inside}</div>'


def _chief(report: Report) -> Iterator[object]:
    yield prose.key_figures(report)
    yield prose.found(report)
    yield prose.estimates(report)
    yield pictures.reasons(report)
    campaign, lang = report.campaign, report.lang
    county = _link(campaign, _county_page(campaign, lang), _say("county_report", lang))
    yield Block(html=f"<p><b>{county}</b></p>")
    yield folded(_say("all_reports", lang), _town_links(report))
    yield Block(html=f"<p>{escape(_say('documents', lang))} {_document_links(report)}</p>")


def _town_links(report: Report) -> Block:
    folder = report_folder(report.campaign, report.lang)
    towns = [
        _link(report.campaign, path, unit["name"])
        for unit in report.campaign.units().to_dict("records")
        if (path := folder / f"report-{safe_name(unit['unit'])}.html").exists()
    ]
    return Block(html=f"<p>{' · '.join(towns)}</p>")


def _document_links(report: Report) -> str:
    """Links to what the office owes for the county as a whole."""
    links = []
    for kind, entry in OFFICE.items():
        stem = f"{entry.file}-{COUNTY}" if entry.county_named else entry.file
        path = report_folder(report.campaign, report.lang, entry.tier) / f"{stem}{entry.suffixes[-1]}"
        if entry.places == COUNTY and path.exists():
            links.append(_link(report.campaign, path, _say(f"document.{kind}", report.lang)))
    return " · ".join(links)


def _county_page(campaign: Campaign, lang: str) -> Path:
    return report_folder(campaign, lang) / f"report-{COUNTY}.html"


def _link(campaign: Campaign, path: Path, words: str) -> str:
    return f'<a href="{escape(path.relative_to(campaign.folder).as_posix())}">{escape(words)}</a>'


def _team(report: Report) -> Iterator[object]:
    lang, stops = report.lang, _one_day(report)
    town = stops["town"].iloc[0]
    minutes = {"household": MINUTES_HOUSEHOLD, "village": MINUTES_VILLAGE}
    yield Block(html=f"<p>{escape(_say('team.day', lang, town=town, **minutes))}</p>")
    yield _day_sheet(stops, lang)
    yield Block(html=_workbooks(report, stops.iloc[0]))


def _one_day(report: Report) -> pd.DataFrame:
    """What one team does in a day: of the town where most drawn villages fit into a day, those villages."""
    stops = report.data.places.merge(tables.village_names(report), on=["township", "village"])
    stops = stops.merge(tables.town_names(report).rename(columns={"name": "town"}), on="township")
    sample = report.data.sample
    drawn = sample[(sample["stage"] == "2") & (sample["role"] == "main")]
    for name, part in (
        ("households", drawn[drawn["list"] == ROLL]),
        ("others", drawn[drawn["list"] != ROLL]),
    ):
        stops[name] = stops["village"].map(part.groupby("village").size()).fillna(0).astype(int)
    rounds = np.ceil((stops["households"] + stops["others"]) / PAIRS).astype(int)
    stops["minutes"] = MINUTES_VILLAGE + MINUTES_HOUSEHOLD * rounds
    stops = stops.sort_values(["township", "minutes", "village"])
    used = stops.groupby("township")["minutes"].cumsum()
    first = ~stops.duplicated("township")  # a village that needs more than a day is a day's work too
    day = stops[(used <= MINUTES_DAY) | first]
    sizes = day.groupby("township").agg(stops=("village", "size"), minutes=("minutes", "sum"))
    busiest = sizes.sort_values(["stops", "minutes"]).index[-1]
    return day[day["township"] == busiest].reset_index(drop=True)


def _day_sheet(stops: pd.DataFrame, lang: str) -> Table:
    names = {
        name: _say(f"team.{name}", lang) for name in ("order", "village", "households", "others", "minutes")
    }
    rows = {
        names["order"]: [str(number + 1) for number in range(len(stops))],
        names["village"]: list(stops["name"]),
        **{
            names[name]: [whole(value) for value in stops[name]]
            for name in ("households", "others", "minutes")
        },
        _say("team.signed", lang): "",
    }
    return Table(
        caption=_say("team.caption", lang, town=stops["town"].iloc[0]),
        frame=pd.DataFrame(rows),
        numeric=[names[name] for name in ("households", "others", "minutes")],
    )


def _workbooks(report: Report, stop: pd.Series) -> str:
    campaign, lang = report.campaign, report.lang
    name = form_files([stop["village"]])[stop["village"]]
    own = {"blank": f"{place.FORMS}/{name}", "upright": f"{place.FORMS}/phone/{name}"}
    own["filled"] = f"{place.RETURNED}/{name}"
    papers = next((campaign.folder / place.FORMS).glob("*.pdf"), None)
    if papers:
        own["paper"] = papers.relative_to(campaign.folder).as_posix()
    office = {"plan": PLAN, "reconciliation": BOOK}
    links = [_links(report, places) for places in (own, office)]
    lead = escape(_say("team.forms", lang, village=stop["name"]))
    return f"<p>{lead} {links[0]}</p><p>{escape(_say('team.office', lang))} {links[1]}</p>"


def _links(report: Report, places: Mapping[str, str]) -> str:
    """Links to those of these files that are there, each under its name."""
    there = {kind: path for kind, name in places.items() if (path := report.campaign.folder / name).exists()}
    words = (_link(report.campaign, path, _say(f"team.{kind}", report.lang)) for kind, path in there.items())
    return " · ".join(words)


def _runner(report: Report) -> Iterator[object]:
    lang, runs = (
        report.lang,
        [run for run in read_batch(report.campaign).values() if run["lang"] == report.lang],
    )
    seconds = [run["seconds"] for run in runs] or [0.0]
    failed = [run for run in runs if run["state"] != "done"]
    yield paragraph(
        _say(
            "runner.summary",
            lang,
            reports=len(runs),
            done=len(runs) - len(failed),
            failed=len(failed),
            mean=f"{sum(seconds) / len(seconds):.1f}",
            slowest=f"{max(seconds):.1f}",
        )
    )
    if failed:
        yield _batch_table(failed, lang)
    yield folded(_say("runner.caption", lang), _batch_table(runs, lang))
    for name, command in _commands(report.campaign).items():
        yield Block(html=f"<p>{escape(_say(f'runner.{name}', lang))}</p><pre>{escape(command)}</pre>")


def _batch_table(runs: Sequence[Mapping[str, Any]], lang: str) -> Table:
    names = [_say(f"runner.{name}", lang) for name in ("unit", "state", "seconds", "message")]
    rows = [
        (
            run["unit"],
            _say(f"runner.{run['state']}", lang),
            f"{run['seconds']:.1f}",
            _say("runner.failed_cell", lang, cell=run["cell"], message=run["message"])
            if run["message"]
            else "",
        )
        for run in runs
    ]
    return Table(
        caption=_say("runner.caption", lang), frame=pd.DataFrame(rows, columns=names), numeric=[names[2]]
    )


def _commands(campaign: Campaign) -> dict[str, str]:
    """The commands that run the reports, with the paths of the machine that made the page."""
    folder = str(campaign.folder)
    line = [sys.executable, "-m", "sampling.cli", "report", folder]
    nightly = ["schtasks", "/Create", "/SC", "DAILY", "/ST", "02:00", "/TN", "sampling", "/TR"]
    one = ["papermill", "notebooks/60_report_town.ipynb", "report.ipynb", "-r", "unit", "007"]
    return {
        "again": shlex.join(["sampling", "report", folder]),
        "one": shlex.join([*one, "-r", "campaign", folder]),
        "cron": f"0 2 * * * {shlex.join(line)}",
        "windows": subprocess.list2cmdline([*nightly, subprocess.list2cmdline(line)]),
    }


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"start.{key}", lang, **fields)
