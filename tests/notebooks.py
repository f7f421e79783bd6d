"""The notebooks in docs: executed by a real kernel, with what they print and show kept in them. ``python -m tests.notebooks`` executes them anew."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "docs" / "explorer.ipynb"
KINDS = ("text/html", "text/plain")
"""What is kept of an output; a widget's own state is of no use without its kernel."""
_VIEW = "application/vnd.jupyter.widget-view+json"


def executed(notebook: Any) -> Any:
    """The same notebook with fresh outputs, in an empty folder, by a kernel whose settings are nobody's.

    A widget is kept as words: which it is; its pictures are in what the cells below ask it for.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = {name: f"{folder}/{name.lower()}" for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR")}
        env = {**os.environ, **own, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
        client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}})
        client.execute(env=env)
    for cell in notebook.cells:
        cell.metadata.clear()
        if cell.cell_type == "code":
            cell.outputs = [_kept(each) for each in cell.outputs]
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}  # fmt: skip
    return notebook


def _kept(output: Any) -> Any:
    if output.output_type not in ("display_data", "execute_result"):
        return output
    data = {kind: text for kind, text in output.data.items() if kind in KINDS}
    if _VIEW in output.data:
        data = {"text/plain": re.sub(r"\(.*", "(…)", str(data.get("text/plain", "")), flags=re.DOTALL)}
    return nbformat.from_dict({**output, "data": data, "metadata": {}})


def main() -> None:
    """Execute and write."""
    notebook = executed(nbformat.read(NOTEBOOK, as_version=4))
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
