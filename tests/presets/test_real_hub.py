"""The round trip on the real Hub: `HF_TOKEN=... GANZOO_HUB_USER=me pytest -m network`."""

import os
import secrets

import pytest

from ganzoo import DCGAN

pytestmark = pytest.mark.network


@pytest.fixture
def repository():
    """A private repository that is deleted again."""
    from huggingface_hub import HfApi

    name = f"{os.environ['GANZOO_HUB_USER']}/ganzoo-test-{secrets.token_hex(4)}"
    yield name
    HfApi().delete_repo(name, missing_ok=True)


def test_there_and_back(repository, animals, same, tmp_path):
    first = animals.push_to_hub(repository, private=True)
    branch = animals.push_to_hub(repository, revision="tries", commit_message="On a branch")
    for handle in (first, branch, f"hf://{repository}", f"hf://{repository}@tries"):
        same(DCGAN.from_preset(handle, cache_dir=tmp_path))
    same(DCGAN.from_preset(first, cache_dir=tmp_path, local_files_only=True))
    with pytest.raises(FileNotFoundError, match="log in"):
        DCGAN.from_preset(f"hf://{repository}", cache_dir=tmp_path / "other", token=False)
    with pytest.raises(FileNotFoundError, match="a revision that is not there"):
        DCGAN.from_preset(f"hf://{repository}@none", cache_dir=tmp_path)
