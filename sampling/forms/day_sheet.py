"""A team's day on paper: the villages in their order, times, households, ways, and a sketch of the map."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sampling.forms.layout import MARKS
from sampling.forms.printing import compile_page
from sampling.words import text

TEMPLATE = Path(str(files("sampling.forms") / "day_sheet.typ"))
COLUMNS = ("stop", "arrive", "leave", "village", "households", "km", "contact")


class Spot(NamedTuple):
    """A place on the map, in kilometres."""

    x: float
    y: float


def day_sheet(
    visits: pd.DataFrame,
    day: Mapping[str, Any],
    *,
    names: Mapping[str, str],
    spots: Mapping[str, Spot],
    seat: Spot | None,
    campaign: str,
    lang: str,
    marks: Sequence[str] = (),
) -> bytes:
    """The day sheet as the bytes of a PDF; the same input gives the same bytes.

    Parameters
    ----------
    visits
        The rows of `plan.csv` of this team and day.
    day
        Their row of `teams.csv`.
    names
        What people call each village, by id.
    spots, seat
        Where they lie, as far as it is known; without any there is no sketch.
    campaign, lang, marks
        As in `write_workbook`.
    """
    sums = {"villages": len(visits), "households": int(visits["households"].sum())}
    content = {
        "lang": lang,
        "campaign": campaign,
        "marks": [text(f"forms.look.{mark}", lang, mark=MARKS[mark]) for mark in marks],
        "title": text("envelopes.sheet.title", lang, team=day["team"], date=day["date"]),
        "summary": text("envelopes.sheet.summary", lang, **sums, leave=day["leave"], km=f"{day['km']:.1f}"),
        "back": text("envelopes.sheet.back", lang, back=day["back"], km=f"{day['km_back']:.1f}"),
        "columns": [text(f"envelopes.column.{name}", lang) for name in COLUMNS],
        "stops": [_stop(row, names) for row in visits.to_dict("records")],
        "map": _map(visits, spots, seat, lang),
        "scale": _scale(visits, spots, seat, lang),
        "lines": [
            text(f"envelopes.line.{name}", lang) for name in ("received", "returned", "leader", "office")
        ],
        "words": {name: text(f"envelopes.sheet.{name}", lang) for name in ("restricted", "sketch")},
    }
    return compile_page(TEMPLATE, content)


def _stop(row: Mapping[Any, Any], names: Mapping[str, str]) -> dict[str, str]:
    return {
        "stop": str(row["stop"]),
        "arrive": row["arrive"],
        "leave": row["leave"],
        "place": names.get(row["village"], row["village"]),
        "households": str(row["households"]),
        "km": f"{row['km']:.1f}",
    }


def _map(visits: pd.DataFrame, spots: Mapping[str, Spot], seat: Spot | None, lang: str) -> dict[str, Any]:
    """The way from stop to stop, north up, scaled into a box; empty where a place is not known."""
    way = _way(visits, spots, seat)
    if not way:
        return {"points": [], "height": 0}
    left, low, width, height = _frame(way)
    names = [text("envelopes.sheet.seat", lang), *(str(stop) for stop in visits["stop"])]
    names = names if seat else names[1:]
    points = [
        {
            "x": (spot.x - left) / width,
            "y": (spot.y - low) / height,
            "name": name,
            "seat": bool(seat) and not place,
        }
        for place, (spot, name) in enumerate(zip(way, names, strict=True))
    ]
    return {"points": [*points, points[0]] if seat else points, "height": height / width}


def _way(visits: pd.DataFrame, spots: Mapping[str, Spot], seat: Spot | None) -> list[Spot]:
    if any(village not in spots for village in visits["village"]):
        return []
    return [*([seat] if seat else []), *(spots[village] for village in visits["village"])]


def _frame(way: Sequence[Spot]) -> tuple[float, float, float, float]:
    """The corner and the sides of a box around the way, not higher than wide and not too flat."""
    xs, ys = [spot.x for spot in way], [spot.y for spot in way]
    high = max(ys) - min(ys)
    width = max(max(xs) - min(xs), high, 1.0)
    return min(xs), min(ys), width, max(high, width / 4)


def _scale(visits: pd.DataFrame, spots: Mapping[str, Spot], seat: Spot | None, lang: str) -> str:
    way = _way(visits, spots, seat)
    return text("envelopes.sheet.scale", lang, km=f"{_frame(way)[2]:.0f}") if way else ""
