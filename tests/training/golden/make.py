"""Make the golden numbers: `python tests/training/golden/make.py`.

`rounds.npz` comes from `reference.py` alone: NumPy in float64, stored as float32. Nothing of
ganzoo takes part, so these numbers may change only with the algorithm's definition.

`KERAS_BACKEND=jax python tests/training/golden/make.py jax.keras` (likewise torch, tensorflow)
writes a compiled model as this backend saves it. Its weights, moments and counters are the final
state of the case "saved" in `rounds.npz`, so the file has to give back those numbers. It has parts
with numbers of their own, which change nothing of the next round: `reference.PARTS` says
which numbers.
"""

import sys
from pathlib import Path

import numpy as np
import reference

FOLDER = Path(__file__).parent
ROUNDS, BATCH, LATENTS, FILTERS = 10, 3, 3, 2
# Image shape, classes, norm and loss. "saved" has one stage, since each layer adds kilobytes to
# its files; what is relativistic has the penalties of R3GAN.
CASES = {
    "plain": ((16, 16, 1), 0, "batch", "non_saturating"),
    "conditional": ((15, 17, 2), 3, "batch", "non_saturating"),
    "saved": ((9, 8, 1), 2, "batch", "non_saturating"),
    "relativistic": ((16, 16, 1), 0, None, "relativistic"),
}
PENALTIES = {"relativistic": [(0.5, reference.r1), (0.25, reference.r2)]}
SEED_STATE = (2024, 7)


def rounds(random, image_shape, classes, norm, loss):
    """Return all inputs of ten rounds with a sample weight, and all that comes of them."""
    random_weights = reference.random_weights(
        random, image_shape, LATENTS, classes, FILTERS, norm=norm
    )
    networks = dict(zip(("generator", "discriminator"), random_weights, strict=True))
    numbers = flat("initial", networks)
    images = random.integers(0, 256, (ROUNDS, BATCH, *image_shape), dtype=np.uint8)
    latents = random.normal(size=(ROUNDS, BATCH, LATENTS)).astype("float32")
    labels = random.integers(0, classes, (ROUNDS, BATCH)).astype("int32") if classes else None
    weight = random.uniform(0.5, 2, (ROUNDS, BATCH)).astype("float32") if classes else None
    numbers |= {"images": images, "latents": latents}
    if classes:
        numbers |= {"labels": labels, "weight": weight}
    # From float32, as the backends begin.
    networks = {k: {n: np.float64(np.float32(w)) for n, w in v.items()}
                for k, v in networks.items()}  # fmt: skip
    draw = reference.generator(image_shape)
    first = None if labels is None else labels[0]
    for mode in (True, False):
        copies = [dict(networks[each]) for each in ("generator", "discriminator")]
        made = draw(copies[0], np.float64(latents[0]), first, mode)[0]
        logits = reference.discriminator(copies[1], images[0] / 127.5 - 1, first, mode)[0]
        numbers |= {f"forward/{mode}/images": made, f"forward/{mode}/logits": logits}
    optimizers = {name: reference.Adam() for name in networks}
    averages, logs = dict(networks["generator"]), []
    for i in range(ROUNDS):
        outcome = reference.play_round(
            (draw, networks["generator"]),
            (reference.discriminator, networks["discriminator"]),
            optimizers,
            images[i] / 127.5 - 1,
            np.float64(latents[i]),
            None if labels is None else labels[i],
            loss,
            1.0 if weight is None else np.float64(weight[i]),
            penalties=PENALTIES.get(loss, ()),
        )
        logs.append(outcome)
        averages = reference.averaged(averages, networks["generator"], i + 1)
    numbers |= {f"logs/{name}": np.array([log[name] for log in logs]) for name in logs[0]}
    numbers |= flat("weights", networks)
    numbers |= flat("momentum", {name: each.momentum for name, each in optimizers.items()})
    numbers |= flat("velocity", {name: each.velocity for name, each in optimizers.items()})
    numbers |= flat("averaged", {"generator": averages})
    return numbers | {"generated": generated(averages, image_shape, classes)}


def generated(weights, image_shape, classes):
    """Return the 7 images that `generate(7, seed=5)` promises, classes taking turns."""
    latents = np.random.Generator(np.random.PCG64(5)).standard_normal((7, LATENTS), np.float32)
    labels = np.arange(7) % classes if classes else None
    images = reference.generator(image_shape)(weights, np.float64(latents), labels, False)[0]
    return np.rint((images + 1) * 127.5).astype("uint8")


def flat(part, networks):
    """Return one vector for each network, its weights in the order of their names."""
    return {
        f"{part}/{network}": np.concatenate([values[name].ravel() for name in sorted(values)])
        for network, values in networks.items()
    }


def make_rounds():
    arrays = {}
    for number, (case, definition) in enumerate(CASES.items()):
        for name, value in rounds(np.random.default_rng(number), *definition).items():
            value = np.asarray(value)
            small = value.astype("float32") if value.dtype == "float64" else value
            arrays[f"{case}/{name}"] = small
    np.savez_compressed(FOLDER / "rounds.npz", **arrays)


def make_model(name):
    import ganzoo

    stored = np.load(FOLDER / "rounds.npz")
    image_shape, classes, *_ = CASES["saved"]
    model = ganzoo.DCGAN(image_shape, LATENTS, classes, base_filters=FILTERS, seed=1)
    model.compile(
        loss="least_squares",
        penalties=[ganzoo.penalties.LeCam(weight=1e-12)],
        augmentation=ganzoo.augmentation.AdaptiveAugmentation([ganzoo.augmentation.Flip()]),
    )
    for part, networks in reference.named_state(model).items():
        for network, variables in networks.items():
            reference.fill(variables, stored[f"saved/{part}/{network}"])
    for optimizer in (model.optimizer, *model.optimizer.optimizers):
        optimizer.iterations.assign(ROUNDS)
    model.rounds_played.assign(ROUNDS)
    model.seed_generator.state.assign(np.array(SEED_STATE, "uint32"))
    for variable in model.objective.variables:
        variable.assign(reference.PARTS[variable.name])
    averages = reference.named_weights(model.ema_generator)
    reference.fill(averages, stored["saved/averaged/generator"])
    model.save(FOLDER / name)


if __name__ == "__main__":
    if sys.argv[1:]:
        make_model(sys.argv[1])
    else:
        make_rounds()
