"""A document as PDF, by typst; the same content gives the same bytes."""

from pathlib import Path
from typing import Any

from sampling.documents.clean import clean
from sampling.documents.inputs import PREFIX
from sampling.documents.model import Document, part_to_dict
from sampling.forms.printing import compile_page

TEMPLATE = Path(__file__).with_name("document.typ")


def pdf_bytes(document: Document, *, inputs: str = "") -> bytes:
    """The PDF of a document.

    Parameters
    ----------
    document
        What stands in it.
    inputs
        The hash of what it was made from; kept among its keywords.
    """
    content = {
        "title": document.title,
        "lang": document.lang,
        "marks": list(document.marks),
        "inputs": f"{PREFIX}{inputs}" if inputs else "",
        "parts": [part_to_dict(part) for part in document.parts],
    }
    return compile_page(TEMPLATE, _printable(content))


def _printable(value: Any) -> Any:
    """The same with words that can be printed: one line each, no sign that the fonts lack."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: _printable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(part) for part in value]
    return value
