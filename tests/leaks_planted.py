"""Files with a person in them, each in another place."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import docx
import pylopdf_fonts_zh_cn
import typst
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from xlsxwriter import Workbook

from sampling.documents.raster import png_of

NAME, IDENTITY, ACCOUNT, PHONE = "欧阳青禾", "99999919900201000T", "0000000000004711", "000-0004711"


def _page(inside: str) -> bytes:
    return f"<!DOCTYPE html><html><head><title>a</title></head><body>{inside}</body></html>".encode()


def _docx(change: Callable) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    change(document)
    document.save(out)
    return out.getvalue()


def _split(document) -> None:
    paragraph = document.add_paragraph("户主：")
    for part in (NAME[:1], NAME[1:3], NAME[3:]):
        paragraph.add_run(part)


def _xml(text: str, document) -> None:
    document.add_paragraph()._p.append(parse_xml(text))


def _alt(document) -> None:
    document.add_picture(png_of(SVG.format("")))
    document.inline_shapes[0]._inline.docPr.set("descr", f"照片：{NAME}")


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><metadata>{}</metadata></svg>'


def _xlsx(change: Callable) -> bytes:
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        change(book, book.add_worksheet("a"))
    return out.getvalue()


def _hidden(book, sheet) -> None:
    other = book.add_worksheet("b")
    other.write_string(0, 0, IDENTITY)
    other.very_hidden()


def _rich(book, sheet) -> None:
    bold = book.add_format({"bold": True})
    sheet.write_rich_string(0, 0, NAME[:2], bold, NAME[2:])


def _properties(book, sheet) -> None:
    book.set_properties({"author": NAME, "created": datetime(2000, 1, 1)})


def _custom(book, sheet) -> None:
    book.set_custom_property("informant", PHONE)


def _pdf(words: str, title: str = "a") -> bytes:
    source = '#set document(title: sys.inputs.title)\n#set text(font: "Noto Sans SC")\n#sys.inputs.words'
    folder = Path(pylopdf_fonts_zh_cn.sans_path()).parent
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    inputs = {"words": words, "title": title}
    return typst.compile(source.encode(), format="pdf", sys_inputs=inputs, font_paths=fonts)


def _pdf_with(change: Callable[[PdfWriter], object]) -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(_pdf("a")))), io.BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


def _png(kind: bytes, body: bytes) -> bytes:
    plain = png_of(SVG.format("")).getvalue()
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return plain[:33] + chunk + plain[33:]


def _zip(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def _notebook(**cells: object) -> bytes:
    return json.dumps({"cells": [cells], "metadata": {}, "nbformat": 4}).encode()


_w = nsdecls("w")
PLANTED: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "text of a page": ("name", "a.html", lambda: _page(f"<p>{NAME}</p>")),
    "text cut by tags": ("name", "a.html", lambda: _page(f"<p>{NAME[:2]}<b>{NAME[2:]}</b></p>")),
    "attribute": ("phone", "a.html", lambda: _page(f'<img alt="{PHONE}">')),
    "comment of a page": ("account", "a.html", lambda: _page(f"<!-- {ACCOUNT} -->")),
    "script": ("identity", "a.html", lambda: _page(f'<script>let a = "{IDENTITY}"</script>')),
    "entities": ("name", "a.html", lambda: _page("".join(f"&#{ord(c)};" for c in NAME))),
    "picture in a page": (
        "name", "a.html",
        lambda: _page('<img src="data:image/svg+xml;base64,'
                      + base64.b64encode(SVG.format(NAME).encode()).decode() + '">'),
    ),
    "full width digits": ("identity", "a.html", lambda: _page("９９９９９９１９９００２０１０００Ｔ")),
    "digits in groups": ("identity", "a.html", lambda: _page("999999 19900201 000T")),
    "signs that nobody sees": ("name", "a.html", lambda: _page("\u200b".join(NAME))),
    "mobile of anybody": ("phone", "a.html", lambda: _page("电话13912345678")),
    "identity number of anybody": ("identity", "a.html", lambda: _page("11010519491231002X")),
    "account of anybody": ("account", "a.csv", lambda: b"a,6222021234567890123\n"),
    "cell of a CSV": ("name", "a.csv", lambda: f"户主\n{NAME}\n".encode("utf-8-sig")),
    "CSV in GB18030": ("name", "a.csv", lambda: f"户主\n{NAME}\n".encode("gb18030")),
    "key of a JSON": ("name", "a.json", lambda: json.dumps({NAME: 1}).encode()),
    "number of a JSON": ("identity", "a.json", lambda: b'{"a": 110105194912310003}'),
    "parameter of a notebook": (
        "account", "a.ipynb",
        lambda: _notebook(source=["unit = 1\n", f'account = "{ACCOUNT}"'], cell_type="code"),
    ),
    "metadata of a notebook": (
        "name", "a.ipynb", lambda: _notebook(metadata={"papermill": {"parameters": {"a": NAME}}})
    ),
    "folded line of a calendar": (
        "name", "a.ics", lambda: f"SUMMARY:{NAME[:2]}\r\n {NAME[2:]}\r\n".encode()
    ),
    "runs of a DOCX": ("name", "a.docx", lambda: _docx(_split)),
    "deleted text of a DOCX": (
        "identity", "a.docx",
        lambda: _docx(lambda d: _xml(f"<w:del {_w} w:id='1' w:author='a'><w:r>"
                                     f"<w:delText>{IDENTITY}</w:delText></w:r></w:del>", d)),
    ),
    "hidden text of a DOCX": (
        "phone", "a.docx",
        lambda: _docx(lambda d: _xml(f"<w:r {_w}><w:rPr><w:vanish/></w:rPr><w:t>{PHONE}</w:t></w:r>", d)),
    ),
    "header of a DOCX": (
        "name", "a.docx", lambda: _docx(lambda d: d.sections[0].header.paragraphs[0].add_run(NAME))
    ),
    "author of a DOCX": (
        "name", "a.docx", lambda: _docx(lambda d: setattr(d.core_properties, "author", NAME))
    ),
    "what is said of a DOCX's picture": ("name", "a.docx", lambda: _docx(_alt)),
    "comment of a DOCX": (
        "name", "a.docx", lambda: _docx(lambda d: d.add_comment(d.add_paragraph().add_run("a"), text=NAME))
    ),
    "very hidden sheet": ("identity", "a.xlsx", lambda: _xlsx(_hidden)),
    "rich text of a cell": ("name", "a.xlsx", lambda: _xlsx(_rich)),
    "number of a cell": (
        "account", "a.xlsx", lambda: _xlsx(lambda _, sheet: sheet.write_number(0, 0, 622202123456789012))
    ),
    "comment of a cell": ("name", "a.xlsx", lambda: _xlsx(lambda _, s: s.write_comment(0, 0, NAME))),
    "name of a sheet": ("name", "a.xlsx", lambda: _xlsx(lambda book, _: book.add_worksheet(NAME))),
    "defined name": (
        "account", "a.xlsx", lambda: _xlsx(lambda book, _: book.define_name("x", f'="{ACCOUNT}"'))
    ),
    "footer of a sheet": ("name", "a.xlsx", lambda: _xlsx(lambda _, s: s.set_footer(f"&C{NAME}"))),
    "rule of a cell": (
        "name", "a.xlsx",
        lambda: _xlsx(lambda _, s: s.data_validation(0, 0, 0, 0, {"validate": "list", "source": [NAME]})),
    ),
    "properties of a workbook": ("name", "a.xlsx", lambda: _xlsx(_properties)),
    "own property of a workbook": ("phone", "a.xlsx", lambda: _xlsx(_custom)),
    "page of a PDF": ("name", "a.pdf", lambda: _pdf(NAME)),
    "title of a PDF": ("name", "a.pdf", lambda: _pdf("a", title=NAME)),
    "packed stream of a PDF": (
        "identity", "a.pdf",
        lambda: _pdf_with(lambda w: w.add_attachment("a.txt", IDENTITY.encode())),
    ),
    "note on a page of a PDF": (
        "phone", "a.pdf",
        lambda: _pdf_with(lambda w: w.add_annotation(0, FreeText(text=PHONE, rect=(9, 9, 99, 99)))),
    ),
    "author of a PDF": ("name", "a.pdf", lambda: _pdf_with(lambda w: w.add_metadata({"/Author": NAME}))),
    "words of a PNG": ("name", "a.png", lambda: _png(b"iTXt", b"a\0\0\0\0\0" + NAME.encode())),
    "packed words of a PNG": (
        "account", "a.png", lambda: _png(b"zTXt", b"a\0\0" + zlib.compress(ACCOUNT.encode()))
    ),
    "comment of a JPEG": (
        "phone", "a.jpg", lambda: b"\xff\xd8\xff\xfe\x00\x0f" + PHONE.encode() + b"\xff\xda\x00"
    ),
    "file in a ZIP in a ZIP": ("name", "a.zip", lambda: _zip("b.zip", _zip("c.txt", NAME.encode()))),
    "name of a file in a ZIP": ("name", "a.zip", lambda: _zip(f"{NAME}.txt", b"a")),
    "name of the file": ("name", f"{NAME}.txt", lambda: b"a"),
    "number in the name of the file": ("identity", f"a_{IDENTITY}.txt", lambda: b"a"),
    "percent signs": ("name", "a.txt", lambda: b"%E6%AC%A7%E9%98%B3%E9%9D%92%E7%A6%BE"),
}  # fmt: skip
"""By place: the kind of leak, the file's name, and what makes the file."""
