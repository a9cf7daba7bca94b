"""The table of primitives: every operation is declared here, once, in the file of its family.

A row holds all that is known of an operation: the function, the partial derivative for each
operand, the twin on arrays, the form in print, and the convention where the derivative is not
defined. From the rows follow the functions and methods, the backward pass, gradients of gradients,
the diagrams, the table in `docs/operations.md` and the tests. To add an operation, add a row.

A partial derivative is a function of the result `y` and the operands. It is written with rows and
with `+ - *` alone (`/` and `**` on floats raise where IEEE 754 defines a result), so the same rule
serves floats and Values: on Values it records a graph, which can be differentiated again.
A rule of `None` says that no derivative flows to that operand. A row that selects, as `relu` and
`where`, gives instead what it sends of a cotangent `g`: `where(selected, g, 0.0)`, an exact 0 to
what was not selected, whatever arrives.
"""

# In the order of the table and of its page; a family uses rows of those above it.
from autograd.primitives.arithmetic import *
from autograd.primitives.piecewise import *
from autograd.primitives.powers import *
from autograd.primitives.trigonometric import *
from autograd.primitives.activations import *
