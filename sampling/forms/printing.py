"""Pages by typst: a template, and all that is printed as JSON, so that no name is ever read as markup."""

import datetime
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import pylopdf_fonts_zh_cn
import typst

CREATED = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
"""The date inside each PDF: always the same, so that the same page is the same bytes."""

ONE_AT_A_TIME = Lock()
"""A compiler refuses a second thread while it works."""
KEPT = 10
"""After how many further documents typst forgets what it laid out: without that a county takes gigabytes."""


@cache
def compiler(template: Path) -> typst.Compiler:
    """What makes pages of a template; the fonts are read once, and none of the machine's own is used."""
    folder = Path(pylopdf_fonts_zh_cn.sans_path()).parent
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    return typst.Compiler(template, root=template.parent, font_paths=fonts)


def compile_page(template: Path, content: Mapping[str, Any]) -> bytes:
    """The PDF of a template with this content; the same content gives the same bytes."""
    data = json.dumps(content, ensure_ascii=False, sort_keys=True)
    inputs = {"data": data}
    with ONE_AT_A_TIME:
        # without tags: they are for the eyes of machines, and half of the file
        page = compiler(template).compile(sys_inputs=inputs, format="pdf", timestamp=CREATED, pdf_tags=False)
        _forget()
    assert isinstance(page, bytes)
    return page


def _forget() -> None:
    """Let typst's memory of the last document go: documents of nothing push it out."""
    for _ in range(KEPT):
        _nothing().compile(input=b"", format="pdf")


@cache
def _nothing() -> typst.Compiler:
    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False))
