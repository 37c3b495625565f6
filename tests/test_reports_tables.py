"""Tables for reading: sums that add up, labels in the reader's language, harmless names."""

from pathlib import Path

import pytest
from reports_stand_in import TOWNS, StandIn

from sampling.reports import tables
from sampling.reports.data import ReportData
from sampling.reports.html import INPUTS, Table, inputs_of, page, picture, section
from sampling.reports.pictures import villages as villages_chart
from sampling.reports.report import report_on, safe_name
from sampling.words import LANGUAGES

ALL = ("workload", "drawn_villages", "outcomes", "verdicts", "villages", "towns", "estimates", "quarantine")


def report_of(lang: str = "en", unit: str = "", **options):
    return report_on(
        ReportData(campaign=StandIn(Path(), **options)), "61_report_county", unit=unit, lang=lang
    )


@pytest.mark.parametrize("name", ["workload", "drawn_villages", "villages", "towns"])
def test_the_last_row_is_the_sum_of_the_others(name):
    table = getattr(tables, name)(report_of())
    for column in table.numeric:
        cells = [cell.replace(",", "") for cell in table.frame[column]]
        if cells[-1] and "%" not in cells[0]:
            assert int(cells[-1]) == sum(map(int, cells[:-1])), column


def test_a_town_row_holds_what_was_found_and_what_is_estimated():
    row = tables.towns(report_of()).frame.iloc[2]
    assert list(row)[:9] == [TOWNS[2], "3", "18", "15", "10", "3", "1", "1", "0"]
    assert list(row)[9:] == ["20.0 %", "9.0–42.0 %*"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ALL)
def test_no_code_is_shown_where_people_read(name, lang):
    table = getattr(tables, name)(report_of(lang))
    words = table._repr_html_()
    assert not {"ineligible", "living_improved", "ineligible_share", "certainty"} & set(words.split(">"))
    assert not any(f">{code}<" in words for code in ("ineligible", "absent", "persons_wrong", "removed"))


def test_a_town_has_its_own_villages_only():
    table = tables.villages(report_of(unit="2"))
    assert len(table.frame) == 3 + 1
    assert list(table.frame.iloc[-1])[2:] == ["36", "18", "15", "10", "3", "1", "1", "0"]


HOSTILE = ("../../x", "<script>alert(1)</script>", "名" * 300, "😀{unit}$x$\n", "CON")


def test_a_place_with_a_dangerous_name_is_text_in_a_page():
    report = report_of(names=HOSTILE)
    parts = [tables.towns(report), tables.drawn_villages(report), report]
    parts += [report_on(report.data, "60_report_town", unit="2", lang="en"), villages_chart(report)]
    words = "".join(part._repr_html_() for part in parts)
    assert "<script" not in words and "&lt;script&gt;" in words


@pytest.mark.parametrize("name", HOSTILE)
def test_a_place_with_a_dangerous_name_has_a_plain_file_name(name):
    stem = safe_name(f"01_{name}")
    assert stem.startswith("01_") and len(stem.encode()) <= 200
    assert not set(stem) & set('/\\.<>:"|?*${}\n ')


def test_a_page_stands_alone_and_knows_what_it_was_made_from(tmp_path):
    words = page("<p>一</p>", title="<b>", lang="zh", inputs="ab12")
    path = tmp_path / "page.html"
    path.write_text(words, encoding="utf-8")
    assert inputs_of(path) == "ab12" and inputs_of(tmp_path / "none.html") == ""
    assert '<html lang="zh-CN">' in words and "<title>&lt;b&gt;</title>" in words
    assert "http" not in words and words.count(INPUTS) == 1


def test_a_section_escapes_its_sentences():
    assert "<i>" not in section("<i>", ["<i>a</i>"]).html


def test_a_table_escapes_captions_headers_and_cells():
    frame = tables.workload(report_of()).frame.rename(columns={"Drawn": "<i>"})
    assert "<i>" not in Table(caption="<i>", frame=frame, note="<i>")._repr_html_()


def test_a_picture_has_its_alternative_text():
    figure_html = villages_chart(report_of("zh")).html
    assert 'alt="图：各村（居）查实情况' in figure_html and picture.__doc__
