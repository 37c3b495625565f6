"""Each planted leak is found; clean files raise no alarm; what cannot be opened is not passed over."""

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from leaks_planted import ACCOUNT, IDENTITY, NAME, PHONE, PLANTED, _docx, _pdf, _pdf_with, _xlsx

from sampling.documents.leaks import Allowed, Secrets, allowed_for, scan, secrets_of
from sampling.documents.public import NOTICE
from sampling.words.text import catalogue

CLEAN = Allowed()
PEOPLE = pd.DataFrame(
    {
        "household_name": [NAME, "于是", "丁"],
        "identity": [IDENTITY, None, None],
        "account": [ACCOUNT, None, None],
        "phone": [PHONE, None, None],
        "village_name": ["样村07", "样村07", "样村07"],
    }
)


@pytest.fixture(scope="module")
def secrets() -> Secrets:
    return secrets_of([PEOPLE], words="于是样村07")


def test_there_are_at_least_thirty_places_and_every_kind():
    assert len(PLANTED) >= 30
    assert {kind for kind, _, _ in PLANTED.values()} == {"name", "identity", "account", "phone"}


@pytest.mark.parametrize("place", PLANTED)
def test_a_planted_leak_is_found_and_not_repeated(place, secrets):
    kind, name, make = PLANTED[place]
    leaks = scan(name, make(), secrets, CLEAN)
    assert kind in {leak.kind for leak in leaks}, place
    told = repr(leaks).replace(name, "")
    assert NAME not in told and ACCOUNT not in told and PHONE not in told


@pytest.mark.parametrize("place", [p for p, (kind, _, _) in PLANTED.items() if kind == "name"])
def test_a_name_may_stand_where_names_may_stand(place, secrets):
    _, name, make = PLANTED[place]
    assert "name" not in {leak.kind for leak in scan(name, make(), secrets, Allowed(names=True))}


def test_only_restricted_files_and_the_public_notice_may_have_names():
    may = {
        (tier, stem): allowed_for(tier, stem, []).names
        for tier in ("restricted", "internal", "public")
        for stem in ("roster", f"{NOTICE}07")
    }
    assert [key for key, names in may.items() if names] == [
        ("restricted", "roster"), ("restricted", f"{NOTICE}07"), ("public", f"{NOTICE}07")
    ]  # fmt: skip


def test_a_hotline_may_stand_everywhere_and_another_phone_nowhere(secrets):
    allowed = allowed_for("public", "notice-07", ["000-0004711"])
    assert scan("a.txt", PHONE.encode(), secrets, allowed) == []
    assert scan("a.txt", b"13912345678", secrets, allowed) != []


NOT_PEOPLE = (
    "999999004002 样村07 2026-11-25T08:13:14+08:00 0.1234567890123456789 12345678901234.5 于是 丁",
    "sha256 1234567890123456789012345678901234567890123456789012345678901234 ab12345678901234567",
    "127 119 101 7 4 4 3 3.1% 0.6～26.4% 20260501 1,835",
    "6fa459ea-ee8a-3ca4-894e-db77e160355e",
)


@pytest.mark.parametrize("words", NOT_PEOPLE)
def test_what_looks_like_a_number_of_a_person_and_is_none_is_no_leak(words, secrets):
    for name, data in {
        "a.txt": words.encode(),
        "a.docx": _docx(lambda d: d.add_paragraph(words)),
        "a.xlsx": _xlsx(lambda _, sheet: sheet.write_string(0, 0, words)),
        "a.pdf": _pdf(words),
    }.items():
        assert scan(name, data, secrets, CLEAN) == []


def _broken() -> dict[str, bytes]:
    whole = _xlsx(lambda *_: None)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.docx", whole[:200])
    encrypted = _pdf_with(lambda writer: writer.encrypt("secret"))
    return {"cut.xlsx": whole[:200], "inside.zip": out.getvalue(), "locked.pdf": encrypted, "a.json": b"{"}


@pytest.mark.parametrize("name", ["cut.xlsx", "inside.zip", "locked.pdf", "a.json"])
def test_what_cannot_be_opened_is_told(name, secrets):
    assert [leak.kind for leak in scan(name, _broken()[name], secrets, CLEAN)] == ["unreadable"]


def test_a_name_that_the_catalogues_use_as_a_word_cannot_be_looked_for():
    words = " ".join(catalogue("zh").values())
    people = pd.DataFrame({"household_name": ["核查", NAME]})
    assert secrets_of([people], words=words).names == {NAME}


def test_without_people_nothing_is_found():
    nobody = secrets_of([pd.DataFrame({"household_name": []})], words="")
    assert scan("a.txt", NAME.encode(), nobody, CLEAN) == [] and Path(__file__).exists()
