"""The maintainer's step: `python -m ganzoo.metrics.extractors.convert_inception SOURCE.pt`."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np
from safetensors.numpy import save

from ganzoo.files import whole_file
from ganzoo.metrics.extractors.inception import SHA256, weights_path
from ganzoo.metrics.extractors.inception_architecture import shapes
from ganzoo.storage import sha256

SOURCE_SHA256 = "7ff4a85c3a6378f0dfc8433ffd789663b01176bec0a683a435651739c091fa34"
EPSILON = 1e-3  # of the batch norms


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(source: Path) -> None:
    """Write the weights in SOURCE, the published TorchScript file, into the cache folder."""
    if (found := sha256(source)) != SOURCE_SHA256:  # opening it runs what it holds
        raise click.ClickException(
            f"{source} is not the published file: its SHA-256 is {found}, expected {SOURCE_SHA256}."
        )
    import torch  # no user runs this step

    states = torch.jit.load(source, map_location="cpu").state_dict()
    content = save(folded({name: state.numpy() for name, state in states.items()}))
    if (found := hashlib.sha256(content).hexdigest()) != SHA256:
        raise click.ClickException(f"This made other bytes, of SHA-256 {found}, not {SHA256}.")
    with whole_file(weights_path()) as path:
        path.write_bytes(content)
    click.echo(weights_path())


def folded(states: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the network's weights, with each batch norm folded into its convolution.

    Args:
        states: by names that end in `.weight`, `.beta`, `.mean` and `.var`, in the network's order;
            kernels are `(filters, channels, height, width)`.
    """
    arrays: list[np.ndarray] = []
    for name in states:
        if layer := name.removesuffix("weight") if name.endswith(".weight") else "":
            kernel, offset, mean, variance = (
                states[layer + part].astype("float64") for part in ("weight", "beta", "mean", "var")
            )
            gain = 1 / np.sqrt(variance + EPSILON)
            arrays += [(kernel.T * gain).transpose(1, 0, 2, 3), offset - mean * gain]
    found = dict(zip(shapes(), (np.ascontiguousarray(each, "<f4") for each in arrays), strict=True))
    assert {name: array.shape for name, array in found.items()} == shapes()
    return found


if __name__ == "__main__":
    main()
