"""Make `reference_scores.json`: what public code gives for the features in `feature_sets.py`.

    pip install --no-deps torch-fidelity==0.4.0 prdc==0.2
    pip install torch scikit-learn tqdm
    PYTHONPATH=tests/metrics python tests/metrics/golden/reference_scores.py

torch-fidelity's own functions compute the Fréchet and the kernel distance, precision and recall;
`prdc`, by the authors of the paper, computes density and coverage. Both get float64 features.
Nothing of ganzoo takes part.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from unittest.mock import MagicMock

import torch
from feature_sets import SETS, real_and_fake
from prdc import compute_prdc

# torch-fidelity asks for torchvision's datasets and networks, which no formula needs.
sys.modules |= dict.fromkeys(
    ["torchvision", "torchvision.datasets", "torchvision.transforms.functional"], MagicMock()
)

from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric  # noqa: E402
from torch_fidelity.metric_kid import kid_features_to_metric  # noqa: E402
from torch_fidelity.metric_prc import prc_features_to_metric  # noqa: E402

KID_SUBSETS, KID_SEED, NEIGHBOURS = 10, 7, (1, 3, 5)
USED = ("torch-fidelity", "prdc", "torch", "scikit-learn", "numpy")


def reference_scores(real, fake):
    tensors = torch.from_numpy(real), torch.from_numpy(fake)
    statistics = [fid_features_to_statistics(tensor) for tensor in tensors]
    fid = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    subset_size = min(len(real), len(fake)) * 2 // 3
    kid = kid_features_to_metric(
        *tensors,
        kid_subsets=KID_SUBSETS,
        kid_subset_size=subset_size,
        rng_seed=KID_SEED,
        verbose=False,
    )
    scores = {
        "fid": fid,
        "kid": {
            "subsets": KID_SUBSETS,
            "subset_size": subset_size,
            "seed": KID_SEED,
            "mean": kid["kernel_inception_distance_mean"],
            "standard_deviation": kid["kernel_inception_distance_std"],
        },
    }
    scores["neighbourhoods"] = []
    for k in NEIGHBOURS:
        # Its first input is the generated set.
        found = prc_features_to_metric(*tensors[::-1], prc_neighborhood=k, verbose=False)
        found |= {key: compute_prdc(real, fake, k)[key] for key in ("density", "coverage")}
        del found["f_score"]
        scores["neighbourhoods"].append({"k": k} | {key: float(v) for key, v in found.items()})
    return scores


def main():
    made = {"versions": {name: version(name) for name in USED}}
    made |= {name: reference_scores(*real_and_fake(name)) for name in SETS}
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
