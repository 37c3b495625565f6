"""A notebook as it lies in the project: its cells, and the parameters that it declares."""

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sampling.words import Problem, refuse_if_any

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PARAMETERS = "parameters"
"""The tag of the cell that declares parameters: papermill's word."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """A notebook, not yet run; read as JSON, since nbformat takes a second to import."""

    path: Path
    content: str

    @property
    def cells(self) -> list[dict]:
        """The cells as the file has them."""
        return json.loads(self.content)["cells"]

    @property
    def parameter_cell(self) -> int:
        """The place of the cell that declares the parameters, counted from 0."""
        return next(
            place for place, cell in enumerate(self.cells) if PARAMETERS in cell["metadata"].get("tags", [])
        )

    @property
    def parameters(self) -> Mapping[str, object]:
        """The names that this cell assigns, in order, each with the value that it has if nothing is given."""
        source = "".join(self.cells[self.parameter_cell]["source"])
        return {
            target.id: ast.literal_eval(statement.value)
            for statement in ast.parse(source).body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }


def read_template(name: str) -> Template:
    """The project's notebook of this name."""
    path = NOTEBOOKS / f"{name}.ipynb"
    return Template(path=path, content=path.read_text(encoding="utf-8"))


def refuse_other_kinds(template: Template, values: Mapping[str, object]) -> None:
    """Refuse values of another kind than a notebook declares: text, a whole number, a number, yes or no.

    Raises
    ------
    InputError
        Naming each one, its value and the kind that it must be of.
    """
    declared = template.parameters
    refuse_if_any(
        Problem(
            key="batches.other_kind",
            file=template.path.name,
            column=name,
            value=repr(value)[:60],
            fields={"kind": type(declared[name]).__name__},
        )
        for name, value in values.items()
        if name in declared and type(value) is not type(declared[name])
    )


def refuse_undeclared(template: Template, names: Iterable[str]) -> None:
    """Refuse parameters that a notebook does not declare; papermill would warn and write them as code.

    Raises
    ------
    InputError
        Naming each one and those that there are.
    """
    declared = template.parameters
    fields = {"known": ", ".join(declared)}
    refuse_if_any(
        Problem(key="reports.undeclared_parameter", file=template.path.name, value=name, fields=fields)
        for name in names
        if name not in declared
    )
