"""Any sequence of moves: the state is that of a replay, and `finish` is `backward`."""

from __future__ import annotations

import copy
from typing import Any

from effort import examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from passes import Naive, bits, same_event

import autograd
from autograd import Graph, Stepper, Value

OPERATIONS: list[Any] = [
    lambda v, w: v * w,
    lambda v, w: v + w,
    lambda v, w: v - 0.5 * w,
    lambda v, w: autograd.tanh(v),
    lambda v, w: autograd.where(v, w, v),
    lambda v, w: autograd.maximum(v, w),
    lambda v, w: v * v,
    lambda v, w: v / (w * w + 1.0),
]
numbers = st.floats(-2, 2).map(lambda x: round(x, 2))
programs = st.lists(
    st.tuples(st.integers(0, len(OPERATIONS) - 1), st.integers(0, 50), st.integers(0, 50)),
    max_size=12,
)


class Moves(RuleBasedStateMachine):
    @initialize(
        points=st.lists(numbers, min_size=1, max_size=3),
        program=programs,
        seed=st.sampled_from([1.0, 0.5, -3.0, 0.0]),
        leftover=st.lists(st.none() | numbers, min_size=3, max_size=3),
    )
    def begin(self, points, program, seed, leftover):
        nodes = [Value(x, f"x{i}") for i, x in enumerate(points)]
        leaves = list(nodes)
        for operation, i, k in program:
            nodes.append(OPERATIONS[operation](nodes[i % len(nodes)], nodes[k % len(nodes)]))
        for leaf, g in zip(leaves, leftover, strict=False):
            leaf.grad = g
        self.output = nodes[-1]
        self.twin = copy.deepcopy(self.output)
        self.twin.backward(seed)
        self.s = Stepper(self.output, seed)
        self.model = Naive(self.output, seed)
        self.position = 0
        self.untouched = self.own_gradients()

    def own_gradients(self) -> list[Any]:
        return [(v.has_grad, bits(v.grad)) for v in Graph(self.output).nodes]

    # Moves, each beside its definition

    def went(self, position: int, event: Any) -> None:
        self.position = position
        assert event == self.s.event

    @rule(count=st.integers(-3, 9))
    def step(self, count):
        at_end = self.position == len(self.model) and count > 0
        event = self.s.step(count)
        self.position = max(0, min(len(self.model), self.position + count))
        assert event == (None if at_end else self.s.event)

    @rule(count=st.integers(-3, 9))
    def back(self, count):
        at_end = self.position == len(self.model) and count < 0
        event = self.s.back(count)
        self.position = max(0, min(len(self.model), self.position - count))
        assert event == (None if at_end else self.s.event)

    @rule(share=st.floats(0, 1))
    def goto(self, share):
        position = round(share * len(self.model))
        self.went(position, self.s.goto(position))

    @rule()
    def rewind(self):
        assert self.s.rewind() is None
        self.position = 0

    @rule()
    def next(self):
        start, end = self.position, self.position
        forward = len(self.model.computed)
        while end < len(self.model) and (
            end == start
            or (start >= forward and self.model.sender(end) is self.model.sender(start))
        ):
            end += 1
        event = self.s.next()
        assert (event is None) == (start == len(self.model))
        self.position = end

    @rule()
    def previous(self):
        start, end = self.position, self.position
        forward = len(self.model.computed)
        while start > 0 and (
            start == end
            or (start > forward and self.model.sender(start - 1) is self.model.sender(end - 1))
        ):
            start -= 1
        self.went(start, self.s.previous())

    @rule(chosen=st.integers(0, 50))
    def run_until_node(self, chosen):
        node = self.model.nodes[chosen % len(self.model.nodes)]
        self.run_until(node, lambda i: self.model.touched(i) is node)

    @rule(divisor=st.integers(2, 5))
    def run_until_predicate(self, divisor):
        self.run_until(lambda e: e.number % divisor == 0, lambda i: i % divisor == 0)

    def run_until(self, target, is_meant):
        number = next((i for i in range(self.position, len(self.model)) if is_meant(i)), None)
        event = self.s.run_until(target)
        self.position = len(self.model) if number is None else number + 1
        assert event == (None if number is None else self.s.event)

    @rule(chosen=st.integers(0, 50))
    def run_back_until_node(self, chosen):
        node = self.model.nodes[chosen % len(self.model.nodes)]
        self.run_back_until(node, lambda i: self.model.touched(i) is node)

    @rule(divisor=st.integers(2, 5))
    def run_back_until_predicate(self, divisor):
        self.run_back_until(lambda e: e.number % divisor == 0, lambda i: i % divisor == 0)

    def run_back_until(self, target, is_meant):
        number = next((i for i in range(self.position - 2, -1, -1) if is_meant(i)), None)
        self.went(0 if number is None else number + 1, self.s.run_back_until(target))

    @rule()
    def there_and_back(self):
        state = self.state()
        for _ in range(3):
            self.s.step()
        self.s.goto(self.position)
        assert self.state() == state
        for _ in range(3):
            self.s.back()
        self.s.goto(self.position)
        assert self.state() == state

    @precondition(lambda self: not self.s.finished)
    @rule()
    def finish(self):
        self.s.finish()
        self.position = len(self.model)
        twins = Graph(self.twin).nodes
        self.untouched = [(v.has_grad, bits(v.grad)) for v in twins]  # from now on

    @precondition(lambda self: self.s.finished)
    @rule()
    def finish_again(self):
        self.s.finish()
        self.position = len(self.model)

    # Invariants

    def state(self) -> list[Any]:
        return [
            (self.s.data(v), bits(self.s.grad(v)), self.s.has_grad(v)) for v in self.model.nodes
        ]

    @invariant()
    def the_state_is_that_of_a_replay(self):
        data, grad = self.model.at(self.s.position)
        for v in self.model.nodes:
            assert self.s.data(v) == data.get(v)
            assert bits(self.s.grad(v)) == bits(grad.get(v, 0.0) if v.op != "const" else 0.0)
            assert self.s.has_grad(v) == (v in grad)

    @invariant()
    def the_event_is_the_last_that_happened(self):
        assert self.s.position == self.position
        assert len(self.s) == len(self.model)
        event, number = self.s.event, self.position - 1
        if event is None:
            assert self.position == 0
            return
        assert event.number == number
        assert event.node is self.model.sender(number)
        if event.kind == "backward":
            same_event(event, self.model.sent[number - len(self.model.computed)])
        else:
            assert (event.operand, event.before, event.after) == (None, None, event.node.data)

    @invariant()
    def the_nodes_keep_their_gradients_until_it_is_finished(self):
        assert self.own_gradients() == self.untouched


Moves.TestCase.settings = settings(max_examples=examples(150), stateful_step_count=30)
TestMoves = Moves.TestCase
