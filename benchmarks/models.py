"""Models as scalar code, beside NumPy with gradients by hand, and matrix code for JAX.

JAX is no requirement of the project: without it its rows are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import dot, gradients, scan, take

Work = Callable[[], Any]
STEPS, STATE = 20, 16  # of the LSTM
DAYS = 50  # of the option
KERNELS, SIDE = 8, 8  # of the convolution
rng = np.random.default_rng(0)


class Model(NamedTuple):
    """A loss of one example, twice: of Values, and of JAX's arrays."""

    name: str
    shapes: Sequence[tuple[int, ...]]  # of the parameters
    loss: Callable[..., Any]
    in_jax: Callable[..., Any]
    inputs: tuple[Any, ...]
    bound: float | None = None

    def weights(self) -> list[Any]:
        """The same numbers at every call."""
        draw = np.random.default_rng(1)
        return [0.3 * draw.normal(size=shape) for shape in self.shapes]

    def ours(self, backend: str = "numpy") -> Work:
        """The mean loss and its gradient, compiled; the parameters are an array, as by hand."""
        values = [autograd.array(w) for w in self.weights()]
        compiled = autograd.compile(
            lambda *x: self.loss(values, *x), parameters=values, backend=backend
        )
        theta, inputs = np.concatenate([w.ravel() for w in self.weights()]), self.inputs
        if backend == "jax":  # whose code by hand has its inputs on the device, too
            import jax

            with jax.enable_x64(True):
                inputs = tuple(map(jax.numpy.asarray, inputs))
        return lambda: compiled.value_and_grad(*inputs, theta=theta)

    def jax(self) -> Work | None:
        """The same by jax.jit, or None without it."""
        if not find_spec("jax"):
            return None
        os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
        import jax

        jax.config.update("jax_enable_x64", True)

        def mean(weights: Any, *inputs: Any) -> Any:
            return jax.vmap(lambda *x: self.in_jax(weights, *x))(*inputs).mean()

        run = jax.jit(jax.value_and_grad(mean))
        arrays = [[*map(jax.numpy.asarray, each)] for each in (self.weights(), self.inputs)]
        return lambda: jax.block_until_ready(run(arrays[0], *arrays[1]))


# A dense network


def dense(activation: str, batch: int) -> Model:
    """The cross entropy of a 64-64-10 network."""
    inputs = rng.normal(size=(batch, 64)), rng.integers(0, 10, batch)

    def loss(w: Any, x: Any, y: Any) -> Any:
        hidden = getattr(autograd, activation)(w[0] @ x + w[1])
        outputs = list(w[2] @ hidden + w[3])
        return autograd.logsumexp(outputs) - take(outputs, y)

    def in_jax(w: Any, x: Any, y: Any) -> Any:
        import jax

        activate = {"tanh": jax.numpy.tanh, "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu}
        outputs = w[2] @ activate[activation](w[0] @ x + w[1]) + w[3]
        return jax.nn.logsumexp(outputs) - outputs[y]

    shapes = [(64, 64), (64,), (10, 64), (10,)]
    name = f"64-64-10, {activation}, batch {batch}"
    return Model(name, shapes, loss, in_jax, inputs, 1.0 if batch > 100 else 1.1)


class DenseByHand:
    """The same in NumPy: an example is a column, and all arrays are there beforehand."""

    def __init__(self, model: Model, activation: str) -> None:
        self.activation = activation
        self.w = [w.reshape(len(w), -1) for w in model.weights()]
        self.x, self.y = model.inputs
        self.across, batch = np.ascontiguousarray(self.x.T), len(self.x)
        self.z, self.a, self.d, self.slope = np.empty((4, 64, batch))
        self.outputs, self.odds = np.empty((2, 10, batch))
        self.gradients = [np.empty(w.shape) for w in self.w]
        self.columns = np.arange(batch)

    def __call__(self) -> tuple[float, list[Any]]:
        w, a, d, z, slope, odds = self.w, self.a, self.d, self.z, self.slope, self.odds
        np.matmul(w[0], self.across, out=z)
        np.add(z, w[1], out=z)
        self.activate()
        outputs = np.matmul(w[2], a, out=self.outputs)
        np.add(outputs, w[3], out=outputs)
        most = outputs.max(0)
        np.exp(np.subtract(outputs, most, out=odds), out=odds)
        total = odds.sum(0)
        loss = (np.log(total) + most - outputs[self.y, self.columns]).mean()
        np.divide(odds, total, out=odds)
        odds[self.y, self.columns] -= 1.0
        np.divide(odds, len(self.x), out=odds)
        np.matmul(odds, a.T, out=self.gradients[2])
        odds.sum(1, keepdims=True, out=self.gradients[3])
        np.matmul(w[2].T, odds, out=d)
        np.multiply(d, slope, out=d)
        np.matmul(d, self.x, out=self.gradients[0])
        d.sum(1, keepdims=True, out=self.gradients[1])
        return float(loss), self.gradients

    def activate(self) -> None:
        """Compute the activations and their slopes."""
        z, a, slope = self.z, self.a, self.slope
        if self.activation == "relu":
            np.maximum(z, 0.0, out=a)
            np.greater(z, 0.0, out=slope)
        elif self.activation == "tanh":
            np.tanh(z, out=a)
            np.subtract(1.0, np.multiply(a, a, out=slope), out=slope)
        else:
            np.add(np.exp(np.negative(z, out=a), out=a), 1.0, out=a)
            np.divide(1.0, a, out=a)
            np.multiply(np.subtract(1.0, a, out=slope), a, out=slope)


# Beside jax.jit


def physics(batch: int = 1000) -> Model:
    """(u″ + u)² of a 1-20-20-1 network."""

    def network(w: Any, x: Any, tanh: Any) -> Any:
        hidden = tanh(w[2] @ tanh(w[0] * x + w[1]) + w[3])
        return w[4] @ hidden + w[5][0]

    def loss(w: Any, x: Any) -> Any:
        u = network(w, x, autograd.tanh)
        [slope] = gradients(u, [x], create_graph=True)
        [curvature] = gradients(slope, [x], create_graph=True)
        return (curvature + u) ** 2

    def in_jax(w: Any, x: Any) -> Any:
        import jax

        def u(x: Any) -> Any:
            return network(w, x, jax.numpy.tanh)

        return (jax.grad(jax.grad(u))(x) + u(x)) ** 2

    shapes = [(20,), (20,), (20, 20), (20,), (20,), (1,)]
    return Model("physics-informed, 1-20-20-1", shapes, loss, in_jax,
                 (np.linspace(-1, 1, batch),), 2.0)  # fmt: skip


def lstm(batch: int = 64, *, unrolled: bool = False) -> Model:
    """An LSTM, a scan in JAX, and here as well or unrolled."""

    def step(w: Any, c: Any, h: Any, x: Any, tanh: Any, sigmoid: Any) -> Any:
        gates = w[0] @ x + w[1] @ h + w[2]
        i, f, o, g = [gates[k * STATE : (k + 1) * STATE] for k in range(4)]
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return c, sigmoid(o) * tanh(c)

    def loss(w: Any, x: Any) -> Any:
        def carried(carry: Any, x: Any) -> Any:
            return step(w, *carry, x, autograd.tanh, autograd.sigmoid), None

        state = np.zeros(STATE), np.zeros(STATE)
        if unrolled:
            for t in range(STEPS):
                state, _ = carried(state, x[t])
        else:
            state, _ = scan(carried, state, x)
        return dot(state[1], state[1])

    def in_jax(w: Any, x: Any) -> Any:
        import jax

        def carried(carry: Any, x: Any) -> Any:
            return step(w, *carry, x, jax.numpy.tanh, jax.nn.sigmoid), None

        zeros = jax.numpy.zeros(STATE)
        (_, h), _ = jax.lax.scan(carried, (zeros, zeros), x)
        return h @ h

    shapes = [(4 * STATE, STATE), (4 * STATE, STATE), (4 * STATE,)]
    inputs = (rng.normal(size=(batch, STEPS, STATE)),)
    name = f"LSTM, {STEPS} steps of {STATE}, {'unrolled' if unrolled else 'scan'}"
    return Model(name, shapes, loss, in_jax, inputs, 2.0)


def biquad(batch: int = 64) -> Model:
    """The energy of what a filter of second order makes of 500 samples."""

    def filtered(scan: Any, w: Any, x: Any, zero: Any) -> Any:
        def step(carry: Any, x: Any) -> Any:
            x1, x2, y1, y2 = carry
            y = w[0][0] * x + w[0][1] * x1 + w[0][2] * x2 - w[0][3] * y1 - w[0][4] * y2
            return (x, x1, y, y1), y * y

        return scan(step, (zero,) * 4, x)[1]

    def loss(w: Any, x: Any) -> Any:
        return autograd.sum(filtered(scan, w, x, 0.0))

    def in_jax(w: Any, x: Any) -> Any:
        import jax

        return filtered(jax.lax.scan, w, x, jax.numpy.zeros(())).sum()

    inputs = (rng.normal(size=(batch, 500)),)
    return Model("biquad, 500 samples, scan", [(5,)], loss, in_jax, inputs, 3.0)


def kalman(batch: int = 64) -> Model:
    """The likelihood of 30 positions under a Kalman filter with two states, for its noise."""

    def filtered(scan: Any, log: Any, w: Any, y: Any, zero: Any) -> Any:
        process, measured = w[0][0] * w[0][0], w[0][1] * w[0][1]

        def step(carry: Any, y: Any) -> Any:
            x, v, a, b, c = carry  # the state, and its covariance [[a, b], [b, c]]
            x, a, b, c = x + v, a + 2 * b + c + process, b + c, c + process
            total, error = a + measured, y - x
            first, second = a / total, b / total  # the gain
            state = x + first * error, v + second * error
            covariance = a - first * a, b - first * b, c - second * b
            return (*state, *covariance), error * error / total + log(total)

        return scan(step, (zero, zero, zero + 1.0, zero, zero + 1.0), y)[1]

    def loss(w: Any, y: Any) -> Any:
        return autograd.sum(filtered(scan, autograd.log, w, y, 0.0))

    def in_jax(w: Any, y: Any) -> Any:
        import jax

        zero = jax.numpy.zeros(())
        return filtered(jax.lax.scan, jax.numpy.log, w, y, zero).sum()

    inputs = (rng.normal(size=(batch, 30)),)
    return Model("Kalman filter, 30 steps, scan", [(2,)], loss, in_jax, inputs, 3.0)


def option(batch: int = 20_000) -> Model:
    """The pay-off of an Asian option on one path, for its spot, rate and volatility."""

    def growth(w: Any, z: Any) -> Any:
        """The logarithm of the growth on a day, or on all days."""
        return (w[1][0] - 0.5 * w[2][0] * w[2][0]) / DAYS + w[2][0] * DAYS**-0.5 * z

    def loss(w: Any, z: Any) -> Any:
        spot, total = 1.0 + 0.1 * w[0][0], 0.0
        for day in range(DAYS):
            spot = spot * autograd.exp(growth(w, z[day]))
            total = total + spot
        return autograd.relu(total / DAYS - 1.0)

    def in_jax(w: Any, z: Any) -> Any:
        import jax

        spots = (1.0 + 0.1 * w[0][0]) * jax.numpy.exp(jax.numpy.cumsum(growth(w, z)))
        return jax.nn.relu(spots.mean() - 1.0)

    inputs = (rng.normal(size=(batch, DAYS)),)
    return Model(f"Asian option, {DAYS} steps", [(1,)] * 3, loss, in_jax, inputs, 1.1)


def convolution(batch: int = 128) -> Model:
    """Eight kernels 3x3 on an image 8x8, then a dense layer."""
    places = SIDE - 2

    def loss(w: Any, x: Any, y: Any) -> Any:
        patches = [x[i : i + 3, j : j + 3].ravel() for i in range(places) for j in range(places)]
        found = [autograd.relu(dot(kernel, patch)) for kernel in w[0] for patch in patches]
        outputs = [dot(row, found) + b for row, b in zip(w[1], w[2], strict=True)]
        return autograd.logsumexp(outputs) - take(outputs, y)

    def in_jax(w: Any, x: Any, y: Any) -> Any:
        import jax

        rows, columns = np.mgrid[:places, :places].reshape(2, -1, 1)
        patches = x[rows + np.arange(9) // 3, columns + np.arange(9) % 3]
        outputs = w[1] @ jax.nn.relu(w[0] @ patches.T).ravel() + w[2]
        return jax.nn.logsumexp(outputs) - outputs[y]

    shapes = [(KERNELS, 9), (10, KERNELS * places**2), (10,)]
    inputs = rng.normal(size=(batch, SIDE, SIDE)), rng.integers(0, 10, batch)
    return Model("8 kernels 3x3 on 8x8, dense", shapes, loss, in_jax, inputs, 1.1)
