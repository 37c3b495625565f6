"""Locked files: they open with their code, not without it, and show nothing before."""

import io
import re

import msoffcrypto
import pytest
from msoffcrypto.exceptions import InvalidKeyError
from pypdf import PdfReader
from xlsxwriter import Workbook

from sampling.forms.locking import ALPHABET, lock_pdf, lock_workbook, new_code
from sampling.forms.printing import compile_page

SECRET = "样村07 户主-0000017"


def workbook() -> bytes:
    out = io.BytesIO()
    with Workbook(out) as book:
        book.add_worksheet("样村07").write_string(0, 0, SECRET)
    return out.getvalue()


def page(folder) -> bytes:
    template = folder / "page.typ"
    template.write_text("#let data = json(bytes(sys.inputs.data))\n#data.said", encoding="utf-8")
    return compile_page(template, {"said": SECRET})


def test_a_code_has_a_hundred_bits_in_groups_that_can_be_read_out():
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200 and len(ALPHABET) == 32 == len(set(ALPHABET))
    assert all(re.fullmatch(rf"([{ALPHABET}]{{4}}-){{4}}[{ALPHABET}]{{4}}", code) for code in codes)


def test_a_locked_workbook_opens_with_its_code_only_and_comes_back_whole():
    plain, code = workbook(), new_code()
    locked = lock_workbook(plain, code)
    assert SECRET.encode() not in locked and "样村".encode() not in locked and locked[:4] != b"PK\x03\x04"
    file = msoffcrypto.OfficeFile(io.BytesIO(locked))
    assert file.is_encrypted()
    with pytest.raises(InvalidKeyError):
        other = msoffcrypto.OfficeFile(io.BytesIO(locked))
        other.load_key(password=new_code(), verify_password=True)
    file.load_key(password=code, verify_password=True)
    out = io.BytesIO()
    file.decrypt(out)
    assert out.getvalue() == plain


def test_a_locked_pdf_opens_with_its_code_only_and_says_nothing_of_itself(tmp_path):
    code, sheet = new_code(), page(tmp_path)
    locked = lock_pdf(sheet, sheet, code=code)
    reader = PdfReader(io.BytesIO(locked))
    assert reader.is_encrypted and not reader.decrypt(new_code()) and not reader.decrypt("")
    assert reader.decrypt(code) and len(reader.pages) == 2
    assert "0000017" in reader.pages[1].extract_text()
    assert b"/AESV3" in locked and b"/Title" not in locked and b"0000017" not in locked
