"""Modules that are not looked through for examples, since what they need is not installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("jax") else ["autograd/compiler/running/jax_*.py"]
