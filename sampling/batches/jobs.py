"""What a batch is made of: jobs, each one notebook or one document for one place in one language."""

import hashlib
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from sampling.batches.kernels import Kernels
from sampling.batches.record import ReportRun
from sampling.batches.template import Template
from sampling.campaign import Campaign
from sampling.documents.docx import docx_bytes
from sampling.documents.inputs import inputs_of
from sampling.documents.model import Book, Document
from sampling.documents.pdf import pdf_bytes
from sampling.documents.xlsx import xlsx_bytes
from sampling.files import json_bytes
from sampling.office.kinds import OfficeKind
from sampling.office.office import Office
from sampling.reports.html import notebook_page, parts_of
from sampling.reports.report import Report, report_folder, safe_name

Content = Document | Book


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a job made, before anything of it is written.

    Attributes
    ----------
    files
        By suffix; empty where the place owes no such document.
    contents
        What each of these files must say, by suffix.
    """

    files: Mapping[str, bytes]
    contents: Mapping[str, Content]


class JobFailedError(Exception):
    """A job came to nothing: the notebook's cell (from 1), what is said of it, the notebook as it stood."""

    def __init__(self, message: str, *, cell: int | None = None, notebook: bytes = b"") -> None:
        super().__init__(message)
        self.cell, self.notebook = cell, notebook


@dataclass(frozen=True, kw_only=True)
class Job(ABC):
    """Something to be made: where it goes and the hash of everything that it is made from.

    `suffixes` are its files; the last one carries `inputs` and is put in place last.
    """

    kind: str
    campaign: Campaign
    unit: Mapping[str, str]
    lang: str
    tier: str
    stem: str
    suffixes: Sequence[str]
    inputs: str
    facts: str

    @abstractmethod
    def make(self, kernels: Kernels) -> Made:
        """Make it; nothing is written.

        Raises
        ------
        JobFailedError
            If a notebook failed.
        """

    def path(self, suffix: str) -> Path:
        """Where one of its files lies."""
        return report_folder(self.campaign, self.lang, self.tier) / f"{self.stem}{suffix}"

    def letterhead(self, suffix: str) -> bytes:
        """The office's own DOCX that one of the files is made in; empty where there is none."""
        return b""

    @property
    def marked(self) -> Path:
        """The file that carries the hash."""
        return self.path(self.suffixes[-1])

    def is_made(self, before: Mapping[str, Any]) -> bool:
        """Whether its files are there, made from the same; `before` is what the record says of it."""
        if before.get("inputs") == self.inputs and not before["files"] and before["state"] == "done":
            return True  # the place owed none, and still owes none
        there = all(self.path(suffix).exists() for suffix in self.suffixes)
        return there and inputs_of(self.marked) == self.inputs

    def name_of(self, path: Path) -> str:
        """A path as the record has it."""
        return path.relative_to(self.campaign.folder).as_posix()

    def run(
        self, state: str, *, made: bool, seconds: float, suffixes: Sequence[str], **failure: Any
    ) -> ReportRun:
        """What became of it."""
        return ReportRun(
            report=self.kind,
            unit=self.unit["unit"],
            lang=self.lang,
            tier=self.tier,
            file=self.name_of(self.marked),
            files=tuple(self.name_of(self.path(suffix)) for suffix in suffixes),
            state=state,
            made=made,
            seconds=round(seconds, 2),
            inputs=self.inputs,
            facts=self.facts,
            **failure,
        )


@dataclass(frozen=True, kw_only=True)
class Request:
    """A notebook to be run with these parameters; `unit` and `lang` say for whom."""

    notebook: str
    unit: str = ""
    lang: str = ""
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NotebookJob(Job):
    """A notebook run for one place: a page, its PDF, and the notebook with its outputs."""

    report: Report
    template: Template
    request: Request

    @property
    def parameters(self) -> dict[str, object]:
        """What the notebook is given; the unit by its number, never by a name: parameters become code."""
        place = {"campaign": str(self.campaign.folder), "unit": self.unit["number"], "lang": self.lang}
        return {**place, **self.request.more}

    def make(self, kernels: Kernels) -> Made:
        """Run the notebook; its page and its PDF are made of what its cells show."""
        from sampling.batches import execution  # papermill takes two seconds to import

        with tempfile.TemporaryDirectory(prefix="sampling-notebook-") as folder, kernels.watched() as watch:
            kept = Path(folder) / "notebook.ipynb"
            try:
                notebook = execution.execute(self.template, self.parameters, watch.manager, kept)
            except Exception as error:
                cell, message = execution.failure(self.template, error)
                told = kernels.reason(watch, self.lang) or message
                unfinished = kept.read_bytes() if kept.exists() else b""
                raise JobFailedError(told, cell=cell, notebook=unfinished) from None
        document = document_of(self, notebook)
        page = notebook_page(notebook, title=self.report.title, lang=self.lang, inputs=self.inputs)
        files = {
            ".ipynb": json_bytes(notebook),
            ".pdf": pdf_bytes(document, inputs=self.inputs),
            ".html": page.encode("utf-8"),
        }
        return Made(files=files, contents={".pdf": document, ".html": document})


def document_of(job: NotebookJob, notebook: NotebookNode) -> Document:
    """What a finished notebook shows, as a document."""
    report, parts = job.report, parts_of(notebook)
    return Document(title=report.title, lang=job.lang, tier=job.tier, marks=report.marks, parts=parts)


@dataclass(frozen=True, kw_only=True)
class OfficeJob(Job):
    """A document that the office owes for one place."""

    office: Office
    entry: OfficeKind

    def make(self, kernels: Kernels) -> Made:
        """Build it and write it in its formats."""
        content = self.entry.build(self.office)
        if content is None:
            return Made(files={}, contents={})
        files = {f".{name}": self._write(name, content) for name in self.entry.formats}
        files |= {f".{name}": more(self.office) for name, more in self.entry.beside.items()}
        contents = {f".{name}": content for name in self.entry.formats}
        return Made(files={suffix: files[suffix] for suffix in self.suffixes}, contents=contents)

    def _write(self, name: str, content: Content) -> bytes:
        if isinstance(content, Book):
            return xlsx_bytes(content, inputs=self.inputs)
        if name == "pdf":
            return pdf_bytes(content, inputs=self.inputs)
        return docx_bytes(content, inputs=self.inputs, template=self._template)

    def letterhead(self, suffix: str) -> bytes:
        """The office's own DOCX, for a DOCX."""
        return self._template.read_bytes() if self._template and suffix == ".docx" else b""

    @cached_property
    def _template(self) -> Path | None:
        own = self.campaign.settings.office["template"]
        return self.campaign.folder / own if own else None


def digest(parts: Iterator[str] | Sequence[str]) -> str:
    """SHA-256 over texts, none of which can run into the next."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()


def stem_of(begin: str, unit: str) -> str:
    """How the files of a place are called."""
    return f"{begin}-{safe_name(unit)}"
