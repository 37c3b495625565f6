"""A document as DOCX, in the layout of Chinese official documents; the same content gives the same bytes."""

import datetime
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import docx
from docx.document import Document as DocxDocument
from docx.oxml import CT_Inline, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu

from sampling.documents import looks
from sampling.documents.clean import clean
from sampling.documents.docx_tables import grid_xml, is_wide, tiles_xml
from sampling.documents.inputs import PREFIX
from sampling.documents.looks import add_looks, style_id
from sampling.documents.model import Document, Grid, Heading, PageBreak, Paragraph, Picture, Tiles
from sampling.documents.raster import PPI, png_of
from sampling.documents.templates import BODY, filled

CREATED = datetime.datetime(2000, 1, 1)
"""The date inside each file: always the same."""
ZIP_DATE = (2000, 1, 1, 0, 0, 0)
EMU_PER_INCH = 914400


def docx_bytes(document: Document, *, inputs: str = "", template: Path | None = None) -> bytes:
    """The DOCX of a document.

    Parameters
    ----------
    document
        What stands in it.
    inputs
        The hash of what it was made from; kept in the file's properties.
    template
        An office's own DOCX (a red head, say): its fields `title` and `marks` are filled in, and the body
        stands where it says `{{ body }}`, else at its end. None for the layout of GB/T 9704-2012.

    Raises
    ------
    InputError
        If the template cannot be read or filled.
    """
    file, fields = (_plain(document), frozenset()) if template is None else filled(template, document)
    add_looks(file, document.lang)
    elements = list(_elements(file, document, fields))
    _put(file, elements)
    _describe(file, document, inputs)
    return _bytes(file)


def _plain(document: Document) -> DocxDocument:
    """An empty document of the official page, with page numbers."""
    file = docx.Document()
    section = file.sections[0]
    section.page_width, section.page_height = looks.PAGE
    for name, width in looks.MARGINS.items():
        setattr(section, name, width)
    section.footer_distance = looks.MARGINS["bottom_margin"] - looks.NUMBER_BELOW
    footer = section.footer.paragraphs[0]._p
    footer.getparent().replace(footer, parse_xml(_number()))
    return file


def _number() -> str:
    """— 1 —, centred."""
    field = "".join(
        f"<w:r>{_number_look()}{part}</w:r>"
        for part in (
            "<w:t>— </w:t>",
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
            "<w:t> —</w:t>",
        )
    ).replace("<w:t>", '<w:t xml:space="preserve">')
    return f'<w:p {nsdecls("w")}><w:pPr><w:jc w:val="center"/></w:pPr>{field}</w:p>'


def _number_look() -> str:
    size = f'<w:sz w:val="{2 * looks.FOUR}"/><w:szCs w:val="{2 * looks.FOUR}"/>'
    return f'<w:rPr><w:rFonts w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体"/>{size}</w:rPr>'


def _elements(file: DocxDocument, document: Document, fields: frozenset[str]) -> Iterator[Any]:
    """The body, element by element; a wide table stands on a page of its own, turned.

    Marks and title stand above it, unless the template has a field for them.
    """
    if "marks" not in fields:
        yield from (_paragraph(mark, "mark") for mark in document.marks)
    if "title" not in fields:
        yield _paragraph(document.title, "title")
    for part in document.parts:
        wide = isinstance(part, Grid) and is_wide(part)
        if wide:
            yield _section_end(file, turned=False)
        yield from WRITERS[type(part)](part, file)
        if wide:
            yield _section_end(file, turned=True)


def _paragraph(words: str, look: str) -> Any:
    lines = clean(words).split("\n")
    runs = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
    style = f'<w:pPr><w:pStyle w:val="{style_id(look)}"/></w:pPr>'
    return parse_xml(f"<w:p {nsdecls('w')}>{style}<w:r>{runs}</w:r></w:p>")


def _heading(part: Heading, _: DocxDocument) -> Iterator[Any]:
    yield _paragraph(part.words, f"heading{part.level}")


def _words(part: Paragraph, _: DocxDocument) -> Iterator[Any]:
    yield _paragraph(part.words, part.look or "body")


def _grid(part: Grid, _: DocxDocument) -> Iterator[Any]:
    if part.caption:
        yield _paragraph(part.caption, "caption")
    yield parse_xml(grid_xml(part))
    yield _paragraph(part.note, "note")  # a table must not touch the next one: an empty line is enough


def _picture(part: Picture, file: DocxDocument) -> Iterator[Any]:
    pixels = png_of(part.svg)
    name, image = file.part.get_or_add_image(pixels)
    width, height = (size / PPI * EMU_PER_INCH for size in (image.px_width, image.px_height))
    scale = min(1, looks.TEXT_WIDTH / width, looks.TEXT_HEIGHT / height)
    inline = CT_Inline.new_pic_inline(
        file.part.next_id, name, "", Emu(round(scale * width)), Emu(round(scale * height))
    )
    inline.docPr.set("descr", clean(part.words))
    paragraph = _paragraph("", "picture")
    run = paragraph.find(qn("w:r"))
    run.clear()
    drawing = parse_xml(f"<w:drawing {nsdecls('w')}/>")
    drawing.append(inline)
    run.append(drawing)
    yield paragraph


def _tiles(part: Tiles, _: DocxDocument) -> Iterator[Any]:
    yield parse_xml(tiles_xml(part))
    yield _paragraph("", "note")


def _break(_: PageBreak, __: DocxDocument) -> Iterator[Any]:
    yield parse_xml(f'<w:p {nsdecls("w")}><w:r><w:br w:type="page"/></w:r></w:p>')


WRITERS: Mapping[type, Callable[[Any, DocxDocument], Iterator[Any]]] = {
    Heading: _heading,
    Paragraph: _words,
    Grid: _grid,
    Picture: _picture,
    Tiles: _tiles,
    PageBreak: _break,
}


def _section_end(file: DocxDocument, *, turned: bool) -> Any:
    """The paragraph that ends a section of upright, or of turned, pages."""
    last = parse_xml(f"<w:p {nsdecls('w')}><w:pPr/></w:p>")
    page = file.sections[-1]._sectPr.clone()
    if turned:
        size = page.find(qn("w:pgSz"))
        width, height = size.get(qn("w:w")), size.get(qn("w:h"))
        size.set(qn("w:w"), height)
        size.set(qn("w:h"), width)
        size.set(qn("w:orient"), "landscape")
    last.find(qn("w:pPr")).append(page)
    return last


def _put(file: DocxDocument, elements: list[Any]) -> None:
    """Put the body where the template says so, else at the end."""
    place = next((p._p for p in file.paragraphs if BODY in p.text), None)
    if place is None:
        body = file.element.body
        for element in elements:
            body.insert(len(body) - 1, element)  # before the properties of the last section
        return
    for element in elements:
        place.addprevious(element)
    place.getparent().remove(place)


def _describe(file: DocxDocument, document: Document, inputs: str) -> None:
    told = file.core_properties
    told.title, told.author, told.comments, told.last_modified_by = clean(document.title)[:255], "", "", ""
    told.created = told.modified = CREATED
    told.keywords = f"{PREFIX}{inputs}" if inputs else ""
    told.revision = 1


def _bytes(file: DocxDocument) -> bytes:
    """The file with the same dates in its archive each time."""
    first, out = io.BytesIO(), io.BytesIO()
    file.save(first)
    with zipfile.ZipFile(first) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in given.namelist():
            kept.writestr(zipfile.ZipInfo(name, ZIP_DATE), given.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
