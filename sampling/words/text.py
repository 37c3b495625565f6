"""Words by key and language, and the folding of full-width characters.

A language is a folder of TOML files, one per room of the code: the file `frames.toml` holds the keys
`frames.…`. All languages hold the same keys with the same {fields} (`tests/test_words.py`).
"""

import tomllib
import unicodedata
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = tuple(sorted(path.name for path in FOLDER.iterdir() if (path / "words.toml").exists()))


def text(key: str, lang: str, **fields: object) -> str:
    """The sentence or label `key` in the language `lang`, its {fields} filled in.

    Raises
    ------
    KeyError
        If the catalogue has no such key, or the sentence wants a field that was not given.
    """
    return catalogue(lang)[key].format(**fields)


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All words of one language, by dotted key.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"lang must be one of {', '.join(LANGUAGES)}, got {lang!r}")
    words: dict[str, str] = {}
    for path in sorted((FOLDER / lang).glob("*.toml")):
        words |= _flatten(tomllib.loads(path.read_text(encoding="utf-8")), path.stem)
    return words


def _flatten(table: dict, prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in table.items():
        key = f"{prefix}.{name}"
        flat |= _flatten(value, key) if isinstance(value, dict) else {key: value}
    return flat


def fold(value: str) -> str:
    """A header, amount, count or date in half-width characters, trimmed; never for ids or names.

    >>> fold("　１，２３０．５０ ")
    '1,230.50'
    """
    return unicodedata.normalize("NFKC", value).strip()
