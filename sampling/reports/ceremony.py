"""The draw before an audience: what is fixed, the form that takes the digits thrown, what was drawn."""

import hashlib
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Union

from sampling.campaign.folder import COMMIT, RECEIPT, RECORD
from sampling.draws.record import record_page
from sampling.draws.rules import rules
from sampling.reports import pictures, steps, tables
from sampling.reports.figures import count
from sampling.reports.html import Block, Table
from sampling.reports.report import Report
from sampling.reports.sentences import say

if TYPE_CHECKING:
    from sampling.reports.draw_form import DrawForm

CSS = Path(__file__).with_name("ceremony.css")
GROUP, HASH_GROUP = 5, 8


def is_drawn(report: Report) -> bool:
    """Whether the campaign's draw is done."""
    return report.campaign.has(RECEIPT)


def committed(report: Report) -> Block:
    """What was fixed before the draw: the hash to be published, the event that gives the seed, the rules."""
    lang, commit = report.lang, report.campaign.commit()
    digest = hashlib.sha256((report.campaign.folder / COMMIT).read_bytes()).hexdigest()
    event = commit["seed_event"] or say("ceremony.no_event", lang)
    said = [("committed_at", commit["committed_at"]), ("event", event)]
    parts = [_labelled("committed", f'<p class="big hash">{_groups(digest, HASH_GROUP)}</p>', lang)]
    parts += [_labelled(name, f'<p class="said">{escape(words)}</p>', lang) for name, words in said]
    items = "".join(f"<li>{escape(line)}</li>" for line in rules(report.campaign.design, lang))
    parts.append(_labelled("rules", f'<ul class="rules">{items}</ul>', lang))
    plain = "\n".join([say("ceremony.committed", lang), digest, *(words for _, words in said)])
    return Block(html=on_the_wall("".join(parts)), plain=plain)


def table(report: Report) -> Table:
    """The villages drawn; before the draw, how many each stratum will have."""
    return tables.drawn_villages(report) if is_drawn(report) else tables.plan(report)


def draw(report: Report) -> Union[Block, "DrawForm"]:
    """The form that draws; after the draw its result, with the record and the check.

    Returns
    -------
    Block or DrawForm
        The form stays on the page once it has drawn, with the result below it.
    """
    if is_drawn(report):
        return result(report)
    from sampling.reports.draw_form import DrawForm  # ipywidgets are needed for this alone

    return DrawForm(report)


def result(report: Report) -> Block:
    """The draw for all to see: villages town by town, the map, how it was made, its check, the record."""
    parts = [_towns(report), pictures.drawn_villages(report), steps.draw(report), steps.verification(report)]
    shown = "".join(part._repr_html_() for part in [*parts, _record(report)])
    return Block(html=shown, plain="\n".join(repr(part) for part in parts if repr(part)))


def _towns(report: Report) -> Block:
    """A row for each town with the villages drawn in it; on a screen the rows come one after the other."""
    lang, places = report.lang, report.data.places
    names = tables.village_names(report)[["village", "name"]]
    named = (
        tables.town_names(report).merge(places, on="township").merge(names, on="village", suffixes=("", "_v"))
    )
    rows = []
    for turn, (town, part) in enumerate(named.groupby("name", sort=False)):
        pairs = zip(part["village"], part["name_v"], part["certainty"], strict=True)
        chips = "".join(_chip(*pair, lang) for pair in pairs)
        rows.append(
            f'<div class="town" style="--turn:{turn}"><b>{escape(str(town))}</b><div>{chips}</div></div>'
        )
    total = say("ceremony.drawn", lang, villages=count("villages", len(places), lang))
    html = f'<p class="total">{escape(total)}</p>{"".join(rows)}'
    return Block(html=on_the_wall(html), plain=total)


def _chip(village: str, name: str, certain: bool, lang: str) -> str:
    """One drawn village: its name with its id, and a mark where it was certain."""
    mark = f' class="certainty" title="{escape(say("ceremony.certainty", lang))}"' if certain else ""
    id_too = f" <small>{escape(village)}</small>" if name != village else ""
    return f"<span{mark}>{escape(name)}{id_too}</span>"


def _record(report: Report) -> Block:
    """The record as a page inside the page, so that neither's style touches the other's."""
    lang, campaign = report.lang, report.campaign
    receipt = (campaign.folder / RECEIPT).read_bytes()
    pairs = [(tables.village_names(report), "village"), (campaign.units(), "township")]
    names = {id: name for known, by in pairs for id, name in zip(known[by], known["name"], strict=True)}
    names = {id: name for id, name in names.items() if name != id}
    html = record_page(
        campaign.commit(), campaign.receipt(), hashlib.sha256(receipt).hexdigest(), lang, names=names
    )
    title, where = say("ceremony.record", lang), say("ceremony.record_again", lang, file=RECORD)
    frame = f'<iframe title="{escape(title)}" sandbox srcdoc="{escape(html)}"></iframe>'
    return Block(html=on_the_wall(f'<p class="label">{escape(where)}</p>{frame}'), plain=where)


def refused(lines: list[str]) -> Block:
    """What went wrong, in the reader's words."""
    html = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return Block(html=on_the_wall(f'<div class="refused">{html}</div>'), plain="\n".join(lines))


def digits_shown(seed: str, wanted: int, lang: str) -> Block:
    """The digits thrown so far, one in each box in groups of five, and how many are still to come.

    Other signs than digits are shown as what they are, and told.
    """
    wrong = strangers(seed)
    boxes = [f'<b class="{"wrong" if sign in wrong else "thrown"}">{escape(sign)}</b>' for sign in seed]
    boxes += ["<b></b>"] * (wanted - len(seed))
    groups = [boxes[start : start + GROUP] for start in range(0, len(boxes), GROUP)]
    enough = len(seed) >= wanted
    name = "only_digits" if wrong else "enough" if enough else "count"
    words = say(f"ceremony.{name}", lang, number=len(seed), wanted=wanted, signs=wrong)
    mark = f"count {name}"
    rows = "".join(f"<span>{''.join(group)}</span>" for group in groups)
    html = f'<div class="digits">{rows}</div><p class="{mark}">{escape(words)}</p>'
    return Block(html=on_the_wall(html), plain=words)


def strangers(seed: str) -> str:
    """The signs of a seed that are no digits, each once."""
    return "".join(dict.fromkeys(sign for sign in seed if sign not in "0123456789"))


def on_the_wall(html: str) -> str:
    """A part of the ceremony with its style, which a notebook does not know."""
    return f'<style>{CSS.read_text(encoding="utf-8")}</style><div class="ceremony">{html}</div>'


def _labelled(name: str, html: str, lang: str) -> str:
    return f'<p class="label">{escape(say(f"ceremony.{name}", lang))}</p>{html}'


def _groups(signs: str, width: int) -> str:
    return "".join(
        f"<span>{escape(signs[start : start + width])}</span>" for start in range(0, len(signs), width)
    )
