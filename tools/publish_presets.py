"""Publish the bundled presets: `python tools/publish_presets.py OWNER`, with a token that may.

Each goes to OWNER/ganzoo-NAME on the Hugging Face Hub, and is fetched again from the commit that
came of it. What is printed belongs into its record, in its family's folder: `dcgan_presets.py`.
"""

import argparse
import tempfile

import ganzoo
from ganzoo.gan import families
from ganzoo.names import choose
from ganzoo.presets.preset_folder import METADATA
from ganzoo.storage import sha256


def publish(owner: str, name: str, preset: ganzoo.Preset) -> str:
    """Publish one preset, prove that it can be had, and return the lines of its record."""
    if (found := sha256(preset.folder / METADATA)) != preset.sha256:
        raise ValueError(f"{name}: the record pins {preset.sha256}, the folder has {found}.")
    repository = f"{owner}/ganzoo-{name.replace('_', '-')}"
    handle = ganzoo.upload_preset(
        f"hf://{repository}", preset.folder, private=False, commit_message=preset.description
    )
    with tempfile.TemporaryDirectory() as cache:
        ganzoo.from_preset(handle, cache_dir=cache)
    commit = handle.partition("@")[2]
    return f"{name}:\n    repository={repository!r},\n    commit={commit!r},\n    sha256={found!r},"


def main(arguments: list[str] | None = None) -> None:
    """Publish the presets that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("owner")
    parser.add_argument("presets", nargs="*")
    options = parser.parse_args(arguments)
    known = families.own_presets()
    for name in options.presets or known:
        print(publish(options.owner, name, choose("preset", name, known)))


if __name__ == "__main__":
    main()
