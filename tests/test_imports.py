"""Imports go down only: a module may import from lower floors, and within its own package."""

import ast
import re
import sys
from importlib.util import find_spec, resolve_name
from pathlib import Path

import pytest

FLOORS = (  # from the ground up; a package name stands for every module in it not named elsewhere
    {
        "_backend_choice",
        "_version",
        "files",
        "launched",
        "names",
        "pixel_range",
        "storage",
        "types",
    },
    {"backends", "pictures", "schedules"},
    {"draws", "presets"},
    {"augmentation", "layers", "losses", "penalties", "datasets"},
    {"training", "metrics", "recipes"},
    {"callbacks"},
    {"gan"},
    {"dcgan", "fastgan", "latents"},
    {"runs"},
    {""},  # ganzoo itself: the public names
    {"demo"},
    {"cli"},
    {"testing"},
    {"__main__"},
)
STANDARD_LIBRARY_ONLY = {"_backend_choice", "_version", "files", "launched", "names"}
FRAMEWORKS = {"jax", "tensorflow", "torch"}
MAINTAINERS = {"metrics.extractors.convert_inception": {"torch"}}  # steps that no user runs

ROOT = Path(find_spec("ganzoo").submodule_search_locations[0])


def module_name(path):
    """Name a file as seen from ganzoo: `dcgan/model.py` is `dcgan.model`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


FILES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def floor(module):
    """Return the height of a module, or of the nearest package around it that has one."""
    name = module
    while True:
        for height, names in enumerate(FLOORS):
            if name in names:
                return height
        name = name.rpartition(".")[0]
        assert name, f"give {module!r} a floor in FLOORS"


def imports(module):
    """Yield the full name of everything that a module imports, functions included."""
    path = FILES[module]
    here = "ganzoo" + f".{module}" * bool(module)
    package = here if path.name == "__init__.py" else here.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{source}.{alias.name}" for alias in node.names)


def ganzoo_modules(module):
    """Yield the modules of ganzoo that a module imports: `ganzoo.dcgan.DCGAN` is `dcgan`."""
    for name in imports(module):
        top, _, inner = name.partition(".")
        if top == "ganzoo":
            yield inner if inner in FILES else inner.rpartition(".")[0]


@pytest.mark.parametrize("module", FILES)
def test_imports_go_down_only(module):
    for imported in ganzoo_modules(module):
        same_package = module.partition(".")[0] == imported.partition(".")[0]
        allowed = (
            floor(imported) <= floor(module) if same_package else floor(imported) < floor(module)
        )
        assert allowed, f"{module or 'ganzoo'} imports {imported or 'ganzoo'}"


@pytest.mark.parametrize("module", FILES)
def test_frameworks_stay_in_their_files(module):
    own = re.sub(r"^backends\.(on|fast|replicas|twice)_", "", module)
    found = {name.partition(".")[0] for name in imports(module)} & FRAMEWORKS
    assert found <= {own} | MAINTAINERS.get(module, set())


@pytest.mark.parametrize("module", sorted(STANDARD_LIBRARY_ONLY))
def test_ground_floor_needs_the_standard_library_only(module):
    assert {name.partition(".")[0] for name in imports(module)} <= sys.stdlib_module_names


@pytest.mark.parametrize("module", [name for name in FILES if name.startswith("presets")])
def test_presets_do_without_keras(module):
    """What a stranger wrote is judged by code that can build nothing."""
    assert "keras" not in {name.partition(".")[0] for name in imports(module)}
