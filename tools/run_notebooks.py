"""Execute notebooks as a reader would, in a small world: `python tools/run_notebooks.py`.

Those of the examples and of the first guide. The blocks of the other guides are run by
`tests/docs/test_pages.py` alone, all in one process: a kernel for each guide, with the Hub and the
packages that some need, would take minutes and say no more. Cells of commands are left out, as each
would start ganzoo anew and train for long; `tests/docs/test_commands.py` asks whether the command
line takes them. An error names its page, and ends with 1.
"""

import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

import docs_notebooks

ROOT = Path(__file__).parents[1]
# The examples train small models of the paper's layers; an epoch of few images takes seconds.
SECONDS = 120
ENTER = f"""import os, sys
os.environ["GANZOO_HOME"] = "home"
sys.path.append({str(ROOT / "tests")!r})
import small_world
small_world.enter(setattr)
small_world.place_folders()"""


def chosen() -> list[str]:
    """Return the pages whose notebooks are executed."""
    examples = (ROOT / "docs").glob("examples/*.md")
    return ["first-digits.md", *sorted(f"examples/{path.name}" for path in examples)]


def run(page: str) -> None:
    """Execute the notebook of a page in an empty folder of a small world.

    Raises:
        nbformat.ValidationError: it is no notebook.
        CellExecutionError, CellTimeoutError, DeadKernelError: a cell failed.
    """
    text = docs_notebooks.written(docs_notebooks.notebook(page))
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    kept = [cell for cell in notebook.cells if not cell.source.startswith(("!", "%"))]
    notebook.cells = [nbformat.v4.new_code_cell(ENTER), *kept]
    with tempfile.TemporaryDirectory() as folder:
        place = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=SECONDS, resources=place).execute()


if __name__ == "__main__":
    for page in chosen():
        started = time.monotonic()
        try:
            run(page)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            sys.exit(f"The notebook of {page} failed:\n{error}")
        print(f"{page}: {time.monotonic() - started:.0f} s", flush=True)
