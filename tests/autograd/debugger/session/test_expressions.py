"""Names of nodes in expressions."""

import math

import pytest

from autograd import Value
from autograd.debugger.session.expressions import Expression
from autograd.debugger.session.names import Names
from autograd.debugger.session.session import Session
from autograd.errors import CommandError
from autograd.graph import Graph


@pytest.fixture
def session():
    w = [Value(float(i), f"layer0.neuron3.w[{i}]") for i in range(6)]
    grid, quoted = Value(7.0, "W[0,1]"), Value(8.0, "p['a']")
    spaced, x, e = Value(9.0, "hidden unit"), Value(2.0, "x"), Value(5.0, "e")
    same = [Value(1.0, "same"), Value(2.0, "same")]
    product = same[0] * same[1]
    output = w[5] * x + w[2] + grid + quoted + spaced + e + product
    variables = {"x": 100.0, "mine": 3, "product": product, "elsewhere": Value(1.0)}
    session = Session(output, variables=variables)
    session.stepper.goto(len(session.stepper))
    return session


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("layer0.neuron3.w[5]", 5.0), ("layer0.neuron3.w[5] * 2", 10.0),
        ("layer0.neuron3.w[2].grad", 1.0), ("-layer0.neuron3.w[5].data", -5.0),
        ("W[0,1]", 7.0), ("W[0, 1] + 1", 8.0), ('p["a"] + 1', 9.0), ("x", 2.0), ("x.grad", 5.0),
        ("e", 5.0), ("pi", math.pi), ("sin(x)", math.sin(2.0)), ("mine + x", 5.0), ("v1", 2.0),
        ("product + 0", 2.0), ("product.grad", 1.0), ("[x for x in (1, 2)]", [1, 2]),
        ("(lambda x: x)(3)", 3), ("dict(x=x)", {"x": 2.0}), ("f'{x:.1f} {v1}'", "2.0 2.0"),
        ("'x'", "x"), ("max(abs(v0), e)", 5.0), ("x.op is None", True), ("x.name", "x"),
        ("sum(x * i for i in range(3))", 6.0), ("nan", math.nan), ("[x, e][0].is_computed", True),
        ("event.number", 27), ("kind", "backward"),
    ],
)  # fmt: skip
def test_expressions_see_nodes_by_their_names(session, text, value):
    result = session.evaluate(text)
    if text == "event.number":
        value = len(session.stepper) - 1
    assert result == value or math.isnan(value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("same + 1", "2 nodes are called 'same': say which one: v"), ("x +", "is no expression"),
        ("unknown", "NameError"), ("1 / 0", "ZeroDivisionError"), ("x.nothing", "AttributeError"),
        ("exit()", "SystemExit"), ("x = 3", "is no expression"), ("", "is no expression"),
        ("(" * 500, "is no expression"), ("-" * 200_000 + "1", "is no expression"),
        ("x\0", "is no expression"), ("import os", "is no expression"),
        ("\ud800", "is no expression"), ("1" * 5000, "is no expression"),
        ("[].append.x", "AttributeError"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(session, text, complaint):
    with pytest.raises(CommandError, match=complaint.replace("(", r"\(")):
        session.evaluate(text)


def test_a_node_is_not_yet_a_number_before_it_is_computed(session):
    session.stepper.rewind()
    assert math.isnan(session.evaluate("product"))
    assert not session.evaluate("product.is_computed")
    assert session.evaluate("x") == 2.0


def test_only_the_names_that_occur_are_looked_up(session):
    expression = Expression("grad > 2 and x", session.names)
    assert expression.names == {"grad", "_node0"}


def test_a_variable_is_a_name_for_a_node_of_the_graph_alone():
    x = Value(2.0, "x")
    y = x * 3
    names = Names(Graph(y), {"y": y, "x": y, "z": Value(1.0)})
    assert names.find("y") == [y]
    assert names.find("x") == [x]
    assert names.find("z") == []
    assert names.one("v0") is x


def test_a_name_written_otherwise_is_found_and_a_misspelled_one_suggested():
    nodes = [Value(1.0, "a b"), Value(2.0, 'k["x"]'), Value(3.0, "weight")]
    names = Names(Graph(nodes[0] * nodes[1] * nodes[2]))
    assert [names.one(t) for t in ("a  b", "k['x']", " weight ")] == nodes
    for misspelled in ("wieght", "ewight", "Weight", "weigt"):
        with pytest.raises(CommandError, match=r"did you mean weight\?"):
            names.one(misspelled)
    with pytest.raises(CommandError, match="there is no node 'nope' in this graph; `info leaves`"):
        names.one("nope")
    with pytest.raises(CommandError, match="they are v0 to v4"):
        names.one("v5")
    with pytest.raises(CommandError, match="its nodes have no names"):
        Names(Graph(Value(1.0) * 2)).one("w")


def test_print_shows_a_node_or_a_value(talk):
    assert talk("goto end", "print z").startswith("v8 z = v6 + b\n  data  0.5 = ")
    assert talk("p z + 1") == "1.5\n"
    assert talk("p(z)").startswith("v8 z")
    assert talk("!z + 1") == "1.5\n"
    assert talk("print").startswith("v1 x1 = leaf")
    assert talk("p 'a' 'b'") == "'ab'\n"


def test_a_value_that_cannot_be_shown_is_said(talk):
    class Rude:
        def __repr__(self):
            raise RuntimeError("no")

    talk.session.variables["rude"] = Rude()
    assert talk("print rude") == "<Rude whose repr raises RuntimeError: no>\n"
    assert "ValueError" in talk("print 10**10000")
    assert "(50,002 characters)" in talk("print 'a' * 50000")


def test_the_users_nodes_without_a_name_are_found_by_their_variables(new_talk, network):
    variables = {"hidden": network.a, "layers": [{"w": network.w1}], "n": network, "x": [network.b]}
    talk = new_talk(network.loss, variables=variables)
    assert talk("why n.a") == talk("why hidden")
    assert talk("print n.a + 0") == "nan\n  hidden is not computed yet: `until hidden`\n"
    assert "w1 = leaf" in talk("print layers[0]['w']")
    assert "grad of w1" in talk("until layers[0]['w']")
    assert talk("print [x[0] for x in ([5], [6])]") == "[5, 6]\n"
    for nothing in ("why n.nothing", "why layers[7]", "why n.__class__", "why layers"):
        assert "there is no node" in talk(nothing)
    talk("rewind")
    assert talk("why hidden").startswith("∂loss/∂hidden = ")
    talk("break hidden", "c")
    assert talk.position == 5
    assert talk("print hidden").startswith("v9 hidden = tanh(z)")
    assert talk("print [hidden]") == f"[{network.a.data!r}]\n"


def test_a_misspelled_name_is_suggested(new_talk):
    talk = new_talk(Value(1.0, "layer0.neuron3.w[5]") * 2)
    answer = " ".join(talk("print layer0.neuron2.w[5]").split())
    assert answer.endswith(
        "NameError: name 'layer0' is not defined; did you mean layer0.neuron3.w[5]?"
    )
