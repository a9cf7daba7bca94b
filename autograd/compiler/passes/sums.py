"""From binary operations to sums of products: a chain of additions becomes one node.

Matrix products are made of sums of products. A chain `((a b + c d) - e) + …` whose links have no
other use becomes one `SumOfProducts` with the terms in the order in which they were added: nothing
is reassociated here. A chain of maxima or minima becomes one `Extreme`. A mean over the batch, such
as the gradient of a parameter, becomes a `Total`, which includes the sum below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, compress

from autograd.compiler.passes import forms
from autograd.compiler.passes.forms import NONE, Form, Forms, Node, ProductTerm, operands_of
from autograd.compiler.tracing.loops import SUM
from autograd.compiler.tracing.tape import CONSTANT, INPUT, ITEM, LEAVES, PICK, SCAN, TAKE, Tape
from autograd.primitive import Primitive
from autograd.primitives import add, maximum, minimum, mul, neg, sub

_FEW = 2


def gather_sums(tape: Tape, outputs: Sequence[Node], totals: Iterable[Node]) -> Forms:
    """Find the forms of the nodes that the outputs, for each example, and the totals need.

    The tape is simplified. Of the totals the mean over the batch is wanted: see `total_of`.
    """
    return _Gatherer(tape, outputs, totals).run()


class _Gatherer:
    def __init__(self, tape: Tape, outputs: Sequence[Node], totals: Iterable[Node]) -> None:
        self.tape = tape
        self.outputs = list(outputs)
        self.totals = list(dict.fromkeys(totals))
        self.batched: list[bool] = []
        for row, operands in zip(tape.rows, tape.operands, strict=True):
            self.batched.append(row is INPUT or any([self.batched[x] for x in operands]))
        wanted = [*self.outputs, *self.totals]
        used = chain.from_iterable(compress(tape.operands, tape.live(wanted)))
        self.uses = Counter(chain(used, wanted))
        self.forms = Forms(tape)
        self.needed = bytearray(len(tape))
        self.next = len(tape)

    def run(self) -> Forms:
        for node in self.totals:
            if self.batched[node]:
                self._add_total(node)
            else:
                self.forms.total_of[node] = node
                self.needed[node] = 1
        for node in self.outputs:
            self.needed[node] = 1
        rows = self.tape.rows
        for node in range(len(rows) - 1, -1, -1):
            if self.needed[node]:
                self.forms.is_batched[node] = self.batched[node]
                if rows[node] is ITEM:
                    self._need_item(node)
                elif rows[node] not in LEAVES:
                    self._add(node, self._form(node))
        return self.forms

    def _add(self, node: Node, form: Form) -> None:
        self.forms.form[node] = form
        for operand in operands_of(form):
            if operand < len(self.needed):
                self.needed[operand] = 1

    def _need_item(self, node: Node) -> None:
        (loop,) = self.tape.operands[node]
        self.needed[loop] = 1
        self.forms.items.setdefault(loop, []).append(node)
        self.forms.made_by[node] = loop

    def _form(self, node: Node) -> Form:
        row, operands = self.tape.rows[node], self.tape.operands[node]
        if row is TAKE:
            return forms.Take(operands[0], operands[1:])
        if row is SCAN:
            return forms.Scan(self.tape.payloads[node], operands)
        assert isinstance(row, Primitive)
        if row is add or row is sub:
            return forms.SumOfProducts(self._without_zeros(self._terms(node)))
        if row is neg:
            terms = self._terms(node)
            if len(terms) > 1 or terms[0].z != NONE:
                return forms.SumOfProducts(tuple(terms))
        if row is maximum or row is minimum:
            nested = self._nested(node, row)
            return forms.Extreme(row, tuple(sorted(nested, key=lambda x: not self.batched[x])))
        return forms.Apply(row, operands)

    def _without_zeros(self, terms: list[ProductTerm]) -> tuple[ProductTerm, ...]:
        """Drop zeros, such as the one that `sum` begins with, from sums of more than two terms."""
        rows, payloads = self.tape.rows, self.tape.payloads
        kept = [
            term for term in terms
            if term.z != NONE or rows[term.x] is not CONSTANT or payloads[term.x] != 0.0
        ]  # fmt: skip
        return tuple(kept if len(kept) > 1 else terms)

    def _links(self, node: Node, child: Node) -> bool:
        """True if only `node` uses the child, so that it can be absorbed."""
        return self.uses[child] == 1 and self.batched[child] == self.batched[node]

    def _nested(self, root: Node, row: Primitive) -> list[Node]:
        """The operands of nested maxima, from left to right."""
        nested: list[Node] = []
        node = root
        while True:
            x, z = self.tape.operands[node]
            nested.append(z)
            if self.tape.rows[x] is not row or not self._links(root, x):
                return [x, *nested[::-1]]
            self._absorb(root, x)
            node = x

    def _terms(self, root: Node) -> list[ProductTerm]:
        """The terms of a chain of additions, subtractions and changes of sign, first to last."""
        terms: list[ProductTerm] = []
        node, sign = root, 1
        while True:
            row, operands = self.tape.rows[node], self.tape.operands[node]
            if row is neg:
                link, spine_sign = operands[0], -sign
                is_sum = self._is_sum(root, link)
            else:
                left, right = operands
                right_sign = -sign if row is sub else sign
                is_sum = self._is_sum(root, left)
                if not is_sum and self._is_sum(root, right):
                    terms.append(self._term(root, sign, left))
                    link, spine_sign, is_sum = right, right_sign, True
                else:
                    terms.append(self._term(root, right_sign, right))
                    link, spine_sign = left, sign
            if not is_sum:
                terms.append(self._term(root, spine_sign, link))
                return terms[::-1]
            self._absorb(root, link)
            node, sign = link, spine_sign

    def _is_sum(self, root: Node, node: Node) -> bool:
        row = self.tape.rows[node]
        return (row is add or row is sub or row is neg) and self._links(root, node)

    def _term(self, root: Node, sign: int, node: Node) -> ProductTerm:
        row = self.tape.rows[node]
        if row is mul and self._links(root, node):
            self._absorb(root, node)
            return ProductTerm(sign, *self.tape.operands[node])
        return ProductTerm(sign, node)

    def _absorb(self, root: Node, node: Node) -> None:
        self.forms.absorbed.setdefault(root, []).append(node)

    # Sums over the batch

    def _new(self, form: Form) -> Node:
        node = self.next
        self.next += 1
        self.forms.is_batched[node] = False
        self._add(node, form)
        return node

    def _add_total(self, node: Node) -> None:
        """Add the mean over the batch of a node, with the sum below it if that has no other use."""
        rows, operands = self.tape.rows, self.tape.operands
        summed, last = operands[node] if rows[node] is add else (NONE, node)
        picks: list[forms.Pick] = []
        if rows[last] is PICK:
            pairs = operands[last][::2], operands[last][1::2]
            picks = list(map(forms.Pick, *pairs, self.tape.payloads[last]))
        else:
            summed = node
        batched: list[ProductTerm] = []
        rest: list[ProductTerm] = []
        for term in self._whole(summed) if summed != NONE else ():
            if (added := self._scan_total(term, node)) is not None:
                rest.append(ProductTerm(term.sign, added))
                continue
            differs = self.batched[term.x] or (term.z != NONE and self.batched[term.z])
            (batched if differs else rest).append(term)
        if batched or picks:
            total = self._new(forms.Total(tuple(batched), tuple(picks)))
            self.forms.mean_of[total] = node
            rest = [ProductTerm(1, total), *rest] if rest else []
        elif rest == [ProductTerm(1, rest[0].x)]:  # a sum of a loop, and nothing else
            total, rest = rest[0].x, []
        if rest:
            total = self._new(forms.SumOfProducts(tuple(rest)))
        self.forms.total_of[node] = total
        absorbed = self.forms.absorbed.pop(summed, [])
        self.forms.absorbed[total] = [*absorbed, *({node, last} if picks else ())]

    def _scan_total(self, term: ProductTerm, node: Node) -> Node | None:
        """The mean over the batch of a sum over the steps of a loop, which the loop adds up."""
        x, rows = term.x, self.tape.rows
        if term.z != NONE or rows[x] is not ITEM or not self.batched[x] or self.uses[x] != 1:
            return None
        kind, number = self.tape.payloads[x][:2]
        if kind != SUM:
            return None
        (loop,) = self.tape.operands[x]
        total = self.next
        self.next += 1
        self.needed[loop] = 1
        self.forms.is_batched[total] = False
        self.forms.totals.setdefault(loop, []).append((total, number))
        self.forms.made_by[total], self.forms.mean_of[total] = loop, node
        return total

    def _whole(self, node: Node) -> list[ProductTerm]:
        if self.uses[node] == 1 and self.batched[node] and self.tape.operands[node]:
            if self.tape.rows[node] in (add, sub, neg):
                terms = self._terms(node)
                half = [t for t in terms if t.z != NONE and self.batched[t.x] != self.batched[t.z]]
                if len(half) <= _FEW:  # products of one shared and one batched factor
                    self._absorb(node, node)
                    return terms
                self.forms.absorbed.pop(node, None)  # it will be a matrix product, then its mean
                return [ProductTerm(1, node)]
            return [self._term(node, 1, node)]
        return [ProductTerm(1, node)]
