"""The errors that this package raises beside Python's own."""


class StaleGraphError(RuntimeError):
    """A Value's data changed after the forward pass that recorded it.

    Raised by what has to read the operands again, such as `gradients(..., create_graph=True)`.
    Run the forward pass again, then ask for the gradients of the new result.
    """


class TracerError(TypeError):
    """Code under `autograd.compile` asked for the number in a tracer, which has none yet.

    The function is recorded once and then run on whole batches, so it cannot branch on a number
    or convert it. The message shows the line and what to write there instead.
    """


class IndexRangeError(IndexError, ValueError):
    """An index of `autograd.take` that is outside the values."""


class RecompilationWarning(UserWarning):
    """A compiled function was recorded again, for inputs of another shape or another argument."""
