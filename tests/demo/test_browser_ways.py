"""The page's ways between latents are those of `ganzoo.latents`."""

import numpy as np
from javascript import needs_node, run

from ganzoo.latents import combine, interpolate, truncate, walk

pytestmark = needs_node
LATENTS = np.random.default_rng(0).standard_normal((5, 16)).astype("float32")
A, B, C, *_ = LATENTS


def made(expression):
    """Return what the page makes of the latents, which it has as `z`."""
    script = f"""
        const ways = await from("ways.js");
        const z = given[0].map((each) => Float32Array.from(each));
        const made = {expression};
        write(Float32Array.from(made.flatMap((each) => [...each])));
    """
    return np.frombuffer(run(script, LATENTS.tolist()), "<f4").reshape(-1, 16)


def test_latents_are_made_of_others_as_in_python():
    for expression, expected in {
        "[0, 1, 2, 3, 4].map((i) => ways.between(z[0], z[1], i / 4))": interpolate(A, B, 5),
        "[ways.between(z[0], z[0], 0.5)]": A,
        "Array.from({ length: 12 }, (_, i) => ways.along(z.slice(0, 3), i / 4))": walk(
            [A, B, C], 4
        ),
        "[ways.combine([z[0], z[1]], [z[2]])]": combine([A, B], [C]),
        "z.map((each) => ways.truncate(each, 0.7))": truncate(LATENTS, 0.7),
        "z.map((each) => ways.truncate(each.map((x) => 4 * x), 3))": truncate(4 * LATENTS, 3),
        "[ways.gone(z[0], [z[1], z[2]], [2, -1])]": A + 2 * B - C,
    }.items():
        np.testing.assert_allclose(
            made(expression), np.reshape(expected, (-1, 16)), atol=2e-6, err_msg=expression
        )
    assert made("[[ways.combine([z[0]], [z[0]]) === undefined ? 16 : 0, ...z[0].slice(1)]]")[0, 0]
