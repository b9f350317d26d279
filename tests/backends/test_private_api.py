"""Private names of other packages stand in `ganzoo.backends` alone, and in its list."""

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from ganzoo import backends

ROOT = Path(find_spec("ganzoo").submodule_search_locations[0])
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.rglob("*.py"))
}
PRIVATE_MODULES = ("keras.src", "torch._", "jax._", "tensorflow.python", "PIL._", "numpy._")


OF_NAMED_TUPLES = {"_asdict", "_fields", "_make", "_replace"}  # public, by Python's documentation


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name not in OF_NAMED_TUPLES


def own_names():
    """Return every private name that ganzoo gives to something of its own."""
    for tree in TREES.values():
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef() | ast.ClassDef():
                    yield node.name
                case ast.Name(ctx=ast.Store()):
                    yield node.id
                case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Store()):
                    yield node.attr
                case ast.alias():
                    yield node.name


def private_names(tree):
    """Yield the private names, and the paths of private modules, that a module mentions."""
    own = set(own_names())
    for node in ast.walk(tree):
        match node:
            case ast.Attribute() if is_private(node.attr) and node.attr not in own:
                yield node.attr
            case ast.Import():
                yield from (
                    each.name for each in node.names if each.name.startswith(PRIVATE_MODULES)
                )
            case ast.ImportFrom(module=str(module)) if module.startswith(PRIVATE_MODULES):
                yield module
            case ast.Constant(value=str(text)) if text.startswith(PRIVATE_MODULES):
                yield text


OUTSIDE = [name for name in TREES if not name.startswith("backends/")]


@pytest.mark.parametrize("module", OUTSIDE)
def test_no_other_module_knows_private_names(module):
    assert not set(private_names(TREES[module]))


def test_those_of_the_backends_are_listed():
    found = {name for tree in TREES if tree not in OUTSIDE for name in private_names(TREES[tree])}
    assert {"_momentums", "_parallel_update_step"} <= found
    assert all(f"`{name}`" in backends.__doc__ for name in found)


@pytest.mark.parametrize(
    "line",
    [
        "model._tracker.untrack(x)",
        "import keras.src.ops",
        "from keras.src import ops",
        "'keras.src.x'",
    ],
)
def test_it_would_be_noticed(line):
    assert set(private_names(ast.parse(line)))
