"""A document and a book with a bit of everything."""

from datetime import date
from decimal import Decimal

import pandas as pd

from sampling.documents.model import (
    DATE,
    SHARE,
    WHOLE,
    YUAN,
    Book,
    Column,
    Document,
    Grid,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Sheet,
    Tiles,
)
from sampling.reports import charts
from sampling.reports.html import svg_bytes

HOSTILE = "<script>alert('&')</script> \x00\x0b \ud83d 😀 =1+1 {{ title }} #strong[x] $x$ " + "长" * 300


def chart(lang: str) -> Picture:
    towns = pd.DataFrame({"name": ["甲镇"], "estimate": [0.05], "low": [0.01], "high": [0.15]})
    figure = charts.forest(towns, None, lang)
    return Picture(svg=svg_bytes(figure).decode(), words=str(figure.get_label()))


def document(lang: str = "zh", *, rows: int = 12, words: str = "应入户3,240户，已入户2,993户。") -> Document:
    wide = tuple(f"第{place}列" for place in range(12))
    return Document(
        title="城乡低保核查工作总结" if lang == "zh" else "Summary",
        lang=lang,
        tier="internal",
        marks=("内部资料", "送审稿"),
        parts=(
            Paragraph(words="各镇人民政府：", look="address"),
            Tiles(
                tiles=(("found", "138户", "停发", "占4.6%"), ("estimated", "4.1%", "推算", "2.9～5.5%"))
            ),
            Heading(words="一、查实情况"),
            Paragraph(words=words, look="found"),
            Heading(words="（一）二级", level=2),
            Heading(words="1.三级", level=3),
            Paragraph(words="应退未退约占4.1%，95%置信区间为2.9%至5.5%。", look="estimated"),
            Grid(
                caption="各镇查实情况",
                columns=("镇", "户数", "金额"),
                rows=(*((f"镇{place}", str(place), f"{place},500.50") for place in range(1, rows)),
                      ("合计", "66", "1,835.00")),
                numeric=(1, 2),
                note="注：7天。",
                total=True,
            ),
            Grid(caption="宽表", columns=wide, rows=(tuple(f"内容内容{p}" for p in range(12)),) * 3),
            chart(lang),
            Paragraph(words=HOSTILE),
            PageBreak(),
            Paragraph(words="停发低保金告知书", look="title"),
            Paragraph(words="2026年7月1日", look="right"),
        ),
    )  # fmt: skip


def book(lang: str = "zh") -> Book:
    columns = (
        Column(title="序号", kind=WHOLE, width=6),
        Column(title="户编号"),
        Column(title="金额", kind=YUAN),
        Column(title="占比", kind=SHARE),
        Column(title="日期", kind=DATE),
        Column(title="意见", choices=("接受", "有异议"), open=True),
    )
    rows = (
        (1, "0371", Decimal("1200.50"), Decimal("0.0701"), date(2026, 7, 1), "接受"),
        (2, "999999199002010007", Decimal("0.01"), None, None, ""),
        (3, HOSTILE, Decimal("634.49"), Decimal(1), None, "＝1+1"),
        (6, "合计", Decimal("1835.00"), None, None, None),
    )
    sheet = Sheet(name="台账", title="整改台账", columns=columns, rows=rows, notes=("30日内",), total=True)
    return Book(title="台账", lang=lang, tier="restricted", marks=("限经办人员",), sheets=(sheet, sheet))
