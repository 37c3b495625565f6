"""What the invented inspectors see at a household and take for true, in the words of the form's language."""

import random
from collections.abc import Mapping

from sampling.codes import LIST_VERDICTS, REASONS, ROLL, label, verdict_table
from sampling.demo.trip import MEMBERS, Answers, Key, Trip
from sampling.findings.answers import read_amount
from sampling.forms import ReturnedForm
from sampling.forms.issue import yuan
from sampling.forms.layout import ANSWER_FIELDS, MEMBER_FIELDS
from sampling.words import text

INEXACT = 40000
"""Fen a person by which the income of somebody who is not entitled lies above the standard."""


def visit(row: Mapping[str, str], key: Key, form: ReturnedForm, trip: Trip) -> Answers:
    """One visit as it should be written down."""
    chance, noise, lang = trip.chance("visit", *key), trip.noise, form.heading.lang
    at_door, fate, name, eye = (chance.random() for _ in range(4))
    answers = {**dict.fromkeys(ANSWER_FIELDS, ""), **_team(key, form, trip)}
    if at_door < noise.not_at_home + noise.refused:
        outcome = "absent" if at_door < noise.not_at_home else "refused"
        return answers | {"outcome": label("outcome", outcome, lang)}
    persons = row["persons"] or "1"
    concluded = {"verdict": "to_be_checked", "persons_found": persons, "note": ""}
    if fate < noise.died:
        concluded |= {"persons_found": str(max(int(persons) - 1, 0)), "note": "head_died_since"}
    elif fate < noise.died + noise.moved:
        concluded["note"] = "moved_out" if fate < noise.died + noise.moved / 2 else "lives_elsewhere"
    else:
        concluded |= _conclude(key, persons, eye, chance, trip)
        concluded["note"] = "name_differs" if name < noise.name_differs else ""
    concluded |= _facts(row, concluded, key, trip)
    return answers | {"outcome": label("outcome", "completed", lang)} | _in_words(concluded, key[0], lang)


def members_of(
    row: Mapping[str, str], answers: Mapping[str, str], key: Key, form: ReturnedForm, trip: Trip
) -> list[Answers]:
    """The table of members, as many as persons were found; the head first."""
    if answers["outcome"] != label("outcome", "completed", form.heading.lang):
        return []
    chance, lang = trip.chance("members", *key), form.heading.lang
    entitled = int(answers["entitled_found"] or 0)
    people = []
    for place in range(int(answers["persons_found"] or 0)):
        age = chance.randint(45, 88) if place < 2 else chance.randint(1, 50)
        codes = {
            "relation": ("head", "spouse", "child")[min(place, 2)],
            "health": chance.choice(("well", "ill", "disabled")),
            "ability": "none" if age < 16 or age > 70 else chance.choice(("full", "part", "none")),
        }
        name = row["household_name"] if place == 0 else text("forms.inspector.member", lang, number=place)
        said = {field: label(field, code, lang) for field, code in codes.items()}
        counted = label("yes_no", "yes" if place < entitled else "no", lang)
        people.append(
            dict.fromkeys(MEMBER_FIELDS, "")
            | {"serial": row["serial"], "member_name": name, "age": str(age), "counted": counted, **said}
        )
    return people


def _facts(row: Mapping[str, str], concluded: Mapping[str, str], key: Key, trip: Trip) -> Answers:
    """The four incomes and what else a form asks, such that the standard gives what the team says is due."""
    persons = int(concluded["persons_found"])
    entitled = int(concluded.get("entitled_found") or min(int(row["entitled"] or persons), persons))
    if concluded.get("reason") == "persons_wrong":
        entitled = max(min(entitled + persons - int(row["persons"] or persons), persons), 1)
    due = read_amount(concluded.get("amount_due") or row["amount"]) or 0
    chance, standard = trip.chance("facts", *key), trip.known.standard
    each = standard.each(area=trip.known.areas.get(key, ""), category="")
    facts = {"entitled_found": str(entitled), "tie": "none", "holder": "head", "receiver": "household"}
    facts |= {"payment": "in_full", "mode": "at_home"}
    if each is None or not persons or key[0] != ROLL:
        return facts
    if concluded["verdict"] == "ineligible":
        income = (each + INEXACT) * persons
    else:
        income = max(each - due // entitled, 0) * persons if entitled else each * persons
    wages = chance.choice((0, 0, income // 2 // 100 * 100))
    return facts | {
        "income_wages": yuan(wages),
        "income_business": "0",
        "income_property": "0",
        "income_transfers": yuan(income - wages),
    }


def _conclude(key: Key, persons: str, eye: float, chance: random.Random, trip: Trip) -> Answers:
    """What the inspectors take for true: sometimes they overlook an error, sometimes they see one."""
    truth = trip.truth.get(key, {"status": "correct", "reason": "", "amount_due_fen": ""})
    if truth["status"] == "correct":
        return _see_what_is_not(key[0], chance) if eye < trip.noise.false_positive else {"verdict": "correct"}
    if eye < trip.noise.false_negative:
        return {"verdict": "correct"}
    seen = {"verdict": truth["status"], "reason": truth["reason"] if key[0] == ROLL else ""}
    if truth["status"] in ("overpaid", "underpaid"):
        seen["amount_due"] = yuan(int(truth["amount_due_fen"]))
    if truth["status"] == "ineligible":
        seen |= _evidence(truth["reason"])
    if truth["reason"] == "persons_wrong":
        step = -1 if truth["status"] == "overpaid" else 1
        seen["persons_found"] = str(max(int(persons) + step, 1))
    return seen


def _see_what_is_not(list_name: str, chance: random.Random) -> Answers:
    if list_name != ROLL:
        return {"verdict": LIST_VERDICTS[1]}
    reason = chance.choice(REASONS["ineligible"][1:6])
    return {"verdict": "ineligible", "reason": reason, **_evidence(reason)}


def _evidence(reason: str) -> Answers:
    """What a removal needs: papers that were seen, and income even where nobody asks for it by a standard."""
    if reason == "head_died":
        return {"evidence": "died", "persons_found": "0", "entitled_found": "0"}
    return {"evidence": "income", "income_wages": "3000"}


def _in_words(concluded: Mapping[str, str], list_name: str, lang: str) -> Answers:
    words = {
        field: label(field, concluded[field], lang)
        for field in ("tie", "holder", "receiver", "payment", "mode")
    }
    reason, note, evidence = (concluded.get(name, "") for name in ("reason", "note", "evidence"))
    return {
        **concluded,
        **words,
        "verdict": label(verdict_table(list_name), concluded["verdict"], lang),
        "reason": label("reason", reason, lang) if reason else "",
        "evidence": text(f"forms.inspector.evidence_{evidence}", lang) if evidence else "",
        "note": text(f"forms.inspector.{note}", lang) if note else "",
        "signed": label("yes_no", "yes", lang),
    }


def _team(key: Key, form: ReturnedForm, trip: Trip) -> Answers:
    """The day, the time and the two inspectors; the same two in a whole village."""
    chance, lang, slot = trip.chance("team", form.village), form.heading.lang, trip.slots[key]
    members = chance.sample(range(1, MEMBERS + 1), 2)
    names = [text("forms.inspector.code", lang, team=slot.team, member=member) for member in members]
    when = {"date": slot.date, "arrive": slot.arrive, "leave": slot.leave}
    return when | {"inspector_1": names[0], "inspector_2": names[1]}
