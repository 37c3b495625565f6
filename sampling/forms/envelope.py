"""What one team gets for one day, locked with that day's code: nothing of others, and nothing readable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from sampling.codes import BUILT_IN, Codebook
from sampling.draws.roles import drawn_rows
from sampling.forms.day_sheet import Spot, day_sheet
from sampling.forms.drawn import drawn_villages, issued_households
from sampling.forms.ics import day_event
from sampling.forms.issue import form_rows, village_names
from sampling.forms.layout import Heading
from sampling.forms.locking import lock_pdf, lock_workbook
from sampling.forms.paper import paper_pdf
from sampling.forms.standard import NO_STANDARD, Standard
from sampling.forms.workbook import heading_of, workbook_bytes

SHEET, PAPERS, CALENDAR = "day-sheet.pdf", "papers.pdf", "day.ics"


@dataclass(frozen=True, kw_only=True)
class Supplies:
    """What envelopes are filled from: the drawn households with all that forms show, places and words."""

    issued: pd.DataFrame
    form_ids: Mapping[str, str]
    names: Mapping[str, Mapping[str, str]]
    spots: Mapping[str, Spot]
    seat: Spot | None
    campaign: str
    lang: str
    codebook: Codebook = BUILT_IN
    standard: Standard = NO_STANDARD
    marks: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        sample: pd.DataFrame,
        roll: pd.DataFrame,
        lists: Mapping[str, pd.DataFrame],
        *,
        spots: Mapping[str, Spot],
        seat: Spot | None,
        **told: Any,
    ) -> "Supplies":
        """From the rows of `sample.csv`, the restricted roll and the other lists."""
        villages = drawn_villages(sample)
        return cls(
            issued=drawn_rows(issued_households(sample, roll, lists)).sort_values("serial"),
            form_ids=dict(zip(villages["village"], villages["form_id"], strict=True)),
            names=village_names(roll, lists),
            spots=spots,
            seat=seat,
            **told,
        )


def parts_of(visits: pd.DataFrame, issued: pd.DataFrame, done: Sequence[str] = ()) -> dict[int, list[str]]:
    """The serials of each visit of a plan, by its row: a village that is split is shared out by serial.

    Parameters
    ----------
    visits
        The rows of `plan.csv`, in their order.
    issued
        The drawn households, sorted by serial.
    done
        Serials that are visited already and in no envelope any more.
    """
    left = {
        village: [serial for serial in serials if serial not in set(done)]
        for village, serials in issued.groupby("village")["serial"]
    }
    shared: dict[int, list[str]] = {}
    for row, village, households in zip(visits.index, visits["village"], visits["households"], strict=True):
        shared[row], left[village] = left.get(village, [])[:households], left.get(village, [])[households:]
    return shared


def envelope(
    visits: pd.DataFrame,
    day: Mapping[str, Any],
    serials: Mapping[int, Sequence[str]],
    supplies: Supplies,
    *,
    code: str,
) -> dict[str, bytes]:
    """The files of one team and day by their name.

    Parameters
    ----------
    visits
        The rows of `plan.csv` of this team and day.
    day
        Their row of `teams.csv`.
    serials
        Which households each visit is about; see `parts_of`.
    supplies
        What the forms are made from.
    code
        What opens the workbooks and the PDFs.

    Returns
    -------
    dict
        `day-sheet.pdf`, `papers.pdf` and one workbook a stop (`1.xlsx`, `2.xlsx` …), all locked; `day.ics`
        says when and not where. No name of a file tells a village.
    """
    files: dict[str, bytes] = {}
    papers: list[bytes] = []
    stops: list[dict[str, Any]] = visits.to_dict("records")  # type: ignore[assignment]
    for row, place in zip(visits.index, stops, strict=True):
        heading = _heading(place, supplies)
        issued = supplies.issued[supplies.issued["serial"].isin(serials[row])]
        shown = form_rows(issued, supplies.lang, supplies.standard)
        book = workbook_bytes(heading, shown, {}, codebook=supplies.codebook, standard=supplies.standard)
        files[f"{place['stop']}.xlsx"] = lock_workbook(book, code)
        papers.append(paper_pdf(heading, issued, supplies.codebook, supplies.standard))
    files[SHEET] = lock_pdf(_day_sheet(visits, day, supplies), code=code)
    files[PAPERS] = lock_pdf(*papers, code=code)
    when = date.fromisoformat(day["date"])
    files[CALENDAR] = day_event(
        day["team"],
        when,
        day["leave"],
        day["back"],
        len(visits),
        campaign=supplies.campaign,
        lang=supplies.lang,
    )
    return files


def _heading(place: Mapping[str, Any], supplies: Supplies) -> Heading:
    village = place["village"]
    return heading_of(
        {"township": place["township"], "village": village, **supplies.names.get(village, {})},
        campaign=supplies.campaign,
        form_id=supplies.form_ids[village],
        lang=supplies.lang,
        marks=supplies.marks,
    )


def _day_sheet(visits: pd.DataFrame, day: Mapping[str, Any], supplies: Supplies) -> bytes:
    named = {
        village: " ".join(filter(None, (names.get("township_name"), names.get("village_name"))))
        for village, names in supplies.names.items()
    }
    return day_sheet(
        visits,
        day,
        names=named,
        spots=supplies.spots,
        seat=supplies.seat,
        campaign=supplies.campaign,
        lang=supplies.lang,
        marks=supplies.marks,
    )
