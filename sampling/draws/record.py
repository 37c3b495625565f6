"""The record of a draw on one page of paper: what was fixed, what was thrown, what was drawn, who saw it."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sampling.codes import ROLL, list_label
from sampling.designs import Design
from sampling.designs.groups import CERTAINTY
from sampling.draws.rules import rules
from sampling.words import catalogue, text

CSS = Path(__file__).parent / "pages" / "record.css"
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}
SIGNATURES = 3
"""Lines for witnesses where none is recorded: they can still sign."""
Names = Mapping[str, str]


def record_page(
    commit: Mapping[str, Any],
    receipt: Mapping[str, Any],
    receipt_sha256: str,
    lang: str,
    *,
    names: Names = MappingProxyType({}),
) -> str:
    """The printable record of a draw, one self-contained HTML page that asks nobody for anything.

    Parameters
    ----------
    commit, receipt
        What `commit.json` and `receipt.json` say.
    receipt_sha256
        SHA-256 of the bytes of `receipt.json`.
    lang
        The reader's language.
    names
        Names of villages and towns by id, for readers; the ids stand there in any case.

    Returns
    -------
    html
        On A4 the first page holds all that matters; only the list of villages and the later acts run on.
        Hashes and seed are whole in the text, their groups are set apart by space on paper only. No household
        is named.
    """
    body = [
        _head(commit, receipt, lang),
        f'<dl class="form">{"".join(_rows(commit, receipt, receipt_sha256, lang))}</dl>',
        _strata(receipt, lang, names),
        _details(receipt, lang, names),
    ]
    mark = _say("rehearsal", lang) if receipt["rehearsal"] else ""
    watermark = f'<div class="mark" aria-hidden="true">{escape(mark)}</div>' if mark else ""
    title = _say("page_title", lang, campaign=receipt["campaign"])
    return _page(watermark + "".join(body), f"{mark} {title}".strip(), lang)


def _page(body: str, title: str, lang: str) -> str:
    """The page: one style inside, allowed by its hash, and nothing else."""
    css = CSS.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE_TAGS.get(lang, lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>{css}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(commit: Mapping[str, Any], receipt: Mapping[str, Any], lang: str) -> str:
    note = f'<p class="rehearsal">{_word("rehearsal", lang)} · {_word("rehearsal_note", lang)}</p>'
    made = _say("line.software", lang, software=receipt["software"])
    campaign = f"{_say('row.campaign', lang)} {receipt['campaign']} · {receipt['spec']} · {made}"
    return (
        f"<header>{note if receipt['rehearsal'] else ''}<h1>{_word('title', lang)}</h1>"
        f"<p>{escape(campaign)}</p></header>"
    )


def _rows(
    commit: Mapping[str, Any], receipt: Mapping[str, Any], receipt_sha256: str, lang: str
) -> Iterator[str]:
    """The rows of the form, in the order of the ceremony."""
    yield _row("commit", _committed(commit, receipt, lang), lang)
    if commit.get("corrects"):
        yield _row("corrects", _corrected(commit, receipt, lang), lang)
    yield _row("seed", _seed(receipt, lang), lang)
    yield _row("witnesses", [_signatures(receipt["seed_source"]["witnesses"], lang)], lang)
    sentences = rules(Design.from_dict(commit["design"]), lang)
    yield _row("design", [_line(text("words.between_sentences", lang).join(sentences))], lang)
    yield _row("result", _result(receipt, receipt_sha256, lang), lang)
    yield _row("acts", [_line(_say("comma", lang).join(act_counts(receipt, lang)))], lang)
    voided = [f'<p class="hash"><code>{_groups(one, 8)}</code></p>' for one in receipt.get("voided", ())]
    yield _row("voided", voided or [_line(_say("none", lang))], lang)
    method = Design.from_dict(commit["design"]).villages_by.method
    yield _row(
        "check", [f"<ol>{''.join(f'<li>{escape(one)}</li>' for one in _checks(method, lang))}</ol>"], lang
    )


def _row(name: str, lines: Iterable[str], lang: str) -> str:
    return f'<div class="{name}"><dt>{_word(f"row.{name}", lang)}</dt><dd>{"".join(lines)}</dd></div>'


def _committed(commit: Mapping[str, Any], receipt: Mapping[str, Any], lang: str) -> Iterator[str]:
    counts = {name: f"{commit['counts'][name]:,}" for name in ("villages", "households")}
    yield _hash("commit", receipt["commit_sha256"], lang)
    yield _facts(
        [("committed_at", commit["committed_at"]), ("", _say("line.counts", lang, **counts))],
        lang,
    )
    yield _facts([("seed_event", commit.get("seed_event") or _say("none", lang))], lang)
    yield _hash("frame", commit["frame_sha256"], lang, kind="small")
    yield _hash("villages", commit["villages_sha256"], lang, kind="small")
    if receipt["previous_receipt"]:
        yield _hash("previous", receipt["previous_receipt"], lang, kind="small")
    blanks = ("published_at", "published_by", "published_when")
    yield f'<p class="blanks">{"".join(f"<span>{_word(name, lang)}<i></i></span>" for name in blanks)}</p>'


def _corrected(commit: Mapping[str, Any], receipt: Mapping[str, Any], lang: str) -> Iterator[str]:
    corrects = commit["corrects"]
    moved = {name: len(receipt.get(name, ())) for name in ("came", "left")}
    yield _hash("corrected", corrects["receipt_sha256"], lang, kind="small")
    reason = _say("line.reason", lang, reason=corrects["reason"])
    yield _facts([("", reason), ("", _say("line.moved", lang, **moved))], lang)


def _seed(receipt: Mapping[str, Any], lang: str) -> Iterator[str]:
    seed, source = receipt["seed"], receipt["seed_source"]
    digits = _say("line.digits", lang, number=len(seed))
    yield f'<p class="digits">{_groups(seed, 5)}<small>{escape(digits)}</small></p>'
    yield _facts([("event", source["event"] or _say("none", lang)), ("time", source["time"])], lang)


def _signatures(witnesses: Sequence[str], lang: str) -> str:
    """A line to sign for each witness; empty lines where nobody is recorded."""
    names = [escape(name) for name in witnesses] or [""] * SIGNATURES
    lines = "".join(f"<li><b>{name}</b><i></i></li>" for name in names)
    return f'<ul class="signatures">{lines}</ul>'


def _result(receipt: Mapping[str, Any], receipt_sha256: str, lang: str) -> Iterator[str]:
    numbers = {"villages": len(receipt["sample"]), "reserves": len(receipt["reserves"])}
    inside = sum(one["m"] for one in receipt["villages"] if one["list"] == ROLL)
    sealed = receipt["design"]["sealed"] and not inside
    second = _say("line.sealed", lang) if sealed else _say("line.households", lang, households=f"{inside:,}")
    yield _facts([("", _say("line.drawn", lang, **numbers)), ("", second)], lang)
    yield _hash("sample", receipt["sample_sha256"], lang)
    yield _hash("receipt", receipt_sha256, lang)
    for name, head in sorted((name, head) for name, head in receipt["heads"].items() if head):
        if head:  # a chain without an entry has none
            yield _hash(name, head["hash"], lang, kind="small", count=head["count"])


def act_counts(receipt: Mapping[str, Any], lang: str) -> list[str]:
    """How often each thing happened to the draw since; one word where nothing did."""
    acts = receipt["acts"]
    added: dict[str, int] = {}
    for act in acts:
        if act["act"] == "extension":
            name = "act.extension_looked" if act["looked"] else "act.extension"
            added[name] = added.get(name, 0) + sum(act["more"].values())
    parts = [_say(name, lang, villages=number) for name, number in added.items()]
    arrived, opened = (sum(act["act"] == kind for act in acts) for kind in ("village", "reserve"))
    parts += [_say("act.village", lang, villages=arrived)] if arrived else []
    parts += [_say("act.reserve", lang, number=opened)] if opened else []
    return parts or [_say("none", lang)]


def _checks(method: str, lang: str) -> list[str]:
    one = {"srs": "one_srs", "systematic": "one_list"}.get(method, "one_score")
    return [_say(f"check.{name}", lang) for name in ("verify_py", "verify_html", one)]


def _strata(receipt: Mapping[str, Any], lang: str, names: Names) -> str:
    """The strata in two columns, each with its size, the rule that made it, and the villages drawn."""
    drawn: dict[str, list[str]] = {}
    for unit in receipt["sample"]:
        drawn.setdefault(unit["stratum"], []).append(unit["id"])
    columns = ("town", "sizes", "rule", "villages")
    head = "".join(f'<th scope="col">{_word(f"column.{name}", lang)}</th>' for name in columns)
    rows = "".join(_stratum(one, drawn.get(one["id"], []), lang, names) for one in receipt["strata"])
    return (
        f'<section class="strata"><h2>{_word("row.villages", lang)}</h2><div><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div></section>"
    )


def _stratum(stratum: Mapping[str, Any], villages: Sequence[str], lang: str, names: Names) -> str:
    rule = catalogue(lang).get(f"draws.record.rule.{stratum['rule']}", str(stratum["rule"]))
    units = " ".join(f"<span>{_village(village, names)}</span>" for village in sorted(villages))
    number = stratum["n"] if stratum["n"] is not None else len(villages)
    cells = [escape(_town(stratum["id"], lang, names)), f"{number}/{stratum['N']}", escape(rule), units]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _town(stratum: str, lang: str, names: Names) -> str:
    town = stratum.removesuffix(CERTAINTY)
    shown = names.get(town, town)
    return shown if town == stratum else _say("column.certainty", lang, town=shown)


def _village(village: str, names: Names) -> str:
    name = f"{escape(names[village])} " if names.get(village) else ""
    return f"{name}<code>{escape(village)}</code>"


def _details(receipt: Mapping[str, Any], lang: str, names: Names) -> str:
    """What happened since, act by act; nothing where nothing did. Households are counted, not named."""
    lines = [_act(act, lang, names) for act in receipt["acts"]]
    for name in ("came", "left"):
        if moved := receipt.get(name):
            villages = _say("comma", lang).join(names.get(one, one) for one in moved)
            lines.append(escape(_say(f"line.{name}", lang, villages=villages)))
    if not lines:
        return ""
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f'<section class="details"><h2>{_word("row.details", lang)}</h2><ol>{items}</ol></section>'


def _act(act: Mapping[str, Any], lang: str, names: Names) -> str:
    kind = {"extension": _extension, "village": _arrival, "reserve": _opening}[act["act"]]
    words = escape(kind(act, lang, names))
    if not act.get("seed"):
        return words
    source = f"{act['seed_source']['event']} {act['seed_source']['time']}".strip()
    seed = f"<code>{_groups(act['seed'], 5)}</code>"
    return f"{words} · {_word('act.seed', lang)} {seed} · {escape(source)}"


def _extension(act: Mapping[str, Any], lang: str, names: Names) -> str:
    strata = [
        _say("act.extended_stratum", lang, stratum=_town(stratum, lang, names), number=number)
        for stratum, number in act["more"].items()
    ]
    return _say("act.extended", lang, strata=_say("comma", lang).join(strata))


def _arrival(act: Mapping[str, Any], lang: str, names: Names) -> str:
    return _say("act.arrived", lang, village=_plain(act["village"], names))


def _opening(act: Mapping[str, Any], lang: str, names: Names) -> str:
    village = _plain(act["village"], names)
    if act["household"]:
        what = _say("act.opened_household", lang, village=village, list=list_label(act["list"], lang))
    else:
        replaces = _plain(act["replaces"], names)
        what = _say("act.opened_village", lang, village=village, replaces=replaces)
    reason = catalogue(lang).get(f"draws.record.reason.{act['reason']}", act["reason"])
    return f"{what} · {_say('act.because', lang, reason=reason, by=act['by'], time=act['time'])}"


def _plain(village: str, names: Names) -> str:
    return f"{names[village]} {village}" if names.get(village) else village


def _facts(facts: Sequence[tuple[str, str]], lang: str) -> str:
    """Short facts in one line, each with its label where it has one."""
    heads = [f"<b>{_word(f'line.{label}', lang)}</b> " if label else "" for label, _ in facts]
    parts = [f"<span>{head}{escape(value)}</span>" for head, (_, value) in zip(heads, facts, strict=True)]
    return f'<p class="facts">{"".join(parts)}</p>'


def _hash(label: str, digest: str, lang: str, *, kind: str = "", **fields: object) -> str:
    mark = f"hash {kind}".strip()
    words = escape(_say(f"line.{label}", lang, **fields))
    return f'<p class="{mark}"><b>{words}</b> <code>{_groups(digest, 8)}</code></p>'


def _groups(signs: str, width: int) -> str:
    """Signs in groups that the eye can compare; who copies them gets them in one piece."""
    parts = [signs[start : start + width] for start in range(0, len(signs), width)]
    return "<wbr>".join(f"<span>{escape(part)}</span>" for part in parts)


def _line(words: str) -> str:
    return f"<p>{escape(words)}</p>"


def _word(name: str, lang: str) -> str:
    return escape(_say(name, lang))


def _say(name: str, lang: str, **fields: object) -> str:
    return text(f"draws.record.{name}", lang, **fields)
