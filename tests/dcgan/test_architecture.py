"""The arithmetic of weights, against the networks that Keras builds."""

import pytest

import ganzoo
from ganzoo.dcgan.architecture import MOST_VALUES, Architecture, from_config
from ganzoo.dcgan.networks import PaperLayers
from ganzoo.dcgan.saved import named_weights


@pytest.mark.parametrize(
    "arguments",
    [
        {"image_shape": (17, 16, 1), "latent_dim": 5, "num_classes": 10, "base_filters": 3},
        {"image_shape": (9, 40, 3), "class_names": ["a", "b"], "base_filters": 1},
        {"image_shape": (33, 32, 2), "latent_dim": 2, "base_filters": 300},
    ],
)
def test_the_weights_are_known_before_they_are_built(arguments, monkeypatch):
    monkeypatch.setattr(PaperLayers, "normal", lambda self, mean=0: "zeros")  # fast to draw
    built = {
        name: tuple(weight.shape)
        for name, weight in named_weights(ganzoo.DCGAN(**arguments)).items()
    }
    assert Architecture(**arguments).weight_shapes() == built


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_shape": [10**6, 10**6, 3]}, f"at most {MOST_VALUES:,} values"),
        ({"image_shape": [8, 8]}, r"must be \(height, width, channels\)"),
        ({"image_shape": "888"}, "height must be a whole number"),
        ({"base_filters": 10**9}, "1 to 512"),
        ({"latent_dim": 0}, "latent_dim must be a whole number, at least 1"),
        ({"latent_dim": 3.5}, "latent_dim"),
        ({"num_classes": True}, "num_classes"),
        ({"seed": -1}, "seed"),
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
        from_config({"image_shape": [8, 8, 1], **changes})
