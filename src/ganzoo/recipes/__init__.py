"""Ways to train, as data: plain numbers and words that a file holds, with their reasons.

A part of a recipe is of the model, a part of `compile`; `Recipe` says which, and gives both.
"""

from ganzoo.recipes.known import RECIPES, get
from ganzoo.recipes.recipe import Recipe

__all__ = ["RECIPES", "Recipe", "get"]
