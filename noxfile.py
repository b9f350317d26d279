"""`nox` checks everything; `nox -s "tests(jax)"` runs one session, `nox -l` lists them."""

import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import nox
from packaging.requirements import Requirement

PROJECT = nox.project.load_toml("pyproject.toml")
DEPENDENCIES = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
PROBE = [*EXTRAS["probe"], *EXTRAS["parquet"], *EXTRAS["video"], *EXTRAS["scores"]]
TEST = [*nox.project.dependency_groups(PROJECT, "test"), *PROBE]
LINT = nox.project.dependency_groups(PROJECT, "lint")
DOCS = nox.project.dependency_groups(PROJECT, "docs")
NOTEBOOKS = nox.project.dependency_groups(PROJECT, "notebooks")
# torch is pinned: its wheels are large, and any other release would be fetched anew.
BACKENDS = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch==2.13.0"}
# What else is tested with each: the way to ONNX, TensorBoard, and a server.
BESIDE = {
    "tensorflow": [*EXTRAS["export"], "onnxruntime", "tensorboard"],
    "jax": [*EXTRAS["export-jax"], "onnxruntime"],
    "torch": [*EXTRAS["export"], "onnxruntime", "fastapi"],
}
# The backend that answers for all of them where they would say the same: it needs no compiling.
FOR_ALL = "torch"
# Several processes, each with one thread: most tests are too small for more. What one file shares
# is made once, and the files keep the order of `tests/conftest.py`: the long ones first.
PYTEST = ["pytest", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]
PYTEST += ["--no-loadscope-reorder", "--max-worker-restart", "0"]  # a crash is no hang
ENV = {
    "OMP_NUM_THREADS": "1",
    # What XLA compiles in one session serves the others.
    "JAX_COMPILATION_CACHE_DIR": str(Path(".nox", "jax").resolve()),
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2",
}
FAST = ["-m", "not slow and not gpu and not network"]
OF_THE_BACKEND = ["-m", "not any_backend and not gpu and not network"]
COVERAGE = ["--cov", "--cov-report=term:skip-covered"]  # what, and how much: pyproject.toml
# What depends on the files that a wheel holds: presets, classifiers, commands, public names.
PACKAGED = ["cli", "dcgan", "metrics", "presets", "test_imports.py", "test_public_surface.py"]
PACKAGED = [f"tests/{each}" for each in PACKAGED]
# What depends on the versions of other packages.
VERSIONED = ["backends", "cli", "datasets", "dcgan", "gan/test_gan.py", "layers", "metrics"]
VERSIONED += ["pictures", "presets", "test_files.py", "test_penalties.py"]
VERSIONED += ["training/test_golden.py", "training/test_optimizer.py"]
VERSIONED = [f"tests/{each}" for each in VERSIONED]
MOST_BYTES = 50_000_000  # of the wheel
# The scripts of the page that draws in the browser, and what checks their style and their types.
SCRIPTS = "src/ganzoo/demo/browser"
SCRIPT_CHECKS = {
    "@biomejs/biome@2.6.8": ["biome", "ci", "."],
    "typescript@7.0.2": ["tsc", "-p", "."],
}
# Python compiles what is imported, which is little of what is installed.
QUICKLY = "--no-compile"

# The newest Python that is at hand.
NEWEST = next((each for each in ("3.14", "3.13") if shutil.which(f"python{each}")), None)

nox.needs_version = ">=2025.2"
nox.options.sessions = ["lint", "docs", "tests", "minimum", "build"]
nox.options.error_on_missing_interpreters = False  # skipped, and nox says so


def without(*names):
    """Return the base dependencies except those named."""
    return [line for line in DEPENDENCIES if Requirement(line).name not in names]


def install(session, backend, *beside):
    """Install ganzoo with one backend and no other."""
    session.install(QUICKLY, *without("jax"), *TEST, BACKENDS[backend], *beside)
    session.install("--no-deps", ".")


@nox.session
def lint(session):
    session.install(QUICKLY, *without("keras", "jax"), *LINT)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    known = shutil.which("npm") and subprocess.run(
        ["npm", "view", "typescript", "version"], capture_output=True
    )
    if not known or known.returncode:
        session.log("The scripts of the page are not checked: npm has no packages here.")
        return
    with session.chdir(SCRIPTS):
        for package, command in SCRIPT_CHECKS.items():
            session.run("npx", "--yes", "--package", package, *command, external=True)


@nox.session
@nox.parametrize(
    "python,backend",
    [
        nox.param("3.11", "tensorflow", id="tensorflow"),
        nox.param("3.11", "jax", id="jax"),
        nox.param("3.11", "torch", id="torch"),
    ],
)
def tests(session, backend):
    """The suite with one backend installed; what all would answer alike runs with one of them."""
    install(session, backend, *BESIDE[backend])
    all_of_it = [] if session.posargs else COVERAGE  # a part would cover too little
    chosen = all_of_it if backend == FOR_ALL else OF_THE_BACKEND
    session.run(*PYTEST, *chosen, *session.posargs, env=ENV | {"KERAS_BACKEND": backend})


@nox.session(python="3.11")
def minimum(session):
    """What depends on other packages, with the lowest versions that pyproject.toml allows."""
    session.install(QUICKLY, *(line.replace(">=", "==") for line in [*DEPENDENCIES, *PROBE]), *TEST)
    session.install("--no-deps", ".")
    env = ENV | {"KERAS_BACKEND": "jax"}
    session.run(*PYTEST, *FAST, *VERSIONED, *session.posargs, env=env)


@nox.session(python=NEWEST)
def build(session):
    """What the wheel holds, on the newest Python and with the source tree out of reach."""
    session.install("hatchling")
    with tempfile.TemporaryDirectory() as folder:
        session.run("hatchling", "build", "-d", folder)
        (wheel,), (sdist,) = Path(folder).glob("*.whl"), Path(folder).glob("*.tar.gz")
        again = ("-w", f"{folder}/again", str(sdist))
        session.run("python", "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", *again)
        assert wheel.stat().st_size < MOST_BYTES, "the wheel is too large to be passed around"
        held = contents(wheel)
        assert held == contents(f"{folder}/again/{wheel.name}"), "the sdist builds another wheel"
        assert "ganzoo/py.typed" in held
        assert all(name.startswith(("ganzoo/", "ganzoo-", "ganzoo_command/")) for name in held), (
            list(held)
        )
        # Nobody needs a compiler: what ganzoo needs is there as wheels.
        session.install(QUICKLY, "--only-binary", ":all:", str(wheel), *TEST)
        shutil.copytree("tests", f"{folder}/tests")
        shutil.copy("pyproject.toml", folder)
        with session.chdir(folder):
            env = ENV | {"KERAS_BACKEND": "jax"}
            session.run(*PYTEST, *FAST, *PACKAGED, *session.posargs, env=env)


def contents(wheel):
    """Return the names of the files in a wheel, with their checksums."""
    return {each.filename: each.CRC for each in zipfile.ZipFile(wheel).infolist()}


@nox.session
def demo(session):
    """The pages of `ganzoo demo` in a real browser: a Chromium has to be installed."""
    install(session, "torch", *BESIDE["torch"], *EXTRAS["demo"], "playwright")
    session.run("pytest", "tests/demo", *session.posargs, env=ENV | {"KERAS_BACKEND": "torch"})


@nox.session
def docs(session):
    """The site, from pages, docstrings and presets, in `site/`; and its notebooks, executed."""
    install(session, FOR_ALL, *BESIDE[FOR_ALL], *DOCS, *NOTEBOOKS)
    session.run("mkdocs", "build", *session.posargs, env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("python", "tools/run_notebooks.py", env=ENV | {"KERAS_BACKEND": FOR_ALL})


@nox.session
def site(session):
    """The site as `docs` builds it, and with the models that draw in the visitor's browser."""
    install(session, "torch", *BESIDE["torch"], *DOCS)
    shutil.rmtree("build/try", ignore_errors=True)
    session.run("ganzoo", "demo", "--static", "build/try", env={"KERAS_BACKEND": "torch"})
    session.run("mkdocs", "build", *session.posargs, env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
@nox.parametrize("backend", ["torch", "jax"])
def gpu(session, backend):
    """The suite on a GPU, beginning with the proof that the backend computes there."""
    try:
        subprocess.run(["nvidia-smi", "-L"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        session.skip("there is no GPU: nvidia-smi -L fails")
    install(session, backend)
    if backend == "jax":
        session.install(QUICKLY, *EXTRAS["jax-cuda"])
    env = {"KERAS_BACKEND": backend}
    session.run("pytest", "-m", "gpu", env=env)
    session.run("pytest", "-m", "not gpu and not network", *session.posargs, env=env)


@nox.session
def bench(session):
    """One table: speed and memory beside hand-written ways, on every backend."""
    session.install(QUICKLY, *without("jax"), *BACKENDS.values())
    session.install("--no-deps", ".")
    session.run("python", "benchmarks/table.py", *session.posargs)


@nox.session
def train_presets(session):
    """Train, score and write the bundled presets: `nox -s train_presets -- mnist --check`."""
    install(session, "torch")
    session.run("python", "tools/train_presets.py", *session.posargs)


@nox.session
def train_classifiers(session):
    """Train and write the bundled classifiers: `nox -s train_classifiers -- digits fashion`."""
    install(session, "torch")
    session.run("python", "tools/train_classifiers.py", *session.posargs)
