"""Errors that speak: whatever a user does wrong on the command line is one plain sentence."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from command_line import refused
from PIL import Image

import ganzoo

ELSEWHERE = "a.pt2" if keras.backend.backend() != "torch" else "a.tflite"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    names = [str(digit) for digit in range(10)]
    ganzoo.DCGAN((8, 8, 1), class_names=names, base_filters=4).save_to_preset(folder / "gan")
    ganzoo.DCGAN((8, 8, 1), latent_dim=4, base_filters=4).save_to_preset(folder / "plain")
    return folder


@pytest.fixture(autouse=True)
def place(models, digits, pets, tmp_path):
    """Two models, pets in two folders, and what is neither."""
    for each in models.iterdir():
        shutil.copytree(each, each.name)
    for name in ("empty", "texts", "broken"):
        Path(name).mkdir()
    Path("texts", "a.txt").write_text("a")
    Path("broken", "a.png").write_text("a")
    Path("notes.txt").write_text("Dear diary")
    Path("photos.rar").write_bytes(b"Rar!" + bytes(99))
    np.savez("number.npz", images=3)
    Image.new("L", (9, 9)).save("one.png")
    (tmp_path / "gan.keras").write_bytes(b"PK\x03\x04")


TRAINING = {
    "train mnits --out run": "'mnits' is no folder or zip archive, nor a dataset",
    "train mnist": "Missing option '--out'",
    "train mnist --out run --image-size big": "'big' is no size",
    "train mnist --out run --image-size ²": "'²' is no size",
    "train mnist --out run --image-size 4": "height must be a whole number",
    "train pets --out run --image-size 5000": "of at most 16,777,216 values",
    "train pets --out run --image-size 100000": "of at most 16,777,216 values",
    "train pets --out run --family fastgan --image-size 100": "must be multiples of 8",
    "train mnist --out run --limit 1": "10 classes with one image each",
    "train mnist --out run --split tset": "Did you mean 'test'",
    "train mnist --out run --family dcgna": "the family 'dcgna'",
    "train mnist --out run --labels x": "The labels of 'mnist' come with it",
    "train pets --out run --strict": "broken.jpg cannot be used: no image",
    "train pets --out run --background whitish": "'whitish' is no colour",
    "train pets/cats --out run --conditional": "has no sub-folders",
    "train pets --out run --labels kind": "has no column 'kind'",
    "train pets --out run --labels kind --unconditional": "leave out --unconditional",
    "train pets --out run --image-column x": "is a column of parquet files",
    "train pets --out run --split test": "is for named datasets",
    "train pets --out run --balanced": "balanced=True needs labels",
    "train pets --out run --config nowhere.toml": "No such file",
    "train pets --out pets/run": "lies among the images",
    "train pets --out texts": "holds other files, such as a.txt",
    "train pets --out notes.txt/run": "notes.txt is a file, and no folder",
    "train notes.txt --out run": "neither a folder nor a whole zip archive",
    "train photos.rar --out run": "a RAR archive; unpack it",
    "train number.npz --out run": "Expected images of shape",
    "train one.png --out run": "a single image (PNG)",
    "train gan --out run": "is a model",
    "train empty --out run": "has no usable image",
    "train broken --out run": "a.png: no image",
    "train '' --out run": "The path is empty",
    "train pets/*.png --out run": "No file fits the pattern",
    "train https://x.org/a.zip --out run": "Nothing is fetched from other places",
    "train hf://me/pets --out run": "On the Hub, that is 'hf://datasets/me/pets'",
    "train hf://datasets/pets --out run": "is no data set of the Hub",
    "train art --out run": "Place the file in",
    "finetune mnits pets --out run": "Did you mean 'mnist'",
    "finetune plain nowhere --out run": "'nowhere' is no folder or zip archive, nor a dataset",
    "finetune plain pets --out plain": "is the preset itself",
    "finetune plain pets --out pets/run": "lies among the images",
    "finetune pets pets --out run": "pets' is no preset: it has no metadata.json",
    "finetune gan.keras pets --out run": "is a file. A preset is a folder",
    "finetune plain pets --out run --image-size 5000": "of at most 16,777,216 values",
    "finetune plain pets": "Missing option '--out'",
}
LOOKING = {
    "inspect nowhere": "There is no folder or zip archive at",
    "inspect ''": "The path is empty",
    "inspect mnist": "'mnist' is known: it needs no look",
    "inspect notes.txt": "neither a folder nor a whole zip archive",
    "inspect texts": "has no usable image",
    "inspect gan": "is a model",
    "inspect pets --split train": "is a folder or an archive",
    "inspect pets --image-column x": "is a column of parquet files",
    "info nowhere": "There is no folder of this name either",
    "info pets": "no preset: it has no metadata.json",
    "info gan.keras": "is a file. A preset is a folder",
    "info hf://gan": "give 'hf://user/repo'",
}
DRAWING = {
    "generate gan -o a.png --label 11": "Unknown label 11",
    "generate gan -o a.png --label ²": "Unknown label '²'",
    "generate plain -o a.png --label 1": "This model has no classes",
    "generate gan -o a.nonsense": "ends in .png, .jpg",
    "generate gan -o a": "ends in .png, .jpg",
    "generate gan -o notes.txt/a.png": "notes.txt/a.png cannot be written",
    "generate me/my-gan -o a.png": "On the Hub, that is 'hf://me/my-gan'",
    "generate pets -o a.png": "no preset: it has no metadata.json",
    "interpolate gan --label 11 -o a.png": "Unknown label 11",
    "interpolate gan -o a.avi": "ends in .png, .jpg",
    "complete gan pets -o a.png": "is a directory",
    "complete gan one.png -o a.png": "one.png has no transparent pixels: give --mask",
    "complete gan one.png -o a.png --mask notes.txt": "notes.txt",
    "complete gan one.png -o a.gif --film a.mp5": "ends in .gif, .webp or .mp4",
    "anomalies gan nowhere -o report": "'nowhere' is no folder",
    "anomalies gan pets -o report --label 11": "Unknown label 11",
    "anomalies gan pets -o report --normal pets/cats --false-alarms 0.01": "give 99 at least",
    "invert gan nowhere -o a.png": "'nowhere' is no folder",
    "invert gan nowhere.png -o a.png": "nowhere.png",
    "invert gan one.png -o a.png --latents a.txt": "must end in .npz",
    "film empty": "There is no picture in",
    "film nowhere": "does not exist",
    "film pets/cats -o film.avi": "ends in .gif, .webp or .mp4",
    "film broken -o a.gif": "broken/a.png",
}
SHARING = {
    "evaluate gan mnits": "'mnits' is no folder or zip archive, nor a dataset",
    "evaluate mnits mnist": "Did you mean 'mnist'",
    "evaluate gan mnist --split tset": "Did you mean 'test'",
    "evaluate gan mnist --extractor eyes": "'eyes' is not one of",
    "evaluate gan pets --extractor random --split test": "is for named datasets",
    "evaluate gan pets --extractor digits": "knows grey images like those of mnist",
    "evaluate gan plain --extractor random": "is a model",
    "export gan -o a.gif": "a.gif ends like no format",
    f"export gan -o {ELSEWHERE}": "set KERAS_BACKEND=",
    "export nowhere -o a.onnx": "There is no folder of this name either",
    "push nowhere hf://me/gan": "does not exist",
    "push pets hf://me/gan": "no preset: it has no metadata.json",
    "push gan my-gan": "give 'hf://user/repo'",
    "push gan hf://datasets/me/gan": "is a data set of the Hub, and no preset",
    "demo mnist nowhere": "no folder of this name",
    "demo mnist ./nowhere": "no such folder",
    "demo mnist me/gan": "On the Hub, that is 'hf://me/gan'",
    "demo pets": "no preset: it has no metadata.json",
    "demo gan --space space": "push the model to the Hub first",
    "trian": "No such command 'trian'",
}
COMMANDS = TRAINING | LOOKING | DRAWING | SHARING


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_command_says_what_to_do_and_writes_nothing(command, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    arguments = [each.strip("'") for each in command.split()]
    said = " ".join(refused(*arguments).split())
    assert COMMANDS[command] in said
    assert "This should not happen" not in said
    assert sorted(tmp_path.rglob("*")) == before
