"""Parts of a page: what a notebook cell shows, and the one self-contained page that a reader opens."""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape as escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure

from sampling.documents.model import (
    Grid,
    Heading,
    Paragraph,
    Part,
    Picture,
    Tiles,
    part_from_dict,
    part_to_dict,
)
from sampling.reports.canvas import house_style

if TYPE_CHECKING:
    from nbformat import NotebookNode  # a second to import, and a notebook never needs it

PART = "application/vnd.sampling.part+json"
"""What a cell shows, beside its HTML, as parts of a document: PDF and checks are made from them."""
CSS = Path(__file__).with_name("house.css")
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a page; a notebook shows its HTML, a terminal its text, a document its parts."""

    html: str
    plain: str = ""
    parts: tuple[Part, ...] = ()

    def __repr__(self) -> str:
        return self.plain

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle(self.parts)


def bundle(parts: Iterable[Part]) -> dict[str, Any]:
    """Parts of a document as a cell's output carries them."""
    return {PART: [part_to_dict(part) for part in parts]}


def parts_of(notebook: "NotebookNode") -> tuple[Part, ...]:
    """What the cells of a finished notebook show, as parts of a document."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    shown = (output["data"].get(PART, []) for output in outputs if "data" in output)
    return tuple(part_from_dict(part) for parts in shown for part in parts)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table for reading: labelled columns, cells as the reader sees them; `numeric` ones stand right."""

    caption: str
    frame: pd.DataFrame
    numeric: Sequence[str] = ()
    note: str = ""
    total: bool = field(default=False)
    """Whether the last row is a sum."""

    def to_table(self) -> pd.DataFrame:
        """The table itself."""
        return self.frame

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.frame.to_string(index=False)}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return bundle([self.grid])

    @property
    def grid(self) -> Grid:
        """The table as a part of a document."""
        columns = tuple(map(str, self.frame.columns))
        return Grid(
            caption=self.caption,
            columns=columns,
            rows=tuple(tuple(map(str, row)) for row in self.frame.itertuples(index=False, name=None)),
            numeric=tuple(place for place, name in enumerate(columns) if name in self.numeric),
            note=self.note,
            total=self.total,
        )

    def _repr_html_(self) -> str:
        marks = ["num" if name in self.numeric else "" for name in self.frame.columns]
        head = "".join(_cell("th", name, mark) for name, mark in zip(self.frame.columns, marks, strict=True))
        last = len(self.frame) - 1 if self.total else -1
        rows = [
            _row(values, marks, total=number == last) for number, values in enumerate(self.frame.to_numpy())
        ]
        note = f'<p class="note">{escape(self.note)}</p>' if self.note else ""
        return (
            f'<div class="table"><table><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{note}"
        )


def _row(values: Iterable[object], marks: Sequence[str], *, total: bool) -> str:
    cells = "".join(_cell("td", value, mark) for value, mark in zip(values, marks, strict=True))
    return f'<tr class="total">{cells}</tr>' if total else f"<tr>{cells}</tr>"


def _cell(tag: str, value: object, mark: str) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    kind = f' class="{mark}"' if mark else ""
    return f"<{tag}{scope}{kind}>{escape(str(value))}</{tag}>"


def section(title: str, sentences: Iterable[str], *, kind: str = "") -> Block:
    """A heading with its sentences; `kind` is "found" or "estimated" where the two must stay apart."""
    lines = [line for line in sentences if line]
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    mark = f' class="{kind}"' if kind else ""
    return Block(
        html=f"<section{mark}><h2>{escape(title)}</h2>{paragraphs}</section>",
        plain="\n".join([title, *lines]),
        parts=(Heading(words=title), *(Paragraph(words=line, look=kind) for line in lines)),
    )


def tiles(figures: Iterable[tuple[str, str, str, str]]) -> Block:
    """The few figures that a reader takes along: (kind, value, what it is, how sure it is) each."""
    shown = tuple(figures)
    boxes = [
        f'<div class="tile {kind}"><b>{escape(value)}</b><span>{escape(label)}</span>'
        f"<small>{escape(note)}</small></div>"
        for kind, value, label, note in shown
    ]
    return Block(html=f'<div class="tiles">{"".join(boxes)}</div>', parts=(Tiles(tiles=shown),))


def paragraph(words: str) -> Block:
    """A plain paragraph."""
    return Block(html=f"<p>{escape(words)}</p>", plain=words, parts=(Paragraph(words=words),))


def folded(summary: str, part: Block | Table) -> Block:
    """A part that a reader opens by a click on its summary."""
    inside = (part.grid,) if isinstance(part, Table) else part.parts
    return Block(
        html=f"<details><summary>{escape(summary)}</summary>{part._repr_html_()}</details>",
        plain=repr(part),
        parts=inside,
    )


def picture(figure: Figure) -> Block:
    """A chart as a picture inside the page; the figure's label is its alternative text."""
    alternative = str(figure.get_label())
    svg = svg_bytes(figure)
    data = base64.b64encode(svg).decode("ascii")
    image = f'<img alt="{escape(alternative)}" src="data:image/svg+xml;base64,{data}">'
    return Block(
        html=f'<figure class="chart">{image}</figure>',
        plain=alternative,
        parts=(Picture(svg=svg.decode("utf-8"), words=alternative),),
    )


def svg_bytes(figure: Figure) -> bytes:
    """A chart as SVG that needs no font; the same figures give the same bytes."""
    out = io.BytesIO()
    with house_style():
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def page(body: str, *, title: str, lang: str, inputs: str = "") -> str:
    """One whole page: style inside, nothing from outside; `inputs` is the hash of what it was made from."""
    mark = f'<meta name="{INPUTS}" content="{escape(inputs)}">\n' if inputs else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE_TAGS.get(lang, lang)}">\n'
        f'<head>\n<meta charset="utf-8">\n{mark}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>\n{CSS.read_text(encoding='utf-8')}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


INPUTS = "sampling-inputs"


def inputs_of(path: Path) -> str:
    """The hash that a finished page says it was made from; empty where there is no such page."""
    if not path.exists():
        return ""
    with path.open(encoding="utf-8") as file:
        head = file.read(500)
    return head.partition(f'<meta name="{INPUTS}" content="')[2].partition('"')[0]


def notebook_page(notebook: "NotebookNode", *, title: str, lang: str, inputs: str) -> str:
    """A finished notebook as a page: what its cells show, without code and notes to its editor."""
    from nbconvert import HTMLExporter  # half a second, needed only here

    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_markdown=True,
        exclude_output_prompt=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    return page(body, title=title, lang=lang, inputs=inputs)
