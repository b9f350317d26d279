import inspect
import subprocess
import sys
from operator import attrgetter
from types import ModuleType

import pytest

import ganzoo

PUBLIC = [name for name in ganzoo.__all__ if name != "__version__"]
MODULES = [name for name in PUBLIC if isinstance(getattr(ganzoo, name), ModuleType)]
MEMBERS = [
    f"{module}.{name}"
    for module in MODULES
    for name in getattr(getattr(ganzoo, module), "__all__", ())
]


def run(code):
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_all_is_what_is_visible():
    assert len(ganzoo.__all__) == len(set(ganzoo.__all__))
    visible = {name for name in vars(ganzoo) if not name.startswith("_")}
    hidden = visible - set(ganzoo.__all__)
    # Python makes every imported submodule an attribute; nothing else may leak.
    assert hidden <= {name for name in visible if f"ganzoo.{name}" in sys.modules}


@pytest.mark.parametrize("module", MODULES)
def test_public_module_names_its_public_members(module):
    assert getattr(ganzoo, module).__all__


@pytest.mark.parametrize("name", [*PUBLIC, *MEMBERS])
def test_public_name_has_a_docstring_with_an_example(name):
    value = attrgetter(name)(ganzoo)
    text = inspect.getdoc(value) or ""
    if isinstance(value, ModuleType):
        assert text  # its members carry the examples
    elif callable(value):
        assert "```python" in text


def test_import_opens_no_socket():
    run(
        "import sys\n"
        "def refuse(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.sendto'):\n"
        "        raise SystemExit(f'{event} {arguments}')\n"
        "sys.addaudithook(refuse)\n"
        "import ganzoo"
    )


def test_import_adds_little_to_keras():
    """Only small packages: those that take long are imported by what needs them."""
    added = run(
        "import sys, keras\n"
        "packages = lambda: {name.partition('.')[0] for name in sys.modules}\n"
        "before = packages()\n"
        "import ganzoo\n"
        "print(*packages() - before)"
    )
    assert set(added.split()) - sys.stdlib_module_names <= {"ganzoo", "PIL", "safetensors"}
