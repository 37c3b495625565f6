"""Every text inside a file: what a reader sees, and what only a program does."""

import base64
import binascii
import html
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from lxml import etree
from pypdf import PdfReader
from pypdf.generic import StreamObject


class Text(NamedTuple):
    """A text and where in the file it stands; `coded` where numbers can be codes of letters."""

    place: str
    words: str
    coded: bool = False


DATA_URI = re.compile(r"data:([\w/+.-]*)((?:;[\w=-]+)*),([\w%+/=.~!*'()-]*)")
CONTAINERS = ("p", "si", "is", "text", "li", "td", "th", "span", "title", "desc")
"""Elements whose text belongs together, however it is cut into runs."""
PNG, JPEG, ZIP, PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"PK\x03\x04", b"%PDF"
DEEPEST = 6
"""Files inside of files beyond this depth are not looked into, and that is said."""


class UnreadableError(Exception):
    """A file, or a part of one, that cannot be looked into."""


def texts_in(name: str, data: bytes, depth: int = 0) -> Iterator[Text]:
    """All texts of a file and of the files inside of it.

    Parameters
    ----------
    name
        Its name; looked at too.
    data
        Its bytes; what it is they say themselves, not the name.

    Raises
    ------
    UnreadableError
        If it is damaged, encrypted, or packed too often.
    """
    if depth > DEEPEST:
        raise UnreadableError(name)
    yield Text(f"{name}: name", name)
    try:
        yield from _opener(name, data)(name, data, depth)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, struct.error) as error:
        raise UnreadableError(name) from error


def _opener(name: str, data: bytes) -> "Callable[[str, bytes, int], Iterator[Text]]":
    for magic, opener in MAGIC.items():
        if data.startswith(magic):
            return opener
    suffix = name.rpartition(".")[2].lower()
    return SUFFIXES.get(suffix, _plain)


def decoded(data: bytes) -> str:
    """Bytes as text: UTF-8, UTF-16 with its mark, else GB18030, and never a refusal."""
    for encoding in ("utf-16", "utf-8-sig", "gb18030"):
        if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _plain(name: str, data: bytes, depth: int) -> Iterator[Text]:
    yield from _with_inner(name, decoded(data), depth)


def _calendar(name: str, data: bytes, depth: int) -> Iterator[Text]:
    """Long lines of a calendar go on after a space (RFC 5545, 3.1)."""
    yield from _plain(name, re.sub(rb"\r?\n[ \t]", b"", data), depth)


def _with_inner(name: str, text: str, depth: int) -> Iterator[Text]:
    """A text, with entities and percent signs as the signs that they stand for; what its data URIs hold."""
    inner: list[tuple[str, bytes]] = []

    def take(found: re.Match[str]) -> str:
        kind, options, body = found.groups()
        data = _bytes_of(body, packed="base64" in options)
        inner.append((f"{name}/data.{kind.rpartition('/')[2].partition('+')[0]}", data))
        return " "

    rest = DATA_URI.sub(take, text)
    yield Text(name, rest)
    plain = html.unescape(rest)
    if plain != rest:
        yield Text(name, plain)
    if "%" in rest:
        yield Text(name, unquote(rest))
    for part, data in inner:
        yield from texts_in(part, data, depth + 1)


def _bytes_of(body: str, *, packed: bool) -> bytes:
    if not packed:
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(unquote(body) + "==")
    except binascii.Error as error:
        raise UnreadableError("data URI") from error


def _markup(name: str, data: bytes, depth: int) -> Iterator[Text]:
    """HTML, XML, SVG: texts as cut and as they belong together, attributes, comments."""
    yield from _with_inner(name, decoded(data), depth)
    parser = etree.XMLParser(recover=True, resolve_entities=False, huge_tree=True)
    root = etree.fromstring(data, parser) if data.strip() else None
    if root is None:
        root = etree.HTML(decoded(data)) if data.strip() else None
    if root is not None:
        yield from _elements(name, root)


def _elements(name: str, root: etree._Element) -> Iterator[Text]:
    for element in root.iter():
        if not isinstance(element.tag, str):
            yield Text(f"{name}: comment", element.text or "")
            continue
        if etree.QName(element).localname in CONTAINERS:
            yield Text(f"{name}: text", "".join(element.itertext()))
        if etree.QName(element).localname == "v" and "E+" in (element.text or ""):
            yield Text(f"{name}: cell", f"{float(element.text or 0):.0f}")  # a long number of a workbook
        for value in element.attrib.values():
            yield Text(f"{name}: attribute", str(value))


def _json(name: str, data: bytes, depth: int) -> Iterator[Text]:
    try:
        value = json.loads(decoded(data))
    except ValueError as error:
        raise UnreadableError(name) from error
    for text in _strings(value):
        yield from _with_inner(name, text, depth)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _strings(part)
    elif isinstance(value, list):
        if value and all(isinstance(part, str) and part.endswith("\n") for part in value[:-1]):
            yield "".join(map(str, value))  # the lines of a notebook's cell
        for part in value:
            yield from _strings(part)
    else:
        yield str(value)


def _zip(name: str, data: bytes, depth: int) -> Iterator[Text]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield Text(f"{name}: comment", decoded(archive.comment))
        for member in archive.infolist():
            if not member.is_dir():
                yield Text(f"{name}: comment", decoded(member.comment))
                yield from texts_in(f"{name}/{member.filename}", archive.read(member), depth + 1)


def _pdf(name: str, data: bytes, depth: int) -> Iterator[Text]:
    """Pages as read, every object's strings, every stream unpacked, attachments."""
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise UnreadableError(name)
        for number, page in enumerate(reader.pages, start=1):
            yield Text(f"{name}: page {number}", page.extract_text())
        for attached, contents in reader.attachments.items():
            for content in contents:
                yield from texts_in(f"{name}/{attached}", content, depth + 1)
        for number in range(1, len(reader.xref[0]) + len(reader.xref_objStm) + 1) if reader.xref else []:
            yield from _pdf_object(name, reader.get_object(number))
    except UnreadableError:
        raise
    except Exception as error:  # pypdf raises whatever a damaged file leads to
        raise UnreadableError(name) from error


def _pdf_object(name: str, value: object) -> Iterator[Text]:
    if isinstance(value, StreamObject):
        stream = value.get_data()
        if not stream.startswith((PNG, JPEG)) and value.get("/Subtype") not in ("/Image", "/CIDFontType0C"):
            yield Text(f"{name}: stream", stream.decode("latin-1"), coded=True)
            yield Text(f"{name}: stream", decoded(stream), coded=True)
    for words in _pdf_strings(value):
        yield Text(f"{name}: object", words)


def _pdf_strings(value: object) -> Iterator[str]:
    """The strings of an object; other objects that it points to are looked at by themselves."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _pdf_strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _pdf_strings(part)
    elif isinstance(value, str):
        yield str(value)
    elif isinstance(value, bytes):
        yield decoded(value)


def _png(name: str, data: bytes, depth: int) -> Iterator[Text]:
    place = len(PNG)
    while place + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        if kind in (b"tEXt", b"iTXt", b"eXIf", b"zTXt"):
            yield Text(f"{name}: {kind.decode()}", decoded(_unpacked(kind, body)))
        place += 12 + length
    yield Text(f"{name}: end", decoded(data[place:]))


def _unpacked(kind: bytes, body: bytes) -> bytes:
    """The words of a PNG's chunk; iTXt may be packed, zTXt always is."""
    word, _, rest = body.partition(b"\0")
    if kind == b"zTXt":
        return word + b" " + zlib.decompress(rest[1:])
    if kind == b"iTXt" and rest[:1] == b"\1":
        return word + b" " + zlib.decompress(rest[2:].split(b"\0", 2)[2])
    return body.replace(b"\0", b" ")


def _jpeg(name: str, data: bytes, depth: int) -> Iterator[Text]:
    """The segments before the picture: EXIF, comments."""
    yield Text(f"{name}: head", data.partition(b"\xff\xda")[0].decode("latin-1"))
    yield Text(f"{name}: head", data.partition(b"\xff\xda")[0].decode("utf-8", "ignore"))


Opener = Callable[[str, bytes, int], Iterator[Text]]
MAGIC: Mapping[bytes, Opener] = {ZIP: _zip, PDF: _pdf, PNG: _png, JPEG: _jpeg}
SUFFIXES: Mapping[str, Opener] = {
    **dict.fromkeys(("html", "htm", "xml", "svg", "rels"), _markup),
    **dict.fromkeys(("json", "ipynb"), _json),
    "ics": _calendar,
    "xlsx": _zip,
    "docx": _zip,
    "pdf": _pdf,
}
