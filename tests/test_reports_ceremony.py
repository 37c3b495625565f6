"""The draw before an audience: nothing before 20 digits, and nobody ever sees the inside of a program."""

import json
import re
from datetime import datetime
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest
from reports_stand_in import copy_of

from sampling.batches.execution import execute
from sampling.batches.kernels import kernel_managers
from sampling.batches.template import read_template
from sampling.campaign import Campaign, commit_campaign, locked, open_campaign
from sampling.campaign import folder as place
from sampling.demo.demo import make_demo
from sampling.draws import verify_draw
from sampling.reports import Report, ceremony, open_report
from sampling.reports.draw_form import DrawForm
from sampling.reports.html import notebook_page

SEED = "31415926535897932384"
EVENT = "5月6日在县政务大厅公开掷骰"


@pytest.fixture(scope="module")
def fixed(tmp_path_factory) -> Campaign:
    """The tiny county, committed and not drawn."""
    folder = tmp_path_factory.mktemp("fixed") / "campaign"
    make_demo(folder, size="tiny", villages=None, lang="zh")
    settings = folder / "campaign.toml"
    words = settings.read_text(encoding="utf-8").replace("[draw]\n", f'[draw]\nevent = "{EVENT}"\n')
    settings.write_text(words, encoding="utf-8")
    commit_campaign(folder, now=datetime.now().astimezone(), lang="zh")
    return open_campaign(folder)


@pytest.fixture
def folder(fixed, tmp_path) -> Path:
    return copy_of(fixed, tmp_path / "campaign").folder


def report_on(folder: Path, lang: str = "zh") -> Report:
    return open_report("20_draw", campaign=str(folder), unit="", lang=lang)


def form_on(folder: Path, lang: str = "zh") -> DrawForm:
    form = ceremony.draw(report_on(folder, lang))
    assert isinstance(form, DrawForm)
    return form


def words_of(html: str) -> str:
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", unescape(html), flags=re.S))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_before_the_draw_the_wall_shows_the_commits_hash_and_the_event(fixed, lang):
    shown = words_of(ceremony.committed(report_on(fixed.folder, lang))._repr_html_())
    commit = fixed.commit()
    assert EVENT in shown and commit["committed_at"] in shown and "20%" in shown
    assert sha256((fixed.folder / place.COMMIT).read_bytes()).hexdigest() in shown


def test_before_the_draw_the_table_tells_the_villages_of_every_stratum(fixed):
    table = ceremony.table(report_on(fixed.folder)).to_table()
    assert len(table) == len(fixed.commit()["strata"]) + 1
    assert str(sum(one["n"] for one in fixed.commit()["strata"])) in list(table.iloc[-1])


@pytest.mark.parametrize(
    ("typed", "seed"),
    [
        (SEED, SEED),
        ("31415 92653 58979 32384 ", SEED),
        ("３１４１５" + SEED[5:], SEED),
        (SEED + "7", SEED + "7"),
    ],
)
def test_digits_are_taken_however_they_are_spaced_or_wide(folder, typed, seed):
    form = form_on(folder)
    form.digits.value = typed
    assert form.seed == seed and not form.button.disabled
    assert form.boxes.value.count('class="thrown"') == len(seed)


@pytest.mark.parametrize("sign", ["a", "-", "一", "٣"])
def test_nothing_but_digits_can_be_drawn_with_and_the_wrong_sign_is_named(folder, sign):
    form = form_on(folder)
    form.digits.value = SEED + sign
    assert form.button.disabled and f"请改正：{sign}" in words_of(form.boxes.value)
    form.digits.value = SEED
    assert not form.button.disabled


def test_the_button_waits_for_the_twentieth_digit(folder):
    form = form_on(folder)
    assert form.button.disabled
    form.digits.value = SEED[:19]
    assert form.button.disabled and "已录入 19 位，至少 20 位" in words_of(form.boxes.value)
    form.digits.value = SEED
    assert not form.button.disabled and "已录入 20 位" in words_of(form.boxes.value)


def test_the_digits_stand_in_groups_of_five(folder):
    form = form_on(folder)
    form.digits.value = SEED[:7]
    groups = re.findall(r"<span>(.*?)</span>", form.boxes.value)
    assert [words_of(group) for group in groups] == ["31415", "92", "", ""]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_press_draws_and_shows_the_villages_the_record_and_the_check(folder, lang):
    form = form_on(folder, lang)
    assert form.event.value == EVENT
    form.digits.value, form.witnesses.value = SEED, "甲、 乙,丙"
    form.button.click()
    receipt = json.loads((folder / place.RECEIPT).read_text(encoding="utf-8"))
    assert receipt["seed"] == SEED and receipt["seed_source"]["event"] == EVENT
    assert receipt["seed_source"]["witnesses"] == ["甲", "乙", "丙"]
    assert all(check.ok for check in verify_draw(folder))
    shown = words_of(form.outcome.value)
    assert all(unit["id"] in shown for unit in receipt["sample"]) and receipt["sample_sha256"] in shown
    assert form.outcome.value.count('class="town"') == 6 and "data:image/svg+xml" in form.outcome.value
    assert form.button.disabled and form.digits.disabled and form.message.value == ""


def test_a_second_look_at_a_drawn_campaign_shows_the_result_and_no_form(folder):
    form = form_on(folder)
    form.digits.value = SEED
    form.button.click()
    again = ceremony.draw(report_on(folder))
    assert not isinstance(again, DrawForm) and again._repr_html_() == form.outcome.value
    assert (
        len(ceremony.table(report_on(folder)).to_table())
        == len(open_campaign(folder).receipt()["sample"]) + 1
    )


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "请用封存时的原件"), ("en", "use the file as it was committed")]
)
def test_a_refusal_is_told_in_the_readers_words_and_the_form_stays(folder, lang, words):
    form = form_on(folder, lang)
    lines = (folder / place.VILLAGES).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / place.VILLAGES).write_text("".join(lines[:-1]), encoding="utf-8")
    form.digits.value = SEED
    form.button.click()
    said = words_of(form.message.value)
    assert words in said and "Traceback" not in said and form.outcome.value == ""
    assert not form.button.disabled and not (folder / place.RECEIPT).exists()


def test_a_folder_that_another_run_holds_is_told(folder):
    form = form_on(folder)
    form.digits.value = SEED
    with locked(folder):
        form.button.click()
    assert "另一个程序正在使用" in words_of(form.message.value)
    form.button.click()
    assert form.message.value == "" and (folder / place.RECEIPT).exists()


def test_what_nobody_foresaw_is_a_sentence_too(folder, monkeypatch):
    def fails(*_, **__):
        raise OSError("<disk full>")

    monkeypatch.setattr("sampling.reports.draw_form.draw_sample", fails)
    form = form_on(folder)
    form.digits.value = SEED
    form.button.click()
    assert "没有抽取成功：&lt;disk full&gt;" in form.message.value


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_notebook_runs_without_a_browser_before_the_draw(fixed, lang, tmp_path):
    values = {"campaign": str(fixed.folder), "lang": lang}
    with kernel_managers() as manager:
        done = execute(read_template("20_draw"), values, manager, tmp_path / "kept.ipynb")
    page = notebook_page(done, title="", lang=lang, inputs="")
    assert EVENT in words_of(page) and not re.search(r"https?://(?!www\.w3\.org)", page)
    assert not fixed.has(place.RECEIPT)
    shown = json.dumps([cell.get("outputs", []) for cell in done.cells], ensure_ascii=False)
    people = fixed.roll()
    secrets = {value for name in ("household_name", "identity", "phone") for value in people[name]} - {""}
    assert not [secret for secret in secrets if secret in shown]
