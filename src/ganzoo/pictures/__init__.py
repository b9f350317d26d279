"""Pictures for people: many images at once, and films."""

from ganzoo.pictures.film import save_film
from ganzoo.pictures.grid import image_grid

__all__ = ["image_grid", "save_film"]
