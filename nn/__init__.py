"""Small networks of Values: layers, losses, optimizers, training.

>>> from nn import MLP, SGD, half_squared_error
>>> model = MLP(2, [3, 1], activation="tanh", seed=0)
>>> optimizer = SGD(model.parameters(), lr=0.1)
>>> for _ in range(100):
...     loss = half_squared_error(model([0.5, -1.0]), 0.7)
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
>>> round(model([0.5, -1.0]).data, 3)
0.7
"""

from nn.eager_engine import Score
from nn.examples import Examples
from nn.history import History
from nn.layers import MLP, Layer, Neuron
from nn.losses import cross_entropy, half_squared_error, hinge, mse
from nn.module import Module
from nn.optimizers import SGD, Adam
from nn.prediction import predict
from nn.saving.models import Checkpoint, load, load_checkpoint, save
from nn.summary import summary
from nn.training import evaluate, fit

__all__ = [
    "MLP", "SGD", "Adam", "Checkpoint", "Examples", "History", "Layer", "Module", "Neuron", "Score",
    "cross_entropy", "evaluate", "fit", "half_squared_error", "hinge", "load", "load_checkpoint",
    "mse", "predict", "save", "summary",
]  # fmt: skip
