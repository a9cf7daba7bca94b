"""Pictures of graphs.

>>> from autograd import Value
>>> from viz import draw
>>> x, z = Value(2.0, "x"), Value(3.0, "z")
>>> y = x * z + x
>>> y.backward()
>>> draw(y)
<Diagram of 4 nodes>

`draw(y).save("y.svg")` writes a file; in a notebook, `draw(y)` shows the picture.
"""

from viz.comparison.diff import diff
from viz.diagram import Diagram, draw
from viz.page.player import Player, player
from viz.render.engine import EngineError
from viz.snapshot.numbers import State

__all__ = ["Diagram", "EngineError", "Player", "State", "diff", "draw", "player"]
