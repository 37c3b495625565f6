"""The county's own reasons and classes, as `campaign.toml` names them."""

from collections.abc import Iterator, Mapping
from typing import Any

from sampling.campaign.folder import SETTINGS
from sampling.codes import BUILT_IN, REASONS, Codebook
from sampling.words import LANGUAGES, Problem

Names = Mapping[str, str]


def read_codebook(reasons: Mapping[str, Any]) -> Codebook:
    """The code lists with the section `[reasons]`: by verdict, a code and its words.

    The words are one text for all languages, or one by language: `gambling = { zh = "…", en = "…" }`.
    """
    return Codebook(own={verdict: _reasons(part) for verdict, part in reasons.items() if _table(part)})


def codebook_problems(table: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the sections `[reasons]` and `[standard.classes]`."""
    for verdict, part in _table(table.get("reasons")).items():
        if verdict in REASONS and isinstance(part, dict):
            yield from _reason_problems(verdict, part)
        else:
            known = {"known": ", ".join(REASONS)}
            yield Problem(key="campaign.reasons_verdict", file=SETTINGS, value=verdict, fields=known)
    for name, yuan in _table(_table(table.get("standard")).get("classes")).items():
        if isinstance(yuan, bool) or not isinstance(yuan, int | float) or yuan < 0:
            column, words = f"standard.classes.{name}", {"words": ""}
            key = "campaign.not_number"
            yield Problem(key=key, file=SETTINGS, column=column, value=str(yuan), fields=words)


def _reason_problems(verdict: str, reasons: Mapping[str, Any]) -> Iterator[Problem]:
    for code, words in reasons.items():
        value = f"{verdict}.{code}"
        if not code.isidentifier() or not code.isascii() or code in BUILT_IN.reasons:
            yield Problem(key="campaign.reasons_code", file=SETTINGS, value=value)
        if not _are_words(words):
            yield Problem(key="campaign.reasons_words", file=SETTINGS, value=value)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _reasons(part: Mapping[str, Any]) -> dict[str, Names]:
    return {code: _names(words) for code, words in part.items()}


def _names(words: str | Names) -> Names:
    return dict.fromkeys(LANGUAGES, words) if isinstance(words, str) else words


def _are_words(words: object) -> bool:
    if isinstance(words, str):
        return bool(words.strip())
    return isinstance(words, dict) and set(words) == set(LANGUAGES) and all(map(_are_words, words.values()))
