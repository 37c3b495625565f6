"""An office's own DOCX, filled in: a red head, a form letter."""

from pathlib import Path

import jinja2
from docx.document import Document as DocxDocument
from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from sampling.documents.clean import clean
from sampling.documents.model import Document
from sampling.words import InputError, Problem

BODY = "\ue000body\ue000"
"""Where the body goes: signs that no document holds."""


def filled(template: Path, document: Document) -> tuple[DocxDocument, frozenset[str]]:
    """The template with its fields `title`, `marks` and `body` filled in, and which of them it has.

    The body is a mark yet.

    Raises
    ------
    InputError
        If there is no such file, it is no DOCX, or it has other fields.
    """
    try:
        own, rules = DocxTemplate(template), SandboxedEnvironment(undefined=jinja2.StrictUndefined)
        fields = frozenset(own.get_undeclared_template_variables(rules))
        own.render(
            {"title": clean(document.title), "marks": "　".join(map(clean, document.marks)), "body": BODY},
            rules,
            autoescape=True,
        )
    except Exception as error:  # whatever an office's file holds: python-docx, docxtpl, lxml, zipfile, jinja
        problem = Problem(key="documents.bad_template", file=template.name, value=str(error)[:200])
        raise InputError([problem]) from None
    return own.docx, fields
