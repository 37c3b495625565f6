"""The catalogues: alike in every language, complete for the code, and without a word too many."""

import ast
import json
import re
from pathlib import Path
from string import Formatter

import pytest

from sampling.words import LANGUAGES, catalogue

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "sampling").rglob("*.py"))
KEYS = set(catalogue("en"))
ROOMS = "|".join(sorted({key.split(".")[0] for key in KEYS}))
KEY = re.compile(rf"(?:{ROOMS})(?:\.[A-Za-z0-9_]+)+")
FILE_ENDINGS = ("csv", "json", "jsonl", "toml", "html", "xlsx", "parquet", "sqlite", "py", "css", "typ")
SETTINGS = {"campaign.id"}
"""Names in campaign.toml that look like keys."""
ONLY_IN_FILES = ("draws.column.", "draws.role.")
"""Words for what stands in the published tables, which no page shows yet."""
CHINESE = re.compile(r"[\u3400-\u9fff]")

CHINESE_IN_CODE = (
    "sampling/frames/headers.py",  # the headers, totals, yes and no, units of real rolls
    "sampling/frames/gather.py",
    "sampling/frames/members.py",
    "sampling/frames/values.py",
    "sampling/findings/answers.py",  # how money and dates are written into forms
    "sampling/frames/county/",  # names of invented places and people, and their office's headers
    "sampling/demo/pen.py",  # "3人": an invented slip of the pen
    "sampling/draws/verify.py",  # stands alone and speaks both languages
    "sampling/reports/pictures.py",  # a character to measure
    "sampling/campaign/hotlines.py",  # the headers of real lists
    "sampling/documents/leaks.py",
    "sampling/documents/looks.py",  # names of fonts
    "sampling/documents/docx.py",
)


def trees() -> list[ast.AST]:
    """The code of the package and of the notebooks."""
    cells = [
        "".join(cell["source"])
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    return [ast.parse(text) for text in [*(p.read_text(encoding="utf-8") for p in SOURCES), *cells]]


def literals(tree: ast.AST) -> list[ast.Constant]:
    """The text in a piece of code, without docstrings and the parts of f-strings."""
    apart = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    apart |= {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in apart]
    return [node for node in nodes if isinstance(node.value, str)]


def asked_for() -> set[str]:
    """Every piece of text in the code that has the form of a key."""
    texts = {node.value for tree in trees() for node in literals(tree)}
    return {t for t in texts if KEY.fullmatch(t) and t.rsplit(".", 1)[1] not in FILE_ENDINGS}


def patterns() -> list[re.Pattern]:
    """The keys that f-strings make, such as f"codes.verdict.{verdict}", as patterns."""
    joined = [n.values for tree in trees() for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)]
    made = ["".join(map(pattern, parts)) for parts in joined]
    return [re.compile(text) for text in made if re.match(rf"(?:{ROOMS})\\\.", text)]


def pattern(part: ast.expr) -> str:
    """A part of an f-string as a pattern: a value may be any word."""
    return re.escape(part.value) if isinstance(part, ast.Constant) else "[A-Za-z0-9_.]+"


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_language_has_the_keys_and_fields_of_english(lang):
    words, english = catalogue(lang), catalogue("en")
    assert sorted(words.keys() ^ english.keys()) == []
    assert [key for key in english if fields(words[key]) != fields(english[key])] == []


def test_every_problem_says_what_is_wrong_and_what_to_do():
    problems = {key.removesuffix(".problem") for key in KEYS if key.endswith(".problem")}
    remedies = {key.removesuffix(".remedy") for key in KEYS if key.endswith(".remedy")}
    assert sorted(problems ^ remedies) == []


def test_every_key_that_the_code_names_is_in_the_catalogues():
    tables = {key.rsplit(".", n)[0] for key in KEYS for n in (1, 2, 3)}
    assert sorted(asked_for() - KEYS - tables - SETTINGS) == []


def test_every_key_in_the_catalogues_is_named_by_the_code():
    named, made = asked_for(), patterns()
    unused = [
        key
        for key in KEYS
        if not key.startswith(ONLY_IN_FILES)
        for plain in [re.sub(r"\.(problem|remedy)$", "", key)]
        if not {key, plain} & named and not any(p.fullmatch(key) or p.fullmatch(plain) for p in made)
    ]
    assert sorted(unused) == []


def test_chinese_stands_in_the_catalogues_not_in_the_code():
    found = {}
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        texts = [node.value for node in literals(ast.parse(path.read_text(encoding="utf-8")))]
        if not name.startswith(CHINESE_IN_CODE):
            found[name] = [text for text in texts if CHINESE.search(text)]
    assert {name: texts for name, texts in found.items() if texts} == {}
