"""What an insider may try on a campaign, by command or with an editor, and what stops or shows it."""

import csv
import hashlib
import json
import shutil
from datetime import datetime, timedelta

import pytest
from campaign_folder import OTHER_SEED, SEED, TINY, drawn, entries, new, read, run, sha, told

from sampling.campaign import open_campaign
from sampling.designs import Design
from sampling.draws import append_entry, draw, make_receipt
from sampling.draws.log import LOG, log_head, note_head
from sampling.draws.verify import sha as digest_of
from sampling.files import csv_bytes, json_bytes, read_csv

THIRD_SEED = "16180339887498948482"


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    return new(tmp_path_factory.mktemp("committed") / "c")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("attacks") / "c")


@pytest.fixture(scope="module")
def again(base, tmp_path_factory):
    """A campaign whose first draw was declared void."""
    folder = tmp_path_factory.mktemp("again") / "c"
    shutil.copytree(base, folder)
    assert run("void", folder, "--reason", "the wrong people came out") == 0
    assert run("draw", folder, "--seed", OTHER_SEED) == 0
    return folder


def copy(folder, tmp_path, name="c"):
    shutil.copytree(folder, tmp_path / name)
    return tmp_path / name


# Before the seed


@pytest.mark.parametrize("digits", [0, 1, 3, 19])
def test_a_seed_short_enough_to_be_tried_out_is_refused(committed, tmp_path, digits):
    folder = copy(committed, tmp_path)
    assert run("draw", folder, "--seed", SEED[:digits] or " ") == 1
    assert not (folder / "receipt.json").exists() and not (folder / "log.jsonl").exists()


def test_nothing_is_drawn_before_it_is_committed(tmp_path):
    folder = new(tmp_path / "c", committed=False)
    assert run("draw", folder, "--seed", SEED) == 1
    assert {path.name for path in folder.iterdir()} - {".lock"} == {"campaign.toml"}


def test_a_commit_later_than_its_seed_is_refused_to_the_second(committed, tmp_path):
    made = datetime.fromisoformat(read(committed / "commit.json")["committed_at"])
    for seconds, code in ((-1, 1), (0, 0)):
        folder = copy(committed, tmp_path, f"{seconds}")
        at = (made + timedelta(seconds=seconds)).isoformat()
        assert run("draw", folder, "--seed", SEED, "--at", at) == code
        assert (folder / "receipt.json").exists() is (code == 0)


def test_a_commit_dated_back_does_not_have_the_hash_that_was_published(committed, tmp_path):
    folder = copy(committed, tmp_path)
    published = sha(folder / "commit.json")
    commit = read(folder / "commit.json") | {"committed_at": "2020-01-01T00:00:00+08:00"}
    (folder / "commit.json").write_bytes(json_bytes(commit))
    assert run("draw", folder, "--seed", SEED, "--at", "2020-06-01T00:00:00+08:00") == 0
    assert read(folder / "receipt.json")["commit_sha256"] != published


def test_one_commit_gives_one_draw(base, tmp_path):
    folder = copy(base, tmp_path)
    before = {path.name: sha(path) for path in folder.iterdir() if path.is_file()}
    for words in (("--seed", OTHER_SEED), ("--seed", SEED), ()):
        assert run("draw", folder, *words) == 1
    assert {path.name: sha(path) for path in folder.iterdir() if path.is_file()} == before


def test_a_draw_made_to_vanish_can_be_made_again_with_the_same_seed_only(base, tmp_path):
    folder = copy(base, tmp_path)
    receipt, sample = sha(folder / "receipt.json"), sha(folder / "sample.csv")
    (folder / "receipt.json").unlink()
    assert run("draw", folder, "--seed", OTHER_SEED) == 1
    assert run("draw", folder, "--seed", SEED) == 0
    assert (sha(folder / "receipt.json"), sha(folder / "sample.csv")) == (receipt, sample)


# The frame


def without(folder, name, keep):
    """Rewrite a CSV file with the rows that `keep` wants."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if keep(row)]
    assert 0 < len(kept) < len(rows)
    with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(kept)


@pytest.mark.parametrize("name", ["frame.csv", "villages.csv"])
@pytest.mark.parametrize("when", ["before the draw", "after it"])
def test_a_frame_edited_after_the_commit_is_neither_drawn_from_nor_verified(
    committed, base, tmp_path, name, when
):
    folder = copy(committed if when == "before the draw" else base, tmp_path)
    dropped = read_csv(folder / name)["village"].iloc[0]
    for table in ("frame.csv", "villages.csv") if name == "villages.csv" else (name,):
        without(folder, table, lambda row: row["village"] != dropped)
    if when == "before the draw":
        assert run("draw", folder, "--seed", SEED) == 1
        assert not (folder / "receipt.json").exists()
    else:
        assert not told(folder)


def test_a_village_dropped_before_the_commit_no_longer_adds_up_to_the_payment_file(tmp_path, capsys):
    """The payment file is the office's own; whoever compares the totals that `commit` prints sees the gap."""
    payments = read_csv(TINY / "roll.csv")
    paid = {"households": len(payments), "persons": payments["家庭人口"].astype(int).sum()}
    paid["amount_fen"] = sum(int(amount.replace(".", "")) for amount in payments["月保障金额"])
    commits = {}
    for name, dropped in (("whole", ""), ("less", payments["村编号"].iloc[0])):
        source = tmp_path / name
        source.mkdir()
        for file in ("roll.csv", "villages.csv"):
            shutil.copy(TINY / file, source)
            if dropped:
                without(source, file, lambda row: row["村编号"] != dropped)  # noqa: B023 (used at once)
        folder = source / "c"
        assert run("new", folder, "--roll", source / "roll.csv", "--villages", source / "villages.csv") == 0
        capsys.readouterr()
        assert run("commit", folder, "--lang", "en") == 0
        said, commits[name] = capsys.readouterr().out, read(folder / "commit.json")
        totals, counts = commits[name]["control_totals"], commits[name]["counts"]
        yuan = f"{totals['amount_fen'] // 100}.{totals['amount_fen'] % 100:02}"
        assert f"{totals['households']} households, {totals['persons']} persons, {yuan} yuan" in said
        assert f"{counts['villages']} villages" in said
    assert commits["whole"]["control_totals"] == paid
    less, whole = commits["less"], commits["whole"]
    for total in paid:
        assert less["control_totals"][total] < paid[total]
    gone = (payments["村编号"] == payments["村编号"].iloc[0]).sum()
    assert whole["counts"]["households"] - less["counts"]["households"] == gone
    assert whole["counts"]["villages"] - less["counts"]["villages"] == 1
    towns = [one["tables"]["frame.csv"]["towns"] for one in (whole, less)]
    changed = [town for town in towns[0] if towns[0][town] != towns[1].get(town)]
    assert changed == [payments["乡镇"].iloc[0]], "the hash of every other town is as it was"


# The design


def test_a_cap_changed_after_the_seed_is_shown(base, tmp_path):
    folder = copy(base, tmp_path)
    commit = read(folder / "commit.json")
    commit["design"]["villages"]["at_most"] = 3
    (folder / "commit.json").write_bytes(json_bytes(commit))
    assert not told(folder)


def test_a_cap_changed_and_everything_made_anew_to_fit_it_has_another_hash_than_was_published(base, tmp_path):
    """Whoever holds the whole folder can write a consistent one: only the published hashes stop that."""
    folder = copy(base, tmp_path)
    published = {name: sha(folder / name) for name in ("commit.json", "receipt.json")}
    commit = read(folder / "commit.json")
    settings = folder / "campaign.toml"
    words = settings.read_text(encoding="utf-8").replace("at_most = 5", "at_most = 4")
    settings.write_text(words.replace("at_least = 3", "at_least = 1"), encoding="utf-8")
    for name in ("receipt.json", "sample.csv", "log.jsonl", "heads.jsonl"):
        (folder / name).unlink()
    assert run("commit", folder) == 0
    dated = read(folder / "commit.json") | {"committed_at": commit["committed_at"]}
    (folder / "commit.json").write_bytes(json_bytes(dated))
    at = read(base / "receipt.json")["seed_source"]["time"]
    assert run("draw", folder, "--seed", SEED, "--source", "dice", "--at", at) == 0
    assert told(folder), "consistent in itself"
    assert all(sha(folder / name) != old for name, old in published.items())


@pytest.mark.parametrize("name", ["lambda", "pi"])
def test_a_lambda_changed_after_the_seed_is_shown(tmp_path, name):
    folder = new(tmp_path / "c", committed=False)
    settings = folder / "campaign.toml"
    words = settings.read_text(encoding="utf-8").replace('method = "srs"', 'method = "pareto"')
    settings.write_text(words.replace('rate = "20%"', 'rate = "20%"\nsize = "households"'), encoding="utf-8")
    assert run("commit", folder) == 0 and run("draw", folder, "--seed", SEED) == 0
    assert told(folder)
    villages = read_csv(folder / "villages.csv")
    partial = villages[name].map(lambda cell: float.fromhex(cell) if name == "lambda" else float(cell)) < 1
    row = villages.index[partial & (villages["certainty"] == "0")][0]
    villages.loc[row, name] = (0.999).hex() if name == "lambda" else "0.999"
    (folder / "villages.csv").write_bytes(csv_bytes(villages))
    assert not told(folder)


# The result


def forged(folder, sample):
    """Put another sample in place, with a receipt that agrees with it in every hash."""
    data = csv_bytes(sample)
    (folder / "sample.csv").write_bytes(data)
    receipt = read(folder / "receipt.json") | {"sample_sha256": hashlib.sha256(data).hexdigest()}
    receipt["check_sum"] = digest_of(json.dumps({**receipt, "check_sum": ""}, sort_keys=True))
    (folder / "receipt.json").write_bytes(json_bytes(receipt))


def test_a_household_swapped_for_a_reserve_of_its_village_is_shown(base, tmp_path, capsys):
    folder = copy(base, tmp_path)
    sample = read_csv(folder / "sample.csv")
    inside = sample[sample["stage"] == "2"]
    village = inside.loc[inside["role"] == "reserve", "village"].iloc[0]
    here = inside[inside["village"] == village]
    main, reserve = (here.index[here["role"] == role][0] for role in ("main", "reserve"))
    names = ["household", "ticket"]
    sample.loc[[main, reserve], names] = sample.loc[[reserve, main], names].to_numpy()
    forged(folder, sample)
    capsys.readouterr()
    assert not told(folder)
    lines = capsys.readouterr().out
    assert village in lines or here.loc[main, "household"] in lines


@pytest.mark.parametrize("change", ["another seed", "another sample of villages", "a ticket"])
def test_a_receipt_that_tells_another_draw_is_shown(base, tmp_path, change):
    folder = copy(base, tmp_path)
    receipt = read(folder / "receipt.json")
    if change == "another seed":
        receipt["seed"] = OTHER_SEED
    elif change == "another sample of villages":
        receipt["sample"][0]["id"], receipt["reserves"][0]["id"] = (
            receipt["reserves"][0]["id"],
            receipt["sample"][0]["id"],
        )
    else:
        receipt["villages"][0]["cut_ticket"] = "f" * 64
    receipt["check_sum"] = digest_of(json.dumps({**receipt, "check_sum": ""}, sort_keys=True))
    (folder / "receipt.json").write_bytes(json_bytes(receipt))
    assert not told(folder)


# The log


def rewritten(folder, kept, *, heads):
    """Chain these entries of the log anew, as somebody could who may write every file; the heads as well."""
    lines: list[str] = []
    path = folder / "heads.jsonl"
    if heads:
        path.unlink()
    for entry in kept:
        lines.append(append_entry(lines, entry["kind"], entry["payload"], entry["time"]))
        if heads:
            note_head(path, log_head(lines), of=LOG, time=entry["time"])
    (folder / "log.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_the_honest_log_of_a_void_draw_is_in_order(again):
    assert [entry["kind"] for entry in entries(again)] == ["draw", "void", "draw"]
    assert told(again)


@pytest.mark.parametrize("kept", [[0, 2], [1, 2], [2], [0, 1], [0], []])
@pytest.mark.parametrize("how", ["lines cut out", "chained anew"])
def test_a_void_draw_removed_from_the_log_is_shown(again, tmp_path, kept, how):
    folder = copy(again, tmp_path)
    seen = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    if how == "lines cut out":
        (folder / "log.jsonl").write_text("".join(seen[index] for index in kept), encoding="utf-8")
    else:
        rewritten(folder, [entries(folder)[index] for index in kept], heads=False)
    assert not told(folder)
    assert run("publish", folder, "--what", "commit") == 1


def test_a_log_chained_anew_with_heads_to_match_contradicts_the_receipt(again, tmp_path):
    folder = copy(again, tmp_path)
    rewritten(folder, entries(folder)[2:], heads=True)
    assert not told(folder)


def test_only_the_published_hash_stops_whoever_rewrites_log_heads_and_receipt(again, tmp_path):
    folder = copy(again, tmp_path)
    published = sha(folder / "receipt.json")
    entry = entries(folder)[2]
    receipt = read(folder / "receipt.json") | {"voided": [], "heads": {"log": {}, "register": {}}}
    receipt["check_sum"] = digest_of(json.dumps({**receipt, "check_sum": ""}, sort_keys=True))
    (folder / "receipt.json").write_bytes(json_bytes(receipt))
    entry["payload"]["receipt_sha256"] = sha(folder / "receipt.json")
    rewritten(folder, [entry], heads=True)
    assert told(folder), "consistent in itself"
    assert sha(folder / "receipt.json") != published


def test_a_void_taken_back_by_cutting_off_the_last_line_is_shown(base, tmp_path):
    folder = copy(base, tmp_path)
    assert run("void", folder, "--reason", "test") == 0
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "log.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    for name in ("receipt.json", "sample.csv"):
        shutil.copy(folder / "void" / "1" / name, folder)
    assert not told(folder)


def test_no_draw_goes_on_over_a_log_that_was_cut_short(again, tmp_path):
    folder = copy(again, tmp_path)
    assert run("void", folder, "--reason", "test") == 0
    lines = (folder / "log.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "log.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    assert run("draw", folder, "--seed", THIRD_SEED) == 1
    (folder / "log.jsonl").unlink()
    assert run("draw", folder, "--seed", THIRD_SEED) == 1
    assert run("draw", folder, "--seed", THIRD_SEED, "--rehearsal") == 1


def test_a_second_receipt_of_the_same_commit_is_not_the_one_that_the_log_knows(base, tmp_path):
    folder = copy(base, tmp_path)
    campaign = open_campaign(folder)
    commit, lists = campaign.commit(), campaign.list_frames()
    sample = draw(
        campaign.frame(),
        Design.from_dict(commit["design"]),
        seed=OTHER_SEED,
        campaign=commit["campaign"],
        lists=lists,
    )
    source = read(folder / "receipt.json")["seed_source"]
    receipt = make_receipt(
        commit, sha(folder / "commit.json"), sample, seed=OTHER_SEED, source=source, software="x"
    )
    (folder / "sample.csv").write_bytes(csv_bytes(sample.table))
    (folder / "receipt.json").write_bytes(json_bytes(receipt))
    assert not told(folder)
