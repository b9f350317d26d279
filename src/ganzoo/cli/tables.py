"""Tables for a terminal, without colours: so they read the same in a pipe."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.names import printable


def print_table(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> None:
    """Print rows of cells, as wide as the terminal; long cells are wrapped."""
    table = Table(*header, box=box.ASCII_DOUBLE_HEAD if header else None, show_header=bool(header))
    for row in rows:
        table.add_row(*(Text(printable(str(cell)), overflow="fold") for cell in row))
    table.columns[0].no_wrap = True
    Console(highlight=False).print(table)
