"""Write the cards of the bundled presets anew: `python tools/preset_cards.py`.

A card says what `config.json` and `metadata.json` say, so it changes with `ganzoo.presets.card`
only. No file that is hashed is touched.
"""

import json
from pathlib import Path

from ganzoo.files import whole_file
from ganzoo.gan import families
from ganzoo.presets import card
from ganzoo.presets.preset_folder import CARD, CONFIG, METADATA


def rendered(folder: Path) -> str:
    """Return what the card of a preset is to say."""
    config, metadata = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in (CONFIG, METADATA)
    )
    return card.render(
        config, metadata, [name for name in metadata["files"] if name in card.PICTURES]
    )


def main() -> None:
    """Write the card of each bundled preset."""
    for preset in families.own_presets().values():
        folder = Path(preset.folder or "")
        with whole_file(folder / CARD) as partial:
            partial.write_text(rendered(folder), encoding="utf-8")
        print(folder / CARD)


if __name__ == "__main__":
    main()
