"""The page that draws in the visitor's browser, as a part of the site: a hook of mkdocs.

Its scripts are those of the package. What it draws with, `ganzoo demo --static build/try` writes:
the session `site` of nox does so first, and without it the page says what is missing.
"""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "src" / "ganzoo" / "demo" / "browser"
BUILT = ROOT / "build" / "try"
OWN_PAGE = ("index.html", "index.css")  # of the page by itself; here the site's is around it
NOTHING = json.dumps({"runtime": None, "models": []})
MARK = "<!-- try: live -->"
LIVE = """<ganzoo-live></ganzoo-live>
<script type="module" src="try/live.js"></script>"""


def on_files(files: Any, config: Any) -> Any:
    """Put the scripts on the site, and the models if they were written."""
    from mkdocs.structure.files import File

    for name, path in sources().items():
        files.append(File.generated(config, f"try/{name}", abs_src_path=str(path)))
    files.append(File.generated(config, "try/models.json", content=listed()))
    return files


def sources() -> dict[str, Path]:
    """Return the files of the page, by their names on it."""
    paths = [path for kind in ("*.js", "*.css") for path in SCRIPTS.glob(kind)]
    found = {path.name: path for path in paths if path.name not in OWN_PAGE}
    for folder in ("models", "runtime"):
        found |= {f"{folder}/{path.name}": path for path in BUILT.glob(f"{folder}/*")}
    return found


def listed() -> str:
    """Return what the page is told of its models."""
    models = BUILT / "models.json"
    return models.read_text(encoding="utf-8") if models.exists() else NOTHING


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the live picture where a page asks for it, if there is something to draw with."""
    return markdown.replace(MARK, LIVE if (BUILT / "models.json").exists() else "")
