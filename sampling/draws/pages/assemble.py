"""One offline file from a page's parts: markup, style, words of both languages, the one core of draw-v1."""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path

from sampling.words import LANGUAGES, catalogue

FOLDER = Path(__file__).parent
SCRIPTS = {
    "verify": ("draw-v1", "tables", "redraw", "checks", "result", "unit", "page", "verify"),
    "draw": ("draw-v1", "tables", "page", "draw"),
}
"""The scripts of every page, in the order in which they need each other."""
WORD = re.compile(r'"((?:page|verify|check|act|drawing)\.[a-z_]+)"')
"""A key of the catalogue's room `pages`, as markup and scripts write it."""
DEFAULT = "zh"
POLICY = "default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'"


@cache
def page(name: str) -> str:
    """A whole page as one HTML file that asks for nothing from anywhere.

    Parameters
    ----------
    name
        "verify": checks a draw from its files. "draw": draws the households of one village on arrival.

    Returns
    -------
    str
        The page. Its policy allows no request, and no script or style but those it holds, by their hashes.

    Raises
    ------
    ValueError
        If there is no such page.
    """
    if name not in SCRIPTS:
        raise ValueError(f"name must be one of {', '.join(SCRIPTS)}, got {name!r}")
    markup, style = _part(f"{name}.html"), "\n" + _part("page.css")
    code = "\n".join(_part(f"{script}.js") for script in SCRIPTS[name])
    script = f'\n"use strict";\n(() => {{\nconst WORDS = {_words(markup + code)};\n{code}}})();\n'
    policy = POLICY.format(script=_source(script), style=_source(style))
    for place, content in {
        "<!--policy-->": f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        "<!--style-->": f"<style>{style}</style>",
        "<!--script-->": f"<script>{script}</script>",
        "<!--noscript-->": " ".join(catalogue(lang)["pages.page.noscript"] for lang in LANGUAGES),
    }.items():
        markup = markup.replace(place, content)
    return re.sub(r'(data-text="([a-z_.]+)"[^>]*>)(?=</)', _with_text, markup)


def _part(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _words(source: str) -> str:
    """The words that a page uses, in every language, as a script may hold them."""
    keys = sorted(set(WORD.findall(source)))
    words = {lang: {key: catalogue(lang)[f"pages.{key}"] for key in keys} for lang in LANGUAGES}
    return json.dumps(words, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")


def _with_text(found: re.Match[str]) -> str:
    """What an element says before the script runs."""
    return found[1] + catalogue(DEFAULT)[f"pages.{found[2]}"]


def _source(content: str) -> str:
    """What a policy says to allow this content and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
