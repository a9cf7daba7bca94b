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

from viz.diagram import Diagram, draw
from viz.difference import diff
from viz.engine import EngineError
from viz.ladder import LayoutWarning
from viz.playing import Player, player
from viz.state import State

__all__ = ["Diagram", "EngineError", "LayoutWarning", "Player", "State", "diff", "draw", "player"]
