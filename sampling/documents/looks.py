"""The looks of a DOCX: styles of our own, in the layout of Chinese official documents (GB/T 9704-2012).

They are added to whatever document they are wanted in, so an office's own template keeps its styles.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from docx.document import Document as DocxDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm

MARGINS = {"top_margin": Mm(37), "left_margin": Mm(28), "right_margin": Mm(26), "bottom_margin": Mm(35)}
PAGE = (Mm(210), Mm(297))
TEXT_WIDTH, TEXT_HEIGHT = Mm(156), Mm(215)
"""Where a picture has its place; the text block is 225 mm high."""
NUMBER_BELOW = Mm(7)
"""The page number stands 7 mm under the text."""
LINE = 28.95
"""Points from line to line: 22 lines on 225 mm."""
TITLE, TWO, THREE, FOUR, FIVE, SMALL_FIVE = 22, 22, 16, 14, 10.5, 9
"""Sizes of Chinese official documents in points: 二号, 三号, 四号, 五号, 小五."""
PREFIX = "Sampling "
LATIN, SANS = "Times New Roman", "Arial"
SONG, HEI, KAI, FANG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"
"""Named, not shipped: every office has them; elsewhere the reader's program puts others in their place."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How paragraphs of one kind look."""

    font: str = FANG
    size: float = THREE
    bold: bool = False
    align: str = ""
    line: float | None = LINE
    indent: bool = False
    level: int = 0
    """Of a heading in the outline."""
    keep: bool = False
    """With what follows, on one page."""
    border: str = ""
    """The line at the left: "single" for what was found, "dashed" for what is estimated."""
    space: float = 0
    """Points above and below."""


CENTRE, RIGHT = "center", "right"
LOOKS: Mapping[str, Look] = {
    "title": Look(font=SONG, size=TITLE, align=CENTRE, line=34, keep=True, space=10),
    "mark": Look(font=HEI, size=FOUR, line=20, keep=True),
    "heading1": Look(font=HEI, indent=True, level=1, keep=True),
    "heading2": Look(font=KAI, indent=True, level=2, keep=True),
    "heading3": Look(font=FANG, indent=True, level=3, keep=True, bold=True),
    "body": Look(indent=True),
    "found": Look(indent=True, border="single"),
    "estimated": Look(indent=True, border="dashed"),
    "address": Look(),
    "right": Look(align=RIGHT, keep=True),
    "centre": Look(align=CENTRE),
    "note": Look(size=FIVE, line=16),
    "caption": Look(font=HEI, size=FIVE, align=CENTRE, line=18, keep=True, space=3),
    "picture": Look(size=FIVE, line=None, align=CENTRE, space=4),
    "cell": Look(size=SMALL_FIVE, line=13),
    "head": Look(font=HEI, size=SMALL_FIVE, line=13, keep=True),
    "total": Look(font=HEI, size=SMALL_FIVE, line=13),
    "figure": Look(font=HEI, size=TWO, line=28, align=CENTRE, keep=True),
    "figure_words": Look(size=SMALL_FIVE, line=13, align=CENTRE),
}


def style_id(name: str) -> str:
    """The id of one of our styles in the file."""
    return PREFIX.strip() + name.capitalize()


def add_looks(document: DocxDocument, lang: str) -> None:
    """Add our styles to a document that may have others."""
    for name, look in LOOKS.items():
        document.styles.element.append(parse_xml(_style(name, look, lang)))


def _style(name: str, look: Look, lang: str) -> str:
    """A paragraph style; its parts stand in the order that the schema wants."""
    return (
        f'<w:style {nsdecls("w")} w:type="paragraph" w:customStyle="1" w:styleId="{style_id(name)}">'
        f'<w:name w:val="{PREFIX}{name}"/><w:qFormat/>'
        f"<w:pPr>{_paragraph(look, lang)}</w:pPr><w:rPr>{_letters(look, lang)}</w:rPr></w:style>"
    )


def _paragraph(look: Look, lang: str) -> str:
    keep = "<w:keepNext/>" if look.keep else ""
    line = f'<w:left w:val="{look.border}" w:sz="18" w:space="8" w:color="595959"/>'
    border = f"<w:pBdr>{line}</w:pBdr>" if look.border else ""
    exact = f'w:line="{_twentieths(look.line)}" w:lineRule="exact"' if look.line else ""
    gap = _twentieths(look.space)
    indent = '<w:ind w:firstLineChars="200" w:firstLine="640"/>' if look.indent and lang == "zh" else ""
    align = f'<w:jc w:val="{look.align}"/>' if look.align else ""
    level = f'<w:outlineLvl w:val="{look.level - 1}"/>' if look.level else ""
    spacing = f'<w:spacing w:before="{gap}" w:after="{gap}" {exact}/>'
    return f"{keep}<w:widowControl/>{border}{spacing}{indent}{align}{level}"


def _letters(look: Look, lang: str) -> str:
    latin = LATIN if lang == "zh" or look.font == FANG else SANS
    fonts = f'w:ascii="{latin}" w:hAnsi="{latin}" w:cs="{latin}" w:eastAsia="{look.font}"'
    size = f'<w:sz w:val="{round(2 * look.size)}"/><w:szCs w:val="{round(2 * look.size)}"/>'
    return f"<w:rFonts {fonts}/>{'<w:b/>' if look.bold else ''}{size}"


def _twentieths(points: float) -> int:
    return round(20 * points)
