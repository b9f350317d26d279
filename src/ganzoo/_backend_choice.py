"""The backend that Keras runs on: chosen here only when the user's choice cannot be had."""

import importlib.util
import json
import logging
import os
import sys
from pathlib import Path

INSTALL = {  # in order of preference
    "jax": "pip install jax",
    "torch": 'pip install "ganzoo[torch]"',
    "tensorflow": 'pip install "ganzoo[tensorflow]"',
}
KERAS_DEFAULT = "tensorflow"


def choose() -> None:
    """Set `KERAS_BACKEND` to an installed backend when Keras would look for a missing one.

    Call it before importing Keras. A Keras already imported, `KERAS_BACKEND` and a configured
    backend that is installed are left alone.

    Raises:
        ImportError: If the backend asked for is missing or cannot train, or none is installed.
    """
    installed = [name for name in INSTALL if _installed(name)]
    if "keras" in sys.modules:
        return _require(sys.modules["keras"].backend.backend(), installed)
    _forget_failed_import()
    if asked := os.environ.get("KERAS_BACKEND"):
        return _require(asked, installed)
    configured = _configured()
    wanted = configured or KERAS_DEFAULT
    if wanted in installed or wanted not in INSTALL:
        return _require(wanted, installed)
    _use(installed, instead_of=wanted, quietly=configured == KERAS_DEFAULT)


def _require(name: str, installed: list[str]) -> None:
    """Raise `ImportError` with the remedy unless ganzoo can run on this backend."""
    if name in installed:
        return
    if name in INSTALL:
        problem = f"{name} is not installed. Install it with\n    {INSTALL[name]}"
    else:
        problem = f"ganzoo trains on {', '.join(INSTALL)} only."
    remedy = f"\nOr set KERAS_BACKEND to one that is installed: {', '.join(installed)}."
    raise ImportError(
        f"The Keras backend asked for is {name!r}, but {problem}{remedy * bool(installed)}"
    )


def _use(installed: list[str], *, instead_of: str, quietly: bool) -> None:
    if not installed:
        commands = "".join(f"\n    {command}" for command in INSTALL.values())
        raise ImportError(
            f"ganzoo needs a Keras backend, and none is installed. Choose one:{commands}"
        )
    os.environ["KERAS_BACKEND"] = installed[0]
    # On its first import Keras writes its default into keras.json, so that name is nobody's choice.
    # A warning is shown without any set-up, INFO is not: the first run tells a beginner, later
    # runs keep quiet, and a choice somebody wrote down is never overruled in silence.
    logging.getLogger("ganzoo").log(
        logging.INFO if quietly else logging.WARNING,
        "%s is not installed, so ganzoo runs on %s (set KERAS_BACKEND to choose another backend).",
        instead_of,
        installed[0],
    )


def _installed(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None  # a mere folder of that name has no origin


def _configured() -> str | None:
    """Return the backend in the file where Keras looks for it, `None` without such a file."""
    home = Path(os.path.expanduser("~"))  # "~" where there is none: Keras takes /tmp then, too
    base = home if os.access(home, os.W_OK) else Path("/tmp")
    folder = Path(os.environ.get("KERAS_HOME", base / ".keras")).expanduser()
    try:
        return json.loads((folder / "keras.json").read_text()).get("backend", KERAS_DEFAULT)
    except (OSError, ValueError):
        return None


def _forget_failed_import() -> None:
    """Remove what a failed `import keras` left behind: it remembers the missing backend."""
    for name in [name for name in sys.modules if name.startswith("keras.")]:
        del sys.modules[name]
