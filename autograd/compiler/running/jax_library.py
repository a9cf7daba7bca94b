"""JAX as an array library: what XLA would do slowly is written otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from jax import lax
from jax import numpy as jnp
from jax.scipy import special

from autograd.compiler.rolling.views import Index
from autograd.compiler.running.rows import Library

Array = Any
_UNROLLED = 64  # rows that are added up in one expression


class JaxLibrary(Library):
    """The namespace jax.numpy."""

    def __init__(self, dtype: Any, integer: Any) -> None:
        super().__init__(jnp, dtype, integer, None)

    @property
    def special(self) -> Any:
        """The namespace of special functions."""
        return special

    def take(self, array: Array, rows: Index) -> Array:
        """Rows by numbers that are not checked once more."""
        return array.at[rows].get(mode="promise_in_bounds")

    def across(self, name: str, x: Array) -> Array:
        """The sum or extreme of rows, one after the other.

        Where XLA fuses a reduction over rows, it reads memory column by column.
        """
        two, (*outer, k, b) = getattr(jnp, name), x.shape
        few = min(k, _UNROLLED)
        lines = jnp.reshape(x[..., : k - k % few, :], (*outer, few, k // few, b))
        rows = [reduce(two, [lines[..., i, :, :] for i in range(few)])]
        rest = jnp.concat([*rows, x[..., k - k % few :, :]], axis=-2) if k % few else rows[0]
        return rest[..., 0, :] if rest.shape[-2] == 1 else self.across(name, rest)

    def repeat(
        self, body: Any, carry: Any, items: Sequence[Array], length: int, is_reversed: bool
    ) -> tuple[Any, list[Array]]:
        """A loop whose body XLA compiles once."""
        results: tuple[Any, list[Array]] = lax.scan(body, carry, tuple(items), length, is_reversed)
        return results
