import keras

from ganzoo.backends import replace_part


def layer(name):
    made = keras.layers.Dense(2, name=name)
    made.build((None, 3))
    return made


class Model(keras.Model):
    def __init__(self):
        super().__init__()
        self.kept, self.part = layer("kept"), layer("first")

    def call(self, inputs):
        return self.kept(inputs)


def test_a_replaced_part_is_no_part_any_more():
    """Keras neither trains it nor gives its variables to JAX."""
    model = Model()
    first, second = model.part, layer("second")
    replace_part(model, "part", second)
    assert model.part is second
    expected = [id(each) for each in model.kept.variables + second.variables]
    assert sorted(id(each) for each in model.trainable_variables) == sorted(expected)
    assert first not in model.layers
    assert not hasattr(model, "leaving")
    replace_part(model, "part", None)
    assert model.part is None
    assert {id(each) for each in model.variables} == {id(each) for each in model.kept.variables}
    replace_part(model, "new", third := layer("third"))
    assert len(model.variables) == 4
    assert model.new is third


def test_plain_attributes_do_not_forget():
    """Why it takes a function; if this fails, Keras forgets by itself and the function can go."""
    model = Model()
    model.part = layer("second")
    assert len(model.variables) == 6
