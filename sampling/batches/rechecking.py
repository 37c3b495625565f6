"""Every finished file looked through again: made from the present facts, the right figures, nobody in it."""

from collections.abc import Iterator

import nbformat

from sampling.batches.checking import Guard
from sampling.batches.jobs import Content, Job, NotebookJob, OfficeJob, document_of
from sampling.batches.owed import jobs_of
from sampling.campaign import Campaign, Done
from sampling.documents.figures import differences
from sampling.documents.inputs import inputs_of
from sampling.words import Problem


def check_reports(campaign: Campaign) -> tuple[Done, int]:
    """Read every report of a campaign back, in its reader's language.

    Returns
    -------
    done, wrong
        What to say, with a problem for each file that is not as it should be; how many there are.

    Raises
    ------
    InputError
        If a step before the reports is not done, or something came back since the estimates.
    """
    guard, checked, problems = Guard(campaign), 0, list[Problem]()
    for job in jobs_of(campaign, campaign.lang):
        if job.marked.exists():
            checked += len(job.suffixes)
            problems += _problems(job, guard)
    fields = {"files": checked, "wrong": len(problems)}
    return Done(key="batches.checked", fields=fields, notes=tuple(problems)), len(problems)


def _problems(job: Job, guard: Guard) -> Iterator[Problem]:
    if inputs_of(job.marked) != job.inputs:
        yield Problem(key="batches.out_of_date", file=job.name_of(job.marked))
        return  # its figures are others by right
    contents = _contents(job)
    for suffix in job.suffixes:
        path = job.path(suffix)
        if not path.exists():
            yield Problem(key="batches.missing", file=job.name_of(path))
            continue
        data = path.read_bytes()
        if suffix in contents:
            head = job.letterhead(suffix)
            for one in differences(contents[suffix], data, suffix, letterhead=head):
                told = {"expected": one.expected, "found": one.found}
                yield Problem(
                    key="batches.other_figure", file=job.name_of(path), value=one.figure, fields=told
                )
        for leak in guard.leaks_in(job.tier, job.stem, path.name, data):
            yield Problem(key="batches.leaked", file=job.name_of(path), value=guard.said(leak))


def _contents(job: Job) -> dict[str, Content]:
    """What each of a job's files must say: a document's is built anew, a page's stands in its notebook."""
    if isinstance(job, OfficeJob):
        content = job.entry.build(job.office)
        return {} if content is None else {f".{name}": content for name in job.entry.formats}
    assert isinstance(job, NotebookJob)
    path = job.path(".ipynb")
    if not path.exists():
        return {}
    document = document_of(job, nbformat.read(path, as_version=4))
    return {".html": document, ".pdf": document}
