"""Scores and their protocols: on disk, side by side, and on a preset's card."""

import copy
import json

import pytest

import ganzoo
from ganzoo.metrics.protocol import Evaluation

PROTOCOL = {
    "version": 1,
    "extractor": {"name": "digits", "sha256": "ab" * 32, "preparation": "uint8 / 255"},
    "real": {"n": 10_000, "sha256": "cd" * 32, "name": "mnist", "split": "test"},
    "fake": {"n": 2_000},
    "image_shape": [28, 28, 1],
    "seed": 0,
    "metrics": {"fid": {}, "kid": {"subsets": 100, "subset_size": 1000}},
    "ganzoo": "0.1.0",
    "backend": "jax",
}
SCORES = {"fid": 4.123456789012345, "kid": -0.00012, "kid_standard_error": 1e-5}


def changed(*path, to):
    protocol = copy.deepcopy(PROTOCOL)
    place = protocol
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return protocol


def test_a_file_keeps_every_digit(tmp_path):
    Evaluation(SCORES, PROTOCOL).save(tmp_path / "scores.json")
    again = Evaluation.load(tmp_path / "scores.json")
    assert again == Evaluation(SCORES, PROTOCOL)
    assert json.loads((tmp_path / "scores.json").read_text())["scores"] == SCORES


def test_the_table_names_scores_and_protocol():
    lines = str(Evaluation(SCORES, PROTOCOL)).splitlines()
    assert [line.split() for line in lines[:2]] == [["fid", "4.1235"], ["kid", "-0.00012"]]
    about = "\n".join(lines)
    for part in (
        "2,000 generated",
        "10,000 real",
        "mnist test",
        "abababababab",
        "subset_size 1000",
    ):
        assert part in about


def test_differences_by_the_same_protocol():
    one = Evaluation(SCORES, PROTOCOL)
    other = Evaluation({"fid": 3.0}, changed("metrics", to={"fid": {}}))
    assert one.difference(other) == {"fid": SCORES["fid"] - 3.0}
    assert other.difference(one) == {"fid": 3.0 - SCORES["fid"]}


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("version",), 2),
        (("extractor", "sha256"), "00" * 32),
        (("extractor", "sha256"), None),
        (("extractor", "preparation"), "antialiased"),
        (("real", "sha256"), "00" * 32),
        (("real", "n"), 9_999),
        (("fake", "n"), 10_000),
        (("image_shape",), [32, 32, 1]),
        (("seed",), 1),
        (("metrics", "kid", "subset_size"), 500),
    ],
    ids=str,
)
def test_other_protocols_are_not_compared(path, to):
    one, other = Evaluation(SCORES, PROTOCOL), Evaluation(SCORES, changed(*path, to=to))
    for this, that in ((one, other), (other, one)):
        with pytest.raises(ValueError, match=r"cannot be compared \(" + r"\.".join(path)):
            this.difference(that)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("ganzoo",), "0.2.0"),
        (("backend",), "torch"),
        (("real", "name"), None),
        (("real", "split"), None),
    ],
    ids=str,
)
def test_names_may_differ(path, to):
    other = Evaluation(SCORES, changed(*path, to=to))
    assert set(Evaluation(SCORES, PROTOCOL).difference(other).values()) == {0.0}


def test_nothing_in_common_is_no_difference():
    with pytest.raises(ValueError, match="share no score"):
        Evaluation({"fid": 1.0}, PROTOCOL).difference(Evaluation({"kid": 1.0}, PROTOCOL))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "4", None])
def test_a_score_is_a_finite_number(value):
    with pytest.raises(ValueError, match="score fid"):
        Evaluation({"fid": value}, PROTOCOL)


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        "{}",
        '{"scores": 3, "protocol": {}}',
        '{"scores": {"fid": NaN}, "protocol": {}}',
        '{"scores": {"fid": 1.0}, "protocol": {"real": 1}}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:20],
)
def test_another_file_is_refused(text, tmp_path):
    (tmp_path / "scores.json").write_text(text)
    with pytest.raises(ValueError, match=r"scores\.json holds no evaluation"):
        Evaluation.load(tmp_path / "scores.json")


def test_scores_stand_on_a_preset_card(tmp_path):
    scores = Evaluation(SCORES, PROTOCOL).for_card()
    ganzoo.DCGAN((8, 8, 1), base_filters=2).save_to_preset(tmp_path, metadata={"scores": scores})
    card = (tmp_path / "README.md").read_text()
    assert "| Score: fid | 4.1235 (2,000 generated against 10,000 real images (mnist test)" in card
    assert "value: 4.1235" in card
