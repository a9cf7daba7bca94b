"""A glass-box automatic differentiation engine: the unit of computation is one number.

>>> from autograd import Value
>>> x = Value(3.0, name="x")
>>> y = x**2 + 2 * x
>>> y.backward()
>>> x.grad
8.0
"""

import builtins as _builtins
from typing import Any as _Any

from autograd.arrays import reductions as _reductions
from autograd.arrays.conversion import array, assign, data, grads, zero_grad
from autograd.arrays.functions import *  # noqa: F403
from autograd.arrays.functions import abs as abs
from autograd.arrays.functions import pow as pow
from autograd.arrays.indexing import take
from autograd.arrays.reductions import *  # noqa: F403
from autograd.arrays.reductions import max as max
from autograd.arrays.reductions import min as min
from autograd.arrays.reductions import sum as sum
from autograd.backward import partials
from autograd.compiler.compile import compile as compile
from autograd.compiler.looping import scan
from autograd.debugger.shell import debug
from autograd.derivatives import gradients
from autograd.diagnosis.autopsy_report import Autopsy, autopsy
from autograd.diagnosis.kink_report import Kink, Kinks, kinks
from autograd.errors import (
    AnomalyError,
    BackwardTwiceWarning,
    ChangedLeafWarning,
    GradientWarning,
    IndexRangeError,
    LeftoverGradientWarning,
    RecompilationWarning,
    ReplacedLeafWarning,
    StaleGraphError,
    TracerError,
    UnreachedParameterWarning,
)
from autograd.errors import refuse_methods as _refuse_methods
from autograd.explaining.explanation import Explanation, explain
from autograd.graph import Edge, Graph
from autograd.methods import Methods as _Methods
from autograd.modes import no_grad
from autograd.primitive import TABLE as _TABLE
from autograd.provenance import Origin, origin, scope
from autograd.recording.ledger import History
from autograd.recording.observers import detect_anomaly, record
from autograd.recording.observers import forget_warnings as _forget_warnings
from autograd.stepping.events import Event
from autograd.stepping.stepper import Stepper
from autograd.value import Value
from autograd.value_array import ValueArray

_refuse_methods(_Methods, globals(), "autograd", values="[v, …]", x="v")
_refuse_methods(ValueArray, globals(), "autograd", values="W", x="W")

__version__ = "0.1.0"


def load_ipython_extension(ipython: _Any) -> None:
    """Record in every cell from here on: what `%load_ext autograd` does."""
    record.always()
    ipython.events.register("pre_run_cell", _forget_warnings)


def unload_ipython_extension(ipython: _Any) -> None:
    """End that."""
    record.always(False)
    ipython.events.unregister("pre_run_cell", _forget_warnings)


__all__ = [
    "AnomalyError", "Autopsy", "BackwardTwiceWarning", "ChangedLeafWarning", "Edge", "Event",
    "Explanation", "GradientWarning", "Graph", "History", "IndexRangeError", "Kink", "Kinks",
    "LeftoverGradientWarning", "Origin", "RecompilationWarning", "ReplacedLeafWarning",
    "StaleGraphError", "Stepper",
    "TracerError", "UnreachedParameterWarning", "Value", "ValueArray", "array", "assign", "autopsy",
    "data", "debug", "detect_anomaly", "explain", "gradients", "grads", "kinks", "no_grad",
    "origin", "partials", "record", "scan", "scope", "take", "zero_grad",
]  # fmt: skip
# A star import must not replace Python's own abs, compile, max, min, pow and sum.
__all__ += [name for name in _TABLE if not hasattr(_builtins, name)]
__all__ += [name for name in _reductions.__all__ if not hasattr(_builtins, name)]
