"""What is made is looked through before it is put in place: its figures, and what it tells of people."""

from collections.abc import Iterable
from functools import cached_property

import pandas as pd

from sampling.batches.jobs import Job, Made
from sampling.campaign import Campaign
from sampling.campaign.folder import RECEIPT
from sampling.documents.figures import differences
from sampling.documents.leaks import Leak, Secrets, allowed_for, scan, secrets_of
from sampling.words import LANGUAGES, text
from sampling.words.text import catalogue


class Guard:
    """Looks through the files of one campaign; its people are read when the first file comes."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign

    def problem(self, job: Job, made: Made) -> str:
        """The first thing that is wrong with what a job made, worded; empty where nothing is."""
        said = [*self._differences(job, made), *self._leaks(job, made)]
        return said[0] if said else ""

    def harmless(self, message: str) -> str:
        """The message, if it tells nothing of a person; else only that it cannot be shown."""
        nothing = allowed_for("", "", self._numbers)
        if scan("message.txt", message.encode("utf-8"), self._secrets, nothing):
            return text("batches.hidden", self._campaign.lang)
        return message

    def leaks_in(self, tier: str, stem: str, name: str, data: bytes) -> list[Leak]:
        """What one file tells of people that its readers must not know."""
        return scan(name, data, self._secrets, allowed_for(tier, stem, self._numbers))

    def _differences(self, job: Job, made: Made) -> Iterable[str]:
        for suffix, content in made.contents.items():
            head = job.letterhead(suffix)
            for one in differences(content, made.files[suffix], suffix, letterhead=head):
                told = {"figure": one.figure, "expected": one.expected, "found": one.found}
                name = job.path(suffix).name
                yield text("batches.disagrees", self._campaign.lang, file=name, **told)

    def _leaks(self, job: Job, made: Made) -> Iterable[str]:
        for suffix, data in made.files.items():
            for leak in self.leaks_in(job.tier, job.stem, job.path(suffix).name, data):
                yield self.said(leak)

    def said(self, leak: Leak) -> str:
        """A leak in the reader's language, without what leaked."""
        lang = self._campaign.lang
        return text("batches.leak", lang, kind=text(f"batches.leaks.{leak.kind}", lang), place=leak.place)

    @cached_property
    def _secrets(self) -> Secrets:
        campaign = self._campaign
        return secrets_of([campaign.roll(), *campaign.lists().values()], words=" ".join(self._words()))

    def _words(self) -> Iterable[str]:
        """What is no secret even if somebody is called so: places, the office, the program's own words."""
        places = self._campaign.villages().reindex(columns=["township", "township_name", "village_name"])
        yield from pd.unique(places.astype("str").to_numpy().ravel())
        yield self._campaign.settings.office["name"]
        for lang in LANGUAGES:
            yield from catalogue(lang).values()

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        """Numbers that may stand everywhere: hotlines, and the seed, which everybody knows."""
        drawn = self._campaign.has(RECEIPT)
        seed = (self._campaign.receipt()["seed"],) if drawn else ()
        return (*self._campaign.settings.office["hotlines"], *seed)
