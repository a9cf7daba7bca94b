"""The errors that this package raises beside Python's own."""


class StaleGraphError(RuntimeError):
    """A Value's data changed after the forward pass that recorded it.

    Raised by what has to read the operands again, such as `gradients(..., create_graph=True)`.
    Run the forward pass again, then ask for the gradients of the new result.
    """
