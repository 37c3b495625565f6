"""The pages of the draw, in a browser: what they compute, what they find, what they leave alone."""

import base64
import json
import random
import re
from fractions import Fraction
from pathlib import Path

import pytest
from draws_browser import PAGES, checks, choose, needs_browser, opened
from draws_edits import EDITS, EVENTS, fresh, in_json
from draws_folder import SEED, repaired
from draws_random import campaign, campaigns
from test_draws_page import rows_of, unescaped

from sampling.draws import ticket
from sampling.draws.pages import assemble, page
from sampling.files import json_bytes
from sampling.words import catalogue

pytest_plugins = ["draws_opened"]
pytestmark = needs_browser
FOLDER = Path(assemble.__file__).parent


@pytest.fixture(scope="module")
def verifier(chromium, paths):
    """verify.html, opened once; `choose` gives it other files."""
    found = opened(chromium, paths["verify"])
    yield found
    assert found.said == []


def failed(found, contents: dict[str, bytes]) -> list[dict]:
    """The checks that fail for these files, which take the place of all files before."""
    found.ask("() => window.drawV1.state.files.clear()")
    choose(found, contents)
    return [check for check in checks(found) if check["ok"] is False]


# What the pages are


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_file_with_a_policy_that_allows_no_request(name):
    words = page(name)
    assert "default-src 'none'" in words and "unsafe" not in words
    assert not re.search(r"\b(src|href)=|https?://|@import|url\(|<!--", words)


def test_there_is_no_third_page():
    with pytest.raises(ValueError, match="verify, draw"):
        page("receipt")


def test_every_word_of_the_pages_is_used_by_one_of_them():
    sources = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.[hj]*"))
    keys = {key.removeprefix("pages.") for key in catalogue("en") if key.startswith("pages.")}
    assert keys == set(assemble.WORD.findall(sources)) | {"page.noscript"}


def packed(contents: dict[str, bytes]) -> dict[str, str]:
    """Files as they can be handed to a page."""
    return {name: base64.b64encode(data).decode() for name, data in contents.items()}


# What they compute


def test_the_tickets_of_the_public_page_come_out(verifier):
    rows = rows_of("| seed | campaign | stage | id | ticket |")
    parts = [
        [seed, campaign, stage, *map(unescaped, ids.split("`, `"))] for seed, campaign, stage, ids, _ in rows
    ]
    found = verifier.ask("rows => rows.map(row => drawV1.ticket(...row))", parts)
    assert found == [row[-1] for row in rows] and len(found) == 16


def test_the_sizes_of_the_public_page_come_out(verifier):
    rows = rows_of("| rate | at least | at most | N | n |")
    rules = [
        ({"rate": rate, "at_least": int(low), "at_most": int(high) if high else None}, int(N))
        for rate, low, high, N, _ in rows
    ]
    found = verifier.ask("rules => rules.map(([rule, N]) => drawV1.sizeOf(rule, N))", rules)
    assert found == [int(row[-1]) for row in rows]


def test_the_scores_of_the_public_page_come_out(verifier):
    head = "| id | lambda | u | score of pareto | score of sequential_poisson | drawn by poisson |"
    code = """([id, lambda]) => {
        const unit = { id, ticket: drawV1.ticket("27182818284590452353", "demo-2026", "1", id) };
        const made = method => drawV1.ranked([{ ...unit, lambda: drawV1.hexFloat(lambda) }], method, 1);
        const scores = ["pareto", "sequential_poisson"].map(method => made(method).order[0].score);
        return [drawV1.uOf(unit.ticket), ...scores, made("poisson").n];
    }"""
    for name, lam, u, pareto, sequential, drawn in rows_of(head):
        wanted = [float(u), float.fromhex(pareto), float.fromhex(sequential), int(drawn == "yes")]
        assert verifier.ask(code, [name, lam]) == wanted


def test_the_systematic_draws_of_the_public_page_come_out(verifier):
    start = ticket(SEED, "demo-2026", "start-1", "大坪镇")
    code = """([N, n, start]) => {
        const units = Array.from({ length: N }, (_, place) => ({ id: String(place), ticket: "" }));
        return drawV1.ranked(units, "systematic", n, start).order.slice(0, n).map(unit => Number(unit.id));
    }"""
    for N, n, numbers in rows_of("| N | n | numbers of the units drawn, from 0 |"):
        assert verifier.ask(code, [int(N), int(n), start]) == list(map(int, numbers.split()))


def test_the_roundings_of_the_public_page_come_out(verifier):
    digest = ticket(SEED, "demo-2026", "round-1", "大坪镇")
    code = """([rule, N, digest]) => ["up", "half_up", "random"].map(
        rounding => drawV1.sizeOf(rule, N, { rounding, digest }))"""
    for rate, N, *sizes in rows_of("| rate | N | up | half_up | random |"):
        rule = {"rate": rate, "at_least": 0, "at_most": None}
        assert verifier.ask(code, [rule, int(N), digest]) == list(map(int, sizes))


def test_the_fingerprint_of_the_public_page_comes_out(verifier):
    code = """text => { const made = whole(drawV1.fingerprint(drawV1.parseCsv(text)));
        return [...made.towns.values(), made.fingerprint]; }"""
    found = verifier.ask(code, "township,village,household,certainty\nB,B1,01,1\nA,A1,1,0\nA,A2,,0\n")
    assert sorted(found) == sorted(row[1] for row in rows_of("| what | SHA-256 |"))


def test_the_nearest_double_is_that_of_python(verifier):
    rng = random.Random(7)
    pairs = [
        (rng.getrandbits(rng.randint(1, 1000)), rng.getrandbits(rng.randint(1, 1000)) or 1)
        for _ in range(2000)
    ]
    pairs += [(2 * k + 1, 1 << 1075) for k in range(20)] + [((1 << 54) + k, 1 << 1077) for k in range(9)]
    pairs += [((1 << 53) + k, 2) for k in range(9)] + [(2**1024 - 2**970 - 1, 1), (1, 3), (0, 5)]
    wanted = [float(Fraction(*pair)).hex() for pair in pairs]
    code = "pairs => pairs.map(([a, b]) => drawV1.toDouble([BigInt(a), BigInt(b)]))"
    assert [float(x).hex() for x in verifier.ask(code, [[str(a), str(b)] for a, b in pairs])] == wanted


def test_a_double_and_its_hexadecimal_form_are_read_exactly(verifier):
    rng = random.Random(8)
    values = [rng.random() * 2.0 ** rng.randint(-1074, 3) for _ in range(1000)] + [0.0, 1.0, 5e-324, -0.5]
    assert verifier.ask("texts => texts.map(drawV1.hexFloat)", [value.hex() for value in values]) == values
    pairs = verifier.ask("values => values.map(value => drawV1.fromDouble(value).map(String))", values)
    assert [Fraction(int(a), int(b)) for a, b in pairs] == [Fraction(value) for value in values]


def test_ids_are_ordered_by_their_utf8_bytes(verifier):
    ids = ["𠮷", "\uf900", "\uffee", "z", "中", "a", "", "aa", "😀", "\ue000", "𠮷a", "\ud7ff"]
    found = verifier.ask("ids => ids.sort(drawV1.byBytes)", ids)
    assert found == sorted(ids, key=lambda text: text.encode())


def test_csv_is_read_as_rfc_4180_says(verifier):
    text = '\ufeffa,b\r\n"1,2","x ""y"""\r\n"",\r\n"two\nlines",z'
    code = "text => { const { columns, rows } = drawV1.parseCsv(text.slice(1)); return [columns, ...rows]; }"
    assert verifier.ask(code, text) == [["a", "b"], ["1,2", 'x "y"'], ["", ""], ["two\nlines", "z"]]


def test_a_json_text_is_written_as_python_writes_it(verifier):
    value = {"é": [1, 2.0, 1e-7, None, True, "𠮷\x7f\n/"], "a": {"b": {}, "A": []}, "𠮷": 1, "\uff00": 0}
    text = json_bytes(value | {"check_sum": "x"}).decode()
    wanted = json.dumps(value | {"check_sum": ""}, sort_keys=True)
    # Python sorts by code point, as the page does
    assert verifier.ask("text => drawV1.pythonJson(text, { check_sum: '' })", text) == wanted


# What verify.html finds


def test_a_whole_campaign_is_all_yes(verifier):
    assert failed(verifier, fresh()) == []
    told = checks(verifier)
    assert all(check["ok"] for check in told) and len(told) > 15
    assert "全部相符" in verifier.page.inner_text("#verdict")


def test_the_public_files_alone_check_the_villages_and_say_what_is_open(verifier):
    names = ("commit.json", "receipt.json", "villages.csv")
    assert failed(verifier, {name: fresh()[name] for name in names}) == []
    answers = {check["key"]: check["ok"] for check in checks(verifier)}
    assert answers["check.villages"] is True and answers["check.sample"] is None


SAME_DRAW = {"the rounding", "the order of reserves in the receipt"}
"""Edits that change no number, no unit and no rank: with all hashes made to fit there is nothing to find."""


@pytest.mark.parametrize("name", sorted(EDITS.keys() - SAME_DRAW))
def test_an_edit_is_found_although_every_hash_was_made_to_fit(verifier, name):
    assert failed(verifier, repaired(EDITS[name][0](fresh())))


@pytest.mark.parametrize("name", sorted(SAME_DRAW))
def test_an_edit_that_draws_the_same_is_found_by_its_hash(verifier, name):
    assert failed(verifier, EDITS[name][0](fresh()))


@pytest.mark.parametrize("name", EVENTS)
def test_what_nobody_can_recompute_is_seen_as_damage(verifier, name):
    found = failed(verifier, in_json("receipt.json", EVENTS[name])(fresh()))
    assert "check.undamaged" in {check["key"] for check in found}


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3 - 1]


DAMAGE = {
    "cut": cut,
    "empty": lambda data: b"",
    "binary": lambda data: b"\xff\xfe\x00" + data,
    "another format": lambda data: b"[]",
    "a quotation mark": lambda data: b'"' + data,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["commit.json", "receipt.json", "villages.csv", "frame.csv", "sample.csv"])
def test_a_damaged_file_is_an_answer(verifier, name, damage):
    assert failed(verifier, fresh() | {name: DAMAGE[damage](fresh()[name])})


def leaves(value: object, path: tuple = ()) -> list[tuple]:
    if isinstance(value, dict):
        return [path, *(p for name in value for p in leaves(value[name], (*path, name)))]
    if isinstance(value, list):
        return [path, *(p for at in range(min(2, len(value))) for p in leaves(value[at], (*path, at)))]
    return [path]


def damaged(contents: dict, path: tuple, wrong: object) -> dict:
    content = json.loads(json.dumps(contents))
    here = content
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = wrong
    return content


@pytest.mark.parametrize("wrong", [None, "x", -1, [], {"a": 1}], ids=str)
def test_no_damage_of_a_value_ends_without_an_answer(verifier, wrong):
    rng = random.Random(9)
    texts = []
    for name in ("commit.json", "receipt.json"):
        content = json.loads(fresh()[name])
        paths = [path for path in leaves(content) if path and damaged(content, path, wrong) != content]
        texts += [(name, json.dumps(damaged(content, path, wrong))) for path in rng.sample(paths, 60)]
    files = {name: data for name, data in fresh().items() if name != "verify.py"}
    code = """([files, texts]) => {
        const plain = Object.entries(files).map(([name, text]) => [name, unpacked(text)]);
        return texts.map(([name, text]) => {
            const all = new Map(plain).set(name, new TextEncoder().encode(text));
            return whole(drawV1.verify(all)).checks.some(check => check.ok === false);
        });
    }"""
    assert all(verifier.ask(code, [packed(files), texts]))


def test_every_method_list_and_later_act_gives_the_draw_of_python(verifier):
    drawn = {name: packed(campaign.files()) for name, campaign in campaigns(1)}
    code = """drawn => Object.entries(drawn).flatMap(([name, files]) => {
        const all = new Map(Object.entries(files).map(([file, text]) => [file, unpacked(text)]));
        return whole(drawV1.verify(all)).checks.filter(check => !check.ok).map(check => [name, check]);
    })"""
    assert len(drawn) > 24 and verifier.ask(code, drawn) == []


EARLY = "2026-05-06T10:30:00+08:00"
WRONG = {
    "the first seed again": lambda acts: acts[0].update(seed=SEED),
    "one seed for two villages": lambda acts: acts[1].update(seed=acts[0]["seed"]),
    "a seed older than the draw": lambda acts: acts[0]["seed_source"].update(time=EARLY),
    "a village drawn twice": lambda acts: acts.append(acts[0] | {"seed": "1" * 20}),
    "a village that was not drawn": lambda acts: acts.append(acts[0] | {"seed": "1" * 20, "village": "x"}),
    "an act of no kind": lambda acts: acts[0].update(act="other"),
    "a reserve out of order": lambda acts: acts.append(
        {"act": "reserve", "list": "", "village": acts[0]["village"], "household": "x", "replaces": "y"}
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_later_act_that_breaks_a_rule_is_found(verifier, name):
    made = next(made for number in range(9) if (made := campaign(number, "srs", "srs", sealed=True)).acts[1:])
    assert failed(verifier, made.files()) == []
    found = failed(
        verifier, in_json("receipt.json", lambda receipt: WRONG[name](receipt["acts"]))(made.files())
    )
    assert {check["key"] for check in found} & {"check.acts", "check.time", "check.redrawn"}


def test_a_village_and_a_household_learn_their_fate_from_receipt_and_commit(chromium, paths):
    found = opened(chromium, paths["verify"])
    choose(found, {name: fresh()[name] for name in ("commit.json", "receipt.json")})
    found.page.fill("#unit-village", "NA")
    found.page.click("#unit-ask")
    assert "抽中" in found.page.inner_text("#unit-answer .verdict")
    assert ticket(SEED, "demo-2026", "1", "NA") in found.page.inner_text("#unit-answer")
    found.page.fill("#unit-household", "003")
    found.page.click("#unit-ask")
    assert "未抽中" in found.page.inner_text("#unit-answer .verdict")


def test_a_rehearsal_says_so(verifier):
    failed(verifier, in_json("receipt.json", EVENTS["the rehearsal mark"])(fresh()))
    assert "REHEARSAL" in verifier.page.inner_text("#rehearsal")


def test_the_record_holds_the_answers_in_both_languages(chromium, paths):
    found = opened(chromium, paths["verify"], lang="en-GB")
    choose(found, fresh())
    with found.page.expect_download() as download:
        found.page.click("#save")
    record = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert record["seed"] == SEED and all(check["ok"] for check in record["checks"])
    assert all(re.search("[一-鿿]", check["zh"]) and check["en"].isascii() for check in record["checks"])
    assert "agrees" in found.page.inner_text("#verdict") and found.said == []
