"""What a cell shows is the same in HTML and as parts of a document."""

import html
import json
import re
from pathlib import Path

import nbformat
from reports_stand_in import StandIn

from sampling.documents.model import Grid, Heading, Paragraph, Picture, Tiles, part_from_dict
from sampling.reports import pictures, prose, tables
from sampling.reports.data import ReportData
from sampling.reports.html import PART, folded, parts_of
from sampling.reports.report import report_on


def shown() -> list:
    report = report_on(ReportData(campaign=StandIn(Path())), "60_report_town", unit="02", lang="en")
    town = tables.villages(report)
    parts = [prose.key_figures(report), prose.found(report), prose.estimates(report), town]
    return [*parts, folded("more", town), pictures.forest(report)]


def words_of(part) -> list[str]:
    match part:
        case Heading(words=words) | Paragraph(words=words) | Picture(words=words):
            return [words]
        case Grid():
            return [part.caption, *part.columns, *(cell for row in part.rows for cell in row)]
        case Tiles():
            return [word for _, *words in part.tiles for word in words]
    return []


def test_every_word_of_the_parts_stands_in_the_html_and_the_other_way_round():
    for block in shown():
        parts = [part_from_dict(values) for values in block._repr_mimebundle_()[PART]]
        words = [word for part in parts for word in words_of(part) if word]
        page = html.unescape(re.sub(r'<img alt="([^"]*)"[^>]*>', r"\1", block._repr_html_()))
        assert words and all(word in page for word in words)
        text = re.sub(r"<[^>]*>", " ", page)
        assert sorted(re.findall(r"\d[\d,.]*", text)) == sorted(re.findall(r"\d[\d,.]*", " ".join(words)))


def test_parts_survive_a_notebook_file():
    outputs = [
        nbformat.v4.new_output("display_data", {PART: block._repr_mimebundle_()[PART], "text/html": "x"})
        for block in shown()
    ]
    cell = nbformat.v4.new_code_cell(outputs=outputs)
    notebook = nbformat.reads(json.dumps(nbformat.v4.new_notebook(cells=[cell])), as_version=4)
    found = parts_of(notebook)
    assert [type(part) for part in found[:2]] == [Tiles, Heading]
    assert found[-1].svg.startswith("<?xml") and found[-1].words
    assert found[0] == shown()[0].parts[0]
