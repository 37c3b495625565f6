"""How the invented inspectors write down what they saw: unsigned here, mistyped there, a serial copied."""

import random
from collections.abc import Mapping

from sampling.codes import label
from sampling.demo.trip import Answers, Key, Trip
from sampling.forms import ReturnedForm
from sampling.forms.layout import ANSWERS


def write_down(answers: Mapping[str, str], key: Key, lang: str, trip: Trip) -> Answers:
    """The same answers as they come to stand on the form."""
    chance = trip.chance("pen", *key)
    written = dict(answers)
    if written["signed"] and chance.random() < trip.noise.unsigned:
        written["signed"] = label("yes_no", "no", lang)
    for column in ANSWERS:
        slips = chance.random() < trip.noise.entry_error
        if written[column.field] and slips:
            written[column.field] = _mistyped(written, column.field, column.kind, chance)
    return written


def _mistyped(written: Answers, name: str, kind: str, chance: random.Random) -> str:
    value = written[name]
    if name == "inspector_2":
        return written["inspector_1"]
    slips = {
        "choice": (value[:-1], value + "?", value[1:] + value[0]),
        "money": (value.replace(".", "。。") + "。", value[:-1] + "O", value + "-"),
        "number": (value + "人", "-" + value, value + ".5"),
        "date": (value[:5] + "13" + value[7:], "2" + value, value[:8] + "32"),
        "time": (value.replace(":", "."), value[:2], "25" + value[2:]),
    }
    return chance.choice(slips.get(kind, (value + " ",)))


def copy_serials(rows: list[dict], form: ReturnedForm, trip: Trip) -> None:
    """Now and then a row is copied over another and keeps the other's serial."""
    chance, serials = trip.chance("serials", form.village), [row["serial"] for row in rows]
    for place, row in enumerate(rows):
        if chance.random() < trip.noise.serial_copied and len(rows) > 1:
            row["serial"] = chance.choice([*serials[:place], *serials[place + 1 :]])
