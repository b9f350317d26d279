"""The family of the page "Your own GAN", as it stands there."""

import re
import sys
from pathlib import Path
from types import ModuleType

PAGE = Path(__file__).parents[2] / "docs" / "your-own-gan.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def code():
    """Return the page's first block."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))[0]


def load():
    """Return the family's class, as if it had been imported."""
    module = sys.modules["page_of_the_dense_gan"] = ModuleType("page_of_the_dense_gan")
    exec(compile(code(), str(PAGE), "exec"), vars(module))
    return module.DenseGAN
