"""One notebook run by papermill in a kernel of its own, and what is said when it fails."""

from collections.abc import Mapping
from pathlib import Path

import nbformat
import papermill
from nbformat import NotebookNode

from sampling.batches.template import Template
from sampling.reports.report import ReportRefused

INJECTED = "injected-parameters"
"""papermill's tag of the cell that it puts behind the parameters."""
MESSAGE = 500
"""Signs of an error message that are kept."""
START_SECONDS = 120
"""How long a kernel may take to start before its report counts as failed."""


def execute(template: Template, parameters: Mapping[str, object], manager: type, kept: Path) -> NotebookNode:
    """Run a notebook with these parameters.

    Parameters
    ----------
    template
        The notebook; it stays as it is.
    parameters
        Only names that the notebook declares.
    manager
        The class that starts the kernel: what `kernel_managers` gives.
    kept
        A file of this run alone, whose path has no braces: papermill keeps the notebook there while it runs,
        so that one that fails can be looked at.

    Returns
    -------
    NotebookNode
        The notebook with its outputs.

    Notes
    -----
    papermill gets the notebook itself, not its path: in a path it would take braces for fields.
    """
    notebook = papermill.execute_notebook(
        nbformat.reads(template.content, as_version=4),
        str(kept),
        parameters=dict(parameters),
        kernel_name="python3",
        progress_bar=False,
        autosave_cell_every=0,
        start_timeout=START_SECONDS,
        kernel_manager_class=manager,
        shutdown_kernel="immediate",
    )
    notebook.metadata.papermill.update(input_path="", output_path="")
    for cell in notebook.cells:
        if INJECTED in cell.metadata.get("tags", []):
            cell.id = INJECTED  # papermill's is random, and stands in the page
    return notebook


def failure(template: Template, error: Exception) -> tuple[int | None, str]:
    """The cell that failed, counted from 1 in the notebook as it lies there, and what it said."""
    index = getattr(error, "cell_index", None)
    name, words = getattr(error, "ename", type(error).__name__), getattr(error, "evalue", str(error))
    message = (words if name == ReportRefused.__name__ else f"{name}: {words}")[:MESSAGE]
    if index is None:
        return None, message
    return (index if index > template.parameter_cell else index + 1), message  # one cell was put in between
