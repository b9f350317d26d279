"""A preset in memory, to be changed and written."""

import hashlib
import json


class PresetFiles(dict):
    """The files of a preset by name, as bytes."""

    def edited(self, name, /, **changes):
        """Return a copy in which a JSON file has these entries."""
        text = json.dumps({**json.loads(self[name]), **changes})
        return PresetFiles({**self, name: text.encode()})

    def without_family(self):
        """Return a copy whose config does not say which family it is of."""
        config = json.loads(self["config.json"])
        del config["family"]
        return PresetFiles({**self, "config.json": json.dumps(config).encode()})

    def sealed(self):
        """Return a copy whose metadata describes the files as they are now."""
        listed = json.loads(self["metadata.json"])["files"]
        described = {
            name: {"size": len(self[name]), "sha256": hashlib.sha256(self[name]).hexdigest()}
            for name in listed
            if name in self
        }
        return self.edited("metadata.json", files=described)

    def write(self, folder):
        """Write the files into a folder, and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.items():
            (folder / name).write_bytes(content)
        return folder
