"""What is made is looked through before it is put in place: its figures, and what it tells of people."""

from sampling.batches.jobs import Job, Made
from sampling.campaign import Campaign
from sampling.documents.figures import differences
from sampling.words import text


class Guard:
    """Looks through the files of one campaign."""

    def __init__(self, campaign: Campaign) -> None:
        self._lang = campaign.lang

    def problem(self, job: Job, made: Made) -> str:
        """The first thing that is wrong with what a job made; empty where nothing is."""
        for suffix, content in made.contents.items():
            for difference in differences(content, made.files[suffix], suffix):
                return text(
                    "batches.disagrees",
                    self._lang,
                    file=job.path(suffix).name,
                    figure=difference.figure,
                    expected=difference.expected,
                    found=difference.found,
                )
        return ""

    def harmless(self, message: str) -> str:
        """The message, if it tells nothing of a person."""
        return message
