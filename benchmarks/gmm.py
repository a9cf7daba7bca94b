"""The log-likelihood of a mixture of Gaussians: scalar code for one point, PyTorch for all.

The covariances are diagonal, or full and given by the triangular factor of the inverse: its
diagonal is exp(log_scales), what stands below it is free. That is the GMM of ADBench, without the
Wishart prior.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from flat import Floats, Shape, join, split

import autograd

DIMENSIONS, COMPONENTS, POINTS = 10, 25, 1000
BELOW = DIMENSIONS * (DIMENSIONS - 1) // 2  # entries of a triangle, without its diagonal
HALF_LOG_TAU = 0.5 * math.log(2 * math.pi)


class Mixture(NamedTuple):
    """The parameters, as Values, as numbers or as tensors; their vector has this order."""

    logits: Any  # the mixture's weights are their softmax
    means: Any
    log_scales: Any
    lower: Any = None  # full covariance: the entries below the diagonal, row by row


def shapes(full: bool) -> dict[str, Shape]:
    """The name and the shape of each parameter."""
    square = (COMPONENTS, DIMENSIONS)
    diagonal = {"logits": (COMPONENTS,), "means": square, "log_scales": square}
    return {**diagonal, "lower": (COMPONENTS, BELOW)} if full else diagonal


def make_points(count: int = POINTS) -> Floats:
    return np.random.RandomState(1).standard_normal((count, DIMENSIONS))


def make_vector(full: bool) -> Floats:
    random = np.random.RandomState(2)
    return join(0.5 * random.standard_normal(shape) for shape in shapes(full).values())


def make_mixture(vector: Floats, full: bool) -> Mixture:
    """The vector as Values; `flat.join` of them gives the parameters in its order."""
    arrays = split(vector, shapes(full).values())
    named = zip(arrays, shapes(full), strict=True)
    return Mixture(*(autograd.array(a, name=name) for a, name in named))


# Scalar code, for one point


def log_likelihood(mixture: Mixture, x: Any) -> Any:
    weights = autograd.log_softmax(mixture.logits)
    terms = [weights[k] + log_density(mixture, k, x) for k in range(COMPONENTS)]
    return autograd.logsumexp(terms)


def log_density(mixture: Mixture, k: int, x: Any) -> Any:
    """The logarithm of one component's density."""
    log_scales = mixture.log_scales[k]
    centred = [x[i] - mixture.means[k, i] for i in range(DIMENSIONS)]
    z = [autograd.exp(log_scales[i]) * centred[i] for i in range(DIMENSIONS)]
    if mixture.lower is not None:
        z = [z[i] + row_below(mixture, k, i, centred) for i in range(DIMENSIONS)]
    distance = autograd.dot(z, z)
    return autograd.sum(log_scales) - 0.5 * distance - DIMENSIONS * HALF_LOG_TAU


def row_below(mixture: Mixture, k: int, i: int, centred: Any) -> Any:
    """What the entries left of the diagonal of row i add."""
    start = i * (i - 1) // 2
    return autograd.dot(mixture.lower[k, start : start + i], centred[:i])


# The rival


class TorchMixture:
    """The mean over all points, its gradient by PyTorch."""

    def __init__(self, vector: Floats, points: Floats, full: bool, dtype: str = "float64") -> None:
        import torch

        def tensor(a: Floats) -> Any:
            return torch.tensor(a, dtype=getattr(torch, dtype))

        self.torch = torch
        self.points = tensor(points)
        arrays = split(vector, shapes(full).values())
        self.mixture = Mixture(*(tensor(a).requires_grad_() for a in arrays))
        self.parameters = [p for p in self.mixture if p is not None]
        self.below = torch.tril_indices(DIMENSIONS, DIMENSIONS, -1)

    def value_and_grad(self) -> tuple[float, Floats]:
        """The mean and its gradient, in the order of the vector."""
        for p in self.parameters:
            p.grad = None
        mean = self.mean()
        mean.backward()
        return mean.item(), self.torch.cat([p.grad.ravel() for p in self.parameters]).numpy()

    def mean(self) -> Any:
        logits, _, log_scales, lower = self.mixture
        distances = self.diagonal() if lower is None else self.full()
        constant = logits.log_softmax(0) + log_scales.sum(1) - DIMENSIONS * HALF_LOG_TAU
        return (constant - 0.5 * distances).logsumexp(1).mean()

    def diagonal(self) -> Any:
        """Squared distances, (points, components), by the scalar code's arithmetic."""
        z = (self.points[:, None] - self.mixture.means) * self.mixture.log_scales.exp()
        return z.square().sum(-1)

    def full(self) -> Any:
        """The same: all components' factors in one product of matrices."""
        factors = self.mixture.log_scales.exp().diag_embed()
        factors[:, self.below[0], self.below[1]] = self.mixture.lower
        centres = factors @ self.mixture.means[..., None]
        z = self.torch.addmm(centres.view(-1), self.points, factors.view(-1, DIMENSIONS).T, beta=-1)
        return z.view(-1, COMPONENTS, DIMENSIONS).square().sum(-1)


class ExpandedTorchMixture(TorchMixture):
    """Diagonal only: (x - m)² s² as x² s² - 2 x m s² + m² s², which is one product of matrices.

    It is faster by far, and loses digits where the means are large beside the scales.
    """

    def __init__(self, vector: Floats, points: Floats, dtype: str = "float64") -> None:
        super().__init__(vector, points, full=False, dtype=dtype)
        self.features = self.torch.cat([self.points.square(), self.points], 1)

    def diagonal(self) -> Any:
        means = self.mixture.means
        precisions = (2 * self.mixture.log_scales).exp()
        weighted = means * precisions
        coefficients = self.torch.cat([precisions, -2 * weighted], 1)
        return self.torch.addmm((weighted * means).sum(1), self.features, coefficients.T)
