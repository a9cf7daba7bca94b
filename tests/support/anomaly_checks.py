"""Checks that the tests of `detect_anomaly` share."""

import pytest

from autograd import AnomalyError, Value, detect_anomaly, modes


def caught(f, **options) -> AnomalyError:
    with detect_anomaly(**options), pytest.raises(AnomalyError) as raised:
        f()
    assert modes.active == 0
    return raised.value


def untouched(*nodes: Value) -> bool:
    return not any(v.has_grad for v in nodes)
