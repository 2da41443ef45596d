"""The notebook of the documentation runs, and every object in it displays itself."""

import asyncio
import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"


def test_the_notebook_is_stored_without_outputs():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(not cell.get("outputs") for cell in cells) and len(cells) > 10


@pytest.mark.filterwarnings("ignore")  # of the packages that run notebooks
def test_the_notebook_runs_and_shows_html(monkeypatch):
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(NOTEBOOK.parents[1]))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(notebook, timeout=120)
    asyncio.run(client.async_execute())
    shown = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert output.output_type == "execute_result", output
            shown[cell.source.splitlines()[-1]] = output.data
    kinds = {line: set(data) - {"text/plain"} for line, data in shown.items()}
    assert len(kinds) == 11 and kinds.pop("ag.draw(y)") == {"image/svg+xml"}
    assert all(kind == {"text/html"} for kind in kinds.values()), kinds
