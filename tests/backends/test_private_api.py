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


# Public, by Python's documentation: of named tuples and of `os`.
DOCUMENTED = {"_asdict", "_fields", "_make", "_replace", "_exit"}


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED


def is_inner(text):
    return text.startswith(PRIVATE_MODULES)


def of_backends(module):
    return module.startswith("backends/")


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


OWN_NAMES = set(own_names())


def private_names(tree):
    """Yield the private names, and the paths of private modules, that a module mentions."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute() if is_private(node.attr) and node.attr not in OWN_NAMES:
                yield node.attr
            case ast.Import():
                yield from (each.name for each in node.names if is_inner(each.name))
            case ast.ImportFrom(module=str(module)) if is_inner(module):
                yield module
            case ast.Constant(value=str(text)) if is_inner(text):
                yield text


def test_no_other_module_knows_private_names():
    found = {module: set(private_names(tree)) for module, tree in TREES.items()}
    outside = {
        module: names for module, names in found.items() if names and not of_backends(module)
    }
    assert not outside


def test_those_of_the_backends_are_listed():
    found = {
        name for module in TREES if of_backends(module) for name in private_names(TREES[module])
    }
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
