"""Pictures for people: many images at once, and films."""

from ganzoo.pictures.film import save_film
from ganzoo.pictures.grid import image_grid, neighbour_grid
from ganzoo.pictures.picture_file import save_picture

__all__ = ["image_grid", "neighbour_grid", "save_film", "save_picture"]
