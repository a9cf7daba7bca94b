"""Pictures of graphs.

>>> from autograd import Value
>>> from viz import draw
>>> x, z = Value(2.0, "x"), Value(3.0, "z")
>>> y = x * z + x
>>> y.backward()
>>> draw(y)
                  data  grad  derivative → contribution
○    x               2     4
│ ○  z               3     2
├─●  v2 = x * z      6     1  ∂x 3 → +3  ∂z 2 → +2
●─╯  v3 = v2 + x     8     1  ∂v2 1 → +1  ∂x 1 → +1
○ leaf  ● operation

`draw(y).save("y.svg")` writes the picture, `draw(y).show()` opens it in the browser, and a notebook
shows it.
"""

from viz.comparison.diff import diff
from viz.diagram import Diagram, draw
from viz.page.player import Player, player
from viz.render.engine import EngineError
from viz.snapshot.numbers import State

__all__ = ["Diagram", "EngineError", "Player", "State", "diff", "draw", "player"]
