"""Envelopes: each team gets exactly its households of the day, locked; nothing tells where it goes before."""

import datetime
import io

import msoffcrypto
import pandas as pd
import pytest
from msoffcrypto.exceptions import InvalidKeyError
from pypdf import PdfReader
from visits_stand_in import CAMPAIGN, make_visits

from sampling.forms import drawn_households, read_workbook
from sampling.forms.day_sheet import Spot
from sampling.forms.envelope import Supplies, envelope, parts_of
from sampling.forms.ics import day_event
from sampling.forms.locking import new_code

SAMPLE, ROLL, REMOVED = make_visits()
VILLAGES = [f"99999900100{number}" for number in (1, 2, 3, 4)]
STOPS = [  # day, team, village, households: the first village is shared by two teams, the last has none
    (1, "1", VILLAGES[0], 4),
    (1, "1", VILLAGES[3], 0),
    (1, "2", VILLAGES[0], 6),
    (2, "1", VILLAGES[1], 10),
    (2, "2", VILLAGES[2], 10),
]


def plan() -> pd.DataFrame:
    rows = []
    for day, team, village, households in STOPS:
        stop = 1 + sum(row["day"] == day and row["team"] == team for row in rows)
        times = {"arrive": f"{8 + stop:02d}:00", "leave": f"{8 + stop:02d}:50", "km": 4.25, "reason": ""}
        place = {"township": "T", "village": village, "households": households}
        rows.append({"day": day, "date": f"2026-06-0{day}", "team": team, "stop": stop, **place, **times})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def sealed():
    """Every envelope of the plan by day and team: its code and its files."""
    spots = {village: Spot(float(number), number**2.0) for number, village in enumerate(VILLAGES)}
    told = {"spots": spots, "seat": Spot(1.0, 1.0), "campaign": CAMPAIGN, "lang": "zh"}
    supplies = Supplies.of(SAMPLE, ROLL, {"removed": REMOVED}, **told)
    visits, found = plan(), {}
    serials = parts_of(visits, supplies.issued)
    for (day, team), own in visits.groupby(["day", "team"]):
        round_ = {"date": f"2026-06-0{day}", "team": team, "leave": "08:30", "back": "16:05"}
        code = new_code()
        files = envelope(own, round_ | {"km": 41.5, "km_back": 7.5}, serials, supplies, code=code)
        found[day, team] = (code, files)
    return found


def opened(data: bytes, code: str) -> bytes:
    file = msoffcrypto.OfficeFile(io.BytesIO(data))
    file.load_key(password=code, verify_password=True)
    out = io.BytesIO()
    file.decrypt(out)
    return out.getvalue()


def pages(data: bytes, code: str) -> str:
    reader = PdfReader(io.BytesIO(data))
    assert reader.decrypt(code)
    return "\n".join(page.extract_text() for page in reader.pages)


def test_every_household_is_in_one_envelope_and_each_envelope_has_its_own_only(sealed):
    drawn = drawn_households(SAMPLE).set_index("serial")
    known = pd.concat([ROLL, REMOVED]).set_index(["village", "household"])["household_name"]
    places = zip(drawn["village"], drawn["household"], strict=True)
    heads = dict(zip(drawn.index, (known[place] for place in places), strict=True))
    found = {}
    for key, (code, files) in sealed.items():
        forms = [read_workbook(opened(files[name], code)) for name in files if name.endswith(".xlsx")]
        stops = [village for day, team, village, _ in STOPS if (day, team) == key]
        assert [form.village for form in forms] == stops
        found[key] = [serial for form in forms for serial in form.rows["serial"]]
        text = pages(files["papers.pdf"], code).replace(" ", "")
        assert [serial for serial, head in heads.items() if head in text] == sorted(found[key])
    every = [serial for serials in found.values() for serial in serials]
    assert sorted(every) == sorted(drawn.index) and len(set(every)) == len(every)


def test_nothing_readable_tells_a_village_or_a_household(sealed):
    known = {*VILLAGES, *ROLL["household_name"], *ROLL["village_name"], *ROLL["address"]}
    for _, files in sealed.values():
        for name, content in files.items():
            assert not any(word in name for word in known)
            for word in known:
                assert word.encode() not in content and word.encode("utf-16-le") not in content


def test_the_code_of_one_day_opens_no_other_day_and_is_in_no_file(sealed):
    codes = {key: code for key, (code, _) in sealed.items()}
    for key, (_, files) in sealed.items():
        for other in set(codes) - {key}:
            with pytest.raises(InvalidKeyError):
                opened(files["1.xlsx"], codes[other])
            assert not PdfReader(io.BytesIO(files["day-sheet.pdf"])).decrypt(codes[other])
        assert not any(code.encode() in content for code in codes.values() for content in files.values())


def test_the_day_sheet_has_the_stops_in_their_order_with_times(sealed):
    code, files = sealed[1, "1"]
    text = pages(files["day-sheet.pdf"], code)
    names = ROLL.set_index("village")["village_name"]
    assert names[VILLAGES[0]].iloc[0].replace(" ", "") in text.replace(" ", "")
    assert text.index("09:00") < text.index("10:00") and "16:05" in text and "2026-06-01" in text


def test_households_that_are_done_are_in_no_envelope_any_more():
    issued = drawn_households(SAMPLE)
    first = issued["serial"].iloc[0]
    shared = parts_of(plan(), issued, [first])
    assert first not in [serial for serials in shared.values() for serial in serials]


def test_a_calendar_says_when_and_not_where_and_folds_long_lines():
    day = datetime.date(2026, 6, 1)
    for lang in ("zh", "en"):
        found = day_event("第1组,甲;乙" * 9, day, "08:30", "16:05", 3, campaign="c", lang=lang)
        lines = found.decode("utf-8").split("\r\n")
        assert all(len(line.encode()) <= 75 for line in lines) and lines[-1] == ""
        assert "DTSTART:20260601T083000" in lines and "DTEND:20260601T160500" in lines
        whole = found.decode().replace("\r\n ", "")
        assert ("第1组\\,甲\\;乙" * 9) in whole and "3" in whole
