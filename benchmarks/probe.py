"""What a discriminator has learnt to see, as the paper measures it: `python benchmarks/probe.py`.

The accuracy on the 10,000 test images of MNIST of a linear classifier, trained on the features of
the first 1,000 and 10,000 training images. Needs scikit-learn. The preset is class-conditional, so
its discriminator has seen the labels of the training set, which the paper's had not.
"""

import ganzoo
from ganzoo.metrics import linear_probe

PRESET, COUNTS = "mnist", (1_000, 10_000)


def main():
    images, labels = ganzoo.datasets.load(PRESET)
    test, test_labels = ganzoo.datasets.load(PRESET, "test")
    images = images[: max(COUNTS)]
    trained = ganzoo.DCGAN.from_preset(PRESET)
    untrained = ganzoo.DCGAN(images.shape[1:], num_classes=10, seed=0)
    seen_by = {
        "pixels": lambda images: images.reshape(len(images), -1),
        "untrained discriminator": untrained.discriminator_features,
        "preset's discriminator": trained.discriminator_features,
    }
    for name, features in seen_by.items():
        train_features, test_features = features(images), features(test)
        for count in COUNTS:
            accuracy = linear_probe(
                train_features[:count], labels[:count], test_features, test_labels
            )
            print(f"{name}, {count:,} images: {accuracy:.2%}", flush=True)


if __name__ == "__main__":
    main()
