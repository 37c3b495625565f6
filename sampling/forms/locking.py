"""Files that open with a code only: workbooks and PDFs, in the ways that office programs know themselves."""

import io
import secrets

from msoffcrypto.format.ooxml import OOXMLFile
from pypdf import PdfReader, PdfWriter

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for another or for a digit."""
GROUPS, LETTERS = 5, 4
"""5 × 4 letters of 5 bits: 100 bits."""


def new_code() -> str:
    """A code that nobody can guess, in groups that can be read out.

    >>> len(new_code())
    24
    """
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))


def lock_workbook(data: bytes, code: str) -> bytes:
    """An XLSX that Excel, WPS and LibreOffice ask the code for: ECMA-376 agile encryption, AES-256."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(code, out)
    return out.getvalue()


def lock_pdf(*parts: bytes, code: str) -> bytes:
    """One PDF of several that readers ask the code for: AES-256, with no title and no author in it."""
    writer = PdfWriter()
    for part in parts:
        writer.append(PdfReader(io.BytesIO(part)))
    writer.metadata = None
    writer.encrypt(user_password=code, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
