"""DOCX, PDF and XLSX: the same bytes each time, the official page, harmless words, what LibreOffice opens."""

import io
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from documents_sample import HOSTILE, book, document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from sampling.documents.docx import docx_bytes
from sampling.documents.figures import differences
from sampling.documents.inputs import inputs_of
from sampling.documents.model import Document, Grid, part_from_dict, part_to_dict
from sampling.documents.pdf import pdf_bytes
from sampling.documents.xlsx import xlsx_bytes
from sampling.words import LANGUAGES, InputError

WRITER = Path("/usr/lib/libreoffice/program/libswlo.so")
OFFICE = shutil.which("soffice") if WRITER.exists() or sys.platform != "linux" else None
needs_office = pytest.mark.skipif(
    OFFICE is None and not os.environ.get("CI"), reason="LibreOffice is not installed: DOCX not opened"
)
HASH = "ab" * 32


def opened(data: bytes):
    return docx.Document(io.BytesIO(data))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_content_gives_the_same_bytes_and_other_content_others(lang):
    for write, content in (
        (docx_bytes, document(lang)),
        (pdf_bytes, document(lang)),
        (xlsx_bytes, book(lang)),
    ):
        assert write(content) == write(content) != write(replace(content, title="x"))


def test_the_page_is_that_of_official_documents():
    section = opened(docx_bytes(document())).sections[0]
    left, right = section.left_margin, section.right_margin
    sizes = {
        section.page_width: 210,
        section.page_height: 297,
        section.top_margin: 37,
        left: 28,
        section.page_width - left - right: 156,
        section.page_height - section.top_margin - section.bottom_margin: 225,
    }
    assert all(abs(size - Mm(millimetres)) < Pt(0.1) for size, millimetres in sizes.items())
    assert "PAGE" in section.footer.paragraphs[0]._p.xml


def test_titles_headings_and_body_have_their_fonts_and_sizes():
    file = opened(docx_bytes(document()))
    looks = {p.text: p.style for p in file.paragraphs}
    for words, font, size in (
        ("城乡低保核查工作总结", "方正小标宋简体", 22),
        ("一、查实情况", "黑体", 16),
        ("（一）二级", "楷体_GB2312", 16),
        ("应入户3,240户，已入户2,993户。", "仿宋_GB2312", 16),
    ):
        style = looks[words].element
        assert style.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia")) == font
        assert style.find(f".//{qn('w:sz')}").get(qn("w:val")) == str(2 * size)
    body = looks["应入户3,240户，已入户2,993户。"].element
    assert body.find(f".//{qn('w:ind')}").get(qn("w:firstLineChars")) == "200"


def test_a_long_table_repeats_its_head_and_a_wide_one_lies_on_a_turned_page():
    file = opened(docx_bytes(document()))
    tables = [table for table in file.tables if len(table.columns) > 2]
    assert all(table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None for table in tables)
    assert all(row._tr.find(f".//{qn('w:cantSplit')}") is not None for table in tables for row in table.rows)
    assert [section.page_width > section.page_height for section in file.sections] == [False, True, False]


def test_a_picture_is_told_in_words_and_fits_the_page():
    (shape,) = opened(docx_bytes(document())).inline_shapes
    assert shape._inline.docPr.get("descr").startswith("图：") and shape.width <= Mm(156)


def test_hostile_words_are_words_in_every_format():
    plain = HOSTILE[:27]
    assert plain in "".join(p.text for p in opened(docx_bytes(document())).paragraphs)
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf_bytes(document()))).pages)
    assert "<script>alert" in told and "{{ title }}" in told and "#strong[x]" in told
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_bytes(book()))).get_sheet_by_index(0).to_python()
    cells = [cell for row in sheet for cell in row]
    assert any(str(cell).startswith(plain) for cell in cells) and "＝1+1" in cells
    assert "0371" in cells and "999999199002010007" in cells  # ids stay text


def test_what_a_file_was_made_from_is_read_back(tmp_path):
    for name, data in (
        ("a.docx", docx_bytes(document(), inputs=HASH)),
        ("a.xlsx", xlsx_bytes(book(), inputs=HASH)),
    ):
        (tmp_path / name).write_bytes(data)
        assert inputs_of(tmp_path / name) == HASH
        (tmp_path / name).write_bytes(data[:300])
        assert inputs_of(tmp_path / name) == ""
        place = data.index(b"docProps/core.xml") + 40
        for bit in range(8):
            flipped = bytes([data[place] ^ (1 << bit)])
            (tmp_path / name).write_bytes(data[:place] + flipped + data[place + 1 :])
            assert inputs_of(tmp_path / name) in ("", HASH)
    assert inputs_of(tmp_path / "none.docx") == "" and inputs_of(tmp_path) == ""


def test_nobody_stands_in_the_properties():
    told = opened(docx_bytes(document())).core_properties
    assert (told.author, told.last_modified_by, told.comments) == ("", "", "")
    assert told.title == "城乡低保核查工作总结"


def test_an_office_s_own_template_is_filled_and_keeps_its_head(tmp_path):
    own = docx.Document()
    own.add_paragraph("示范县民政局文件")
    own.add_paragraph("{{ title }} {{ marks }}")
    own.add_paragraph("{{ body }}")
    own.add_paragraph("抄送：县财政局")
    own.save(tmp_path / "head.docx")
    words = [p.text for p in opened(docx_bytes(document(), template=tmp_path / "head.docx")).paragraphs]
    assert words[0] == "示范县民政局文件" and words[1].startswith("城乡低保核查工作总结")
    assert words[-1] == "抄送：县财政局" and "一、查实情况" in words and not any("body" in w for w in words)


def test_a_template_without_fields_loses_neither_marks_nor_title(tmp_path):
    own = docx.Document()
    own.add_paragraph("示民发〔2026〕12号")
    own.save(tmp_path / "head.docx")
    data = docx_bytes(document(), template=tmp_path / "head.docx")
    words = [p.text for p in opened(data).paragraphs]
    assert words[0] == "示民发〔2026〕12号" and set(document().marks) <= set(words)
    assert document().title in words
    head = (tmp_path / "head.docx").read_bytes()
    assert differences(document(), data, ".docx", letterhead=head) == []
    assert differences(document(), data, ".docx") != []


def test_a_template_cannot_reach_into_the_program(tmp_path):
    own = docx.Document()
    own.add_paragraph("{{ ''.__class__.__mro__ }}")
    own.save(tmp_path / "head.docx")
    with pytest.raises(InputError):
        docx_bytes(document(), template=tmp_path / "head.docx")


@pytest.mark.parametrize("content", [b"no docx", b""])
def test_a_template_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "head.docx").write_bytes(content)
    with pytest.raises(InputError) as refused:
        docx_bytes(document(), template=tmp_path / "head.docx")
    assert refused.value.problems[0].key == "documents.bad_template"


def test_a_template_with_an_unknown_field_is_refused(tmp_path):
    own = docx.Document()
    own.add_paragraph("{{ somebody }}")
    own.save(tmp_path / "head.docx")
    with pytest.raises(InputError):
        docx_bytes(document(), template=tmp_path / "head.docx")


def test_parts_are_the_same_after_json():
    for part in document().parts:
        assert part_from_dict(part_to_dict(part)) == part


@needs_office
@pytest.mark.parametrize("lang", LANGUAGES)
def test_libreoffice_opens_the_docx_and_keeps_every_word(lang, tmp_path):
    (tmp_path / "a.docx").write_bytes(docx_bytes(document(lang)))
    command = [str(OFFICE), "--headless", f"-env:UserInstallation=file://{tmp_path / 'profile'}"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "a.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    told = "".join(page.extract_text() for page in PdfReader(tmp_path / "a.pdf").pages)
    flat = re.sub(r"\s", "", told)
    assert "3,240" in flat and "1,835.00" in flat and "各镇查实情况" in flat


def test_a_table_of_thousands_of_rows_is_written_in_one_go():
    rows = tuple((str(place), f"户主-{place:07}", "338.00") for place in range(3000))
    content = Document(
        title="公示", lang="zh", tier="public", parts=(Grid(caption="", columns=("a", "b", "c"), rows=rows),)
    )
    began = time.process_time()
    assert len(opened(docx_bytes(content)).tables[0]._tbl.tr_lst) == 3001
    assert time.process_time() - began < 60 and Path(__file__).exists()  # cell by cell it takes minutes
