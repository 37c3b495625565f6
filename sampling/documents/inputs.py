"""What a finished file says that it was made from: a hash inside of it, read without opening the whole."""

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

from lxml import etree

CORE = "docProps/core.xml"
META = "sampling-inputs"
"""The name of a page's meta element."""
PREFIX = "sampling-inputs:"
"""What stands before the hash among the keywords of a DOCX or XLSX."""
KEYWORDS = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}keywords"
DAMAGED = (
    *(OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError),
)
"""What opening a file with a wrong bit in it can lead to."""
HEAD = 500
"""Signs of a page within which the hash stands."""


def inputs_of(path: Path) -> str:
    """The hash that a finished .docx, .xlsx or .html holds; empty where there is none."""
    read = READERS.get(path.suffix)
    if read is None or not path.exists():
        return ""
    try:
        return read(path)
    except DAMAGED:
        return ""  # a damaged file was made from nothing that is known


def _of_page(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        found = re.search(rf'<meta name="{META}" content="([^"]*)"', file.read(HEAD))
    return found[1] if found else ""


def _of_office_file(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        words = etree.fromstring(archive.read(CORE)).findtext(KEYWORDS) or ""
    return words.removeprefix(PREFIX) if words.startswith(PREFIX) else ""


READERS: Mapping[str, Callable[[Path], str]] = {
    ".html": _of_page,
    ".docx": _of_office_file,
    ".xlsx": _of_office_file,
}
