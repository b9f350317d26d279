"""Make `inception.npz` with the published TorchScript network, NETWORK.pt.

    PYTHONPATH=tests/metrics python tests/metrics/golden/inception.py NETWORK.pt

Its kernels' shapes, and the features that it makes with other weights, of images so small that a
test can make them too. So the numbers come from the network that FID's numbers come from, without
its 87 MB.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from inception_states import draw, images

network = torch.jit.load(sys.argv[1]).eval()
states = network.state_dict()
kernels = [each.permute(2, 3, 1, 0).shape for name, each in states.items() if "weight" in name]
with torch.no_grad():
    for state, drawn in zip(states.values(), draw(kernels).values(), strict=True):
        state.copy_(torch.from_numpy(drawn))
    maps = torch.from_numpy(images()).permute(0, 3, 1, 2).contiguous()
    for name, block in network.net.layers.named_children():
        maps = maps if name == "pool2" else block(maps)  # that one wants the maps of 299x299
    features = maps.mean((2, 3))
np.savez_compressed(
    Path(__file__).with_suffix(".npz"), kernels=np.array(kernels, "int16"), features=features
)
