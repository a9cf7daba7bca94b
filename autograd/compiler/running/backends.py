"""What computes a program: NumPy, or JAX on one device or on those of a mesh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.rolling.program import Program
from autograd.compiler.running.run import Runner

_NAMES = ("numpy", "jax")


class Backend(NamedTuple):
    """A name, and the mesh of devices that share a batch, if there is one."""

    name: str
    mesh: Any

    def __reduce__(self) -> tuple[Any, ...]:
        return Backend, (self.name, None)  # devices are those of a process

    def runner(self, program: Program, dtype: Any) -> Any:
        """Return a runner of a program: a `Runner`, or what has its methods."""
        if self.name == "numpy":
            return Runner(program, dtype)
        return jax_machine().JaxRunner(program, dtype, self.mesh)

    def takes(self, x: Any) -> bool:
        """True for an array that a runner takes as it is."""
        return type(x) is np.ndarray or (self.name == "jax" and jax_machine().is_array(x))

    @property
    def devices(self) -> int:
        """The number of devices that share a batch."""
        return 1 if self.mesh is None else int(self.mesh.size)

    @property
    def is_first(self) -> bool:
        """True but in the second process and the others of a mesh."""
        return self.mesh is None or jax_machine().jax.process_index() == 0

    @property
    def has_processes(self) -> bool:
        """True if several processes share a batch."""
        return self.mesh is not None and jax_machine().jax.process_count() > 1

    def check_alike(self, things: Callable[[], Mapping[str, Any]]) -> None:
        """Raise ValueError, in all processes of a mesh, unless all of them have the same things."""
        if self.has_processes:
            jax_machine().check_alike(things())

    def in_any(self, answer: bool) -> bool:
        """True if it is in any process of a mesh."""
        return jax_machine().in_any(answer) if self.has_processes else answer


@cache
def jax_machine() -> Any:
    """The module that needs JAX. Raises ModuleNotFoundError, saying how to install it, without."""
    try:
        from autograd.compiler.running import jax_machine
    except ImportError as error:
        text = 'backend="jax" needs JAX, which is not installed: pip install "jax>=0.8"'
        raise ModuleNotFoundError(text) from error
    return jax_machine


def backend_of(name: Any, mesh: Any) -> Backend:
    """Return a backend by its name.

    Raises ValueError for another name, or a mesh that cannot be used, ModuleNotFoundError without
    JAX.
    """
    if name not in _NAMES:
        raise ValueError(f"backend is {' or '.join(map(repr, _NAMES))}, got {name!r:.60}")
    if name == "jax":
        machine = jax_machine()
        if mesh is not None:
            mesh = machine.checked(mesh)
    elif mesh is not None:
        raise ValueError('a mesh of devices is for backend="jax"')
    return Backend(name, mesh)
