import dense_gan
import pytest


@pytest.fixture(scope="session")
def dense():
    """Return the family of the page "Your own GAN"."""
    if not dense_gan.PAGE.is_file():
        pytest.skip("pages are in the repository only")
    return dense_gan.load()
