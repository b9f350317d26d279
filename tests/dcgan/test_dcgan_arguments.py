"""What determines a DCGAN, and the weights that it calls for."""

import numpy as np
import pytest
from keras import ops

import ganzoo
from ganzoo.dcgan.dcgan_arguments import DCGANArguments
from ganzoo.gan.arguments import MOST_VALUES
from ganzoo.gan.saving import drawing_weights
from ganzoo.gan.weights import weight_shapes
from ganzoo.layers import PaperLayers


@pytest.mark.parametrize(
    "arguments",
    [
        {"image_shape": (17, 16, 1), "latent_dim": 5, "num_classes": 10, "base_filters": 3},
        {"image_shape": (9, 40, 3), "class_names": ["a", "b"], "base_filters": 1},
        {"image_shape": (33, 32, 2), "latent_dim": 2, "base_filters": 300},
        {"image_shape": (15, 40, 1), "num_classes": 3, "discriminator_norm": "spectral"},
        {"image_shape": (16, 15, 3), "base_filters": 2, "discriminator_norm": "spectral"},
        {"image_shape": (15, 16, 2), "num_classes": 2, "discriminator_norm": None},
        {"image_shape": (16, 15, 1), "base_filters": 6, "discriminator_filters": 2},
    ],
)
def test_the_weights_are_known_before_they_are_built(arguments, monkeypatch):
    monkeypatch.setattr(PaperLayers, "normal", lambda self, mean=0: "zeros")  # fast to draw
    built = {
        name: tuple(weight.shape)
        for name, weight in drawing_weights(ganzoo.DCGAN(**arguments)).items()
    }
    assert weight_shapes(ganzoo.DCGAN, DCGANArguments(**arguments)) == built


@pytest.mark.parametrize("norm", ["batch", "spectral", None])
def test_presets_of_every_norm_come_back(norm, tmp_path):
    """Weights as half precision holds them, statistics and directions among them."""
    filters = {"base_filters": 2, "discriminator_filters": 3}
    gan = ganzoo.DCGAN((16, 15, 1), 3, 2, **filters, discriminator_norm=norm, seed=1)
    random = np.random.default_rng(0)
    for weight in gan.discriminator.weights:
        weight.assign(random.uniform(0.5, 1.0, weight.shape).astype("float16"))
    gan.save_to_preset(tmp_path / "preset")
    again = ganzoo.DCGAN.from_preset(str(tmp_path / "preset"))
    assert again.arguments.discriminator_norm == norm
    assert again.get_config() == gan.get_config()
    for one, other in zip(again.discriminator.weights, gan.discriminator.weights, strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(*(ops.convert_to_numpy(each) for each in (one, other)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_shape": [10**6, 10**6, 3]}, f"at most {MOST_VALUES:,} values"),
        ({"image_shape": [8, 8]}, r"must be \(height, width, channels\)"),
        ({"image_shape": "888"}, "height must be a whole number"),
        ({"base_filters": 10**9}, "1 to 512"),
        ({"discriminator_filters": 0}, "discriminator_filters must be .* 1 to 512, not 0"),
        ({"latent_dim": 0}, "latent_dim must be a whole number, 1 to 16384"),
        ({"latent_dim": 3.5}, "latent_dim"),
        ({"num_classes": True}, "num_classes"),
        ({"seed": -1}, "seed"),
        ({"discriminator_norm": "layer"}, "'batch', 'spectral' or None, not 'layer'"),
        ({"discriminator_norm": ["batch"]}, "discriminator_norm must be"),
        ({"class_names": "ab"}, "must be a list of names"),
        ({"class_names": [["a"], ["b"]]}, "must be strings"),
        ({"class_names": ["a", "a"]}, "2 different names"),
        ({"dtype": "float7"}, "dtype must be one of"),
        ({"dtype": {"class_name": "DTypePolicy"}}, "dtype must be one of"),
        ({"dtype": "int8_from_float32"}, "dtype must be one of"),
        ({"name": {"a": 1}}, "must be strings"),
    ],
)
def test_what_a_config_may_not_say(changes, message):
    with pytest.raises(ValueError, match=message):
        DCGANArguments.from_config({"image_shape": [8, 8, 1], **changes})
