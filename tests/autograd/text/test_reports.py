"""Reports in a notebook: their HTML says what their text says, and names in it are text."""

from __future__ import annotations

import math
import pickle
from html.parser import HTMLParser

import pytest
from hostile_names import NAMES

import autograd
import nn
from autograd import Graph, Value, autopsy, kinks, maximum, record, tanh
from autograd.text.report import Page, Report, Table

VOID = {"br", "hr"}
STYLES = {"style", "class", "colspan"}


def graph_of_many(name):
    y = Value(0.5, name)
    for _ in range(50):
        y = y.exp().log()
    return Graph(y)


def ledger(name, calls=1):
    w = Value(2.0, name)
    with record():
        sum([w * float(i) for i in range(calls)], w).backward()
    return w.history


def program(name):
    W = autograd.array([[1.0, 2.0], [3.0, 4.0]], name=name)
    return autograd.compile(lambda x: tanh(W @ x).sum()).lower([[0.5, 0.5]])


def trained(name):
    count = 3 if name.isascii() else 60
    return nn.History(loss=[1.0 / (i + 1) for i in range(count)], accuracy=[math.nan] * count)


def network(name):
    class Named(nn.Module):
        def __init__(self):
            setattr(self, name, nn.MLP(2, [3, 1]))

    return nn.summary(Named())


REPORTS = {
    "Graph": lambda name: Graph(Value(2.0, name) * Value(3.0, "z") + 1.0),
    "Graph, long": graph_of_many,
    "Autopsy": lambda name: autopsy(Value(-1.0, name).log() * Value(2.0, "z")),
    "Autopsy, long": lambda name: autopsy(sum(Value(-1.0, name).log() for _ in range(30))),
    "Autopsy, nothing": lambda name: autopsy(Value(1.0, name).log()),
    "Kinks": lambda name: kinks(Value(0.0, name).relu() + maximum(Value(0.0, name), 0.0)),
    "Kinks, nothing": lambda name: kinks(Value(1.0, name)),
    "ledger": ledger,
    "ledger, long": lambda name: ledger(name, 40),
    "ledger, nothing": lambda name: Value(1.0, name).history,
    "nn.History": trained,
    "Program": program,
    "program.explain": lambda name: program(name).explain(0),
    "nn.summary": network,
}


class Parsed(HTMLParser):
    """The cells and paragraphs of a page, which must be well-formed."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts, self.tags = [], [], set()
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= STYLES
        self.open.append(tag)
        if tag in ("td", "th", "p"):
            self.texts.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("td", "th", "p"):
            self.texts[-1] += data
        else:
            assert not data.strip()


OTHERS = ["w", "权重", *NAMES]


@pytest.mark.parametrize("name", OTHERS, ids=range(len(OTHERS)))
@pytest.mark.parametrize("make", REPORTS.values(), ids=REPORTS)
def test_the_html_has_what_the_text_has_and_names_are_text(make, name):
    report = make(name)
    assert isinstance(report, Report)
    page = Parsed(report._repr_html_())
    assert page.tags <= {"div", "p", "table", "thead", "tr", "th", "td"}
    assert words(str(report)) == words(" ".join(page.texts)) or "… " in str(report)
    for line in str(report).splitlines()[1:]:
        for cell in filter(None, line.split("  ")):
            assert words(cell.partition("…")[0]) in words(" ".join(page.texts))


def words(text):
    """A text without spaces, and without the punctuation between a label and its text."""
    return "".join(text.split()).replace(":", "")


def test_every_subclass_is_tested():
    tested = {type(make("w")) for make in REPORTS.values()}
    defined, pending = set(), [Report]
    while pending:
        pending += (found := pending.pop()).__subclasses__()
        defined |= {found} if not found.__abstractmethods__ else set()
    assert tested == defined


def test_numbers_are_at_the_right_in_both():
    table = Table([("name", "data"), ("x", "1.5"), "… 3 more …", ("y", "10.25")], right=[1])
    assert table.lines() == ["name   data", "x       1.5", "… 3 more …", "y     10.25"]
    rows = table.html().splitlines()[1:-1]
    assert [row.count("text-align: right") for row in rows] == [1, 1, 0, 1]
    assert 'colspan="2"' in rows[2]


def test_a_page_is_its_text_and_can_be_copied():
    page = Page(Table([("a", "b"), ("c", "d")]))
    assert page == str(page) == repr(page) == "a  b\nc  d"
    again = pickle.loads(pickle.dumps(page))
    assert (again, again._repr_html_()) == (page, page._repr_html_())
