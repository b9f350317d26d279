"""Every example in a public docstring runs as it stands, with nothing that it has not imported."""

import inspect
import re
import textwrap
from types import ModuleType

import pytest

import ganzoo

BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.filterwarnings("ignore:The Fr.chet distance of:UserWarning"),  # so few images
]


def public():
    """Yield the name and the value of all that the package shows, methods included."""
    for name in ganzoo.__all__:
        value = getattr(ganzoo, name)
        shown = getattr(value, "__all__", ()) if isinstance(value, ModuleType) else ()
        yield from members(name, value)
        for inner in shown:
            yield from members(f"{name}.{inner}", getattr(value, inner))


def members(name, value):
    yield name, value
    if inspect.isclass(value):
        own = [each for each in value.__mro__ if each.__module__.startswith("ganzoo")]
        names = {key for each in own for key in vars(each) if not key.startswith("_")}
        yield from ((f"{name}.{key}", inspect.getattr_static(value, key)) for key in sorted(names))


def docstring(value):
    value = getattr(value, "__func__", value)  # of a class method
    ours = isinstance(value, type | property) or inspect.isroutine(value)
    return (inspect.getdoc(value) or "") if ours else ""


def examples():
    """Return the code of each example by the first name that it stands under."""
    found = {}
    for name, value in public():
        for number, (_, code) in enumerate(BLOCK.findall(docstring(value))):
            found.setdefault(textwrap.dedent(code), f"{name}-{number}" if number else name)
    return {name: code for code, name in found.items()}


EXAMPLES = examples()


def test_examples_are_found():
    assert {"GAN", "DCGAN", "DCGAN.fit", "losses.Hinge", "datasets.load"} <= EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_runs(name, small_world):
    exec(compile(EXAMPLES[name], f"the example of {name}", "exec"), {"__name__": "__main__"})


def test_no_example_is_of_another_form():
    """Lines after a prompt would not be run."""
    assert [name for name, value in public() if ">>> " in docstring(value)] == []
