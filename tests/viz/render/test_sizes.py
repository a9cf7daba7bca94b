"""What is laid out and how is decided by counts; what is too large is refused, with ways out."""

import re

import pytest
from viz_graphs import SVG, article, chain, network, parse

from autograd import Graph, Value
from viz import EngineError, diff, draw, player
from viz.render.engine import find_engine

WAYS_OUT = r"draw fewer nodes.*fold=True.*max_nodes=.*expand=.*around=.*\.text\(\).*\.source.*json"


@pytest.fixture
def engine(tmp_path):
    """An engine that notes how it is called, apart from the word that it has to draw first."""
    path, notes = tmp_path / "engine", tmp_path / "calls"
    notes.touch()
    path.write_text(
        "#!/bin/sh\n"
        'input=$(mktemp); trap "rm -f $input" EXIT; cat > "$input"\n'
        f'grep -q probe "$input" || echo "$*" >> {notes}\n'
        f'{find_engine().path} "$@" < "$input"\n'
    )
    path.chmod(0o755)
    return path, lambda: notes.read_text().splitlines()


def long(steps):
    """A recurrence, whose weights are used by every step."""
    w, h = Value(0.5, "w"), Value(0.1, "h")
    for i in range(steps):
        h = (h * w + Value(0.1, f"x[{i}]")).tanh()
    return h


def whole(y, **how):
    return draw(y, max_nodes=10**6, fold=False, **how)


def drawn(diagram, kind):
    return sum(kind in (g.get("class") or "").split() for g in parse(diagram).iter(f"{SVG}g"))


# What is laid out


def test_a_small_picture_is_laid_out_in_all_rounds(engine):
    path, calls = engine
    diagram = whole(network(), engine=path)
    assert diagram.svg() == whole(network()).svg()
    assert calls() == ["-Tsvg -Kdot"]
    assert "nslimit" not in diagram.source


@pytest.mark.parametrize(
    "make",
    [whole, lambda y, **how: diff(y, y.relu(), max_nodes=10**6, **how)],
    ids=["draw", "diff"],
)
def test_a_picture_of_long_arrows_gets_fewer_rounds(make, engine):
    path, calls = engine
    diagram = make(long(40), engine=path)
    assert "nslimit=0.1" in diagram.source
    assert "splines=line" in diagram.source
    assert drawn(diagram, "edge") == diagram.source.count(" -> ") >= 200
    assert calls() == ["-Tsvg -Kdot"]


@pytest.mark.slow
@pytest.mark.parametrize("make", [lambda: chain(999), lambda: long(240)], ids=["boxes", "reach"])
def test_the_largest_pictures(make):
    y = make()
    assert drawn(whole(y), "node") == len(Graph(y))


def test_boxes_in_a_circle():
    v = Value(0.5, "x")
    for _ in range(40):
        v = (v * 2.0).tanh()
    kinds = {"mul": "products", "tanh": "squashed"}
    diagram = draw(v, fold=lambda n: kinds.get(n.op))
    assert drawn(diagram, "edge") == diagram.source.count(" -> ")


@pytest.mark.slow
def test_a_million_operations_fold():
    assert parse(draw(chain(500_000))).get("role") == "img"


# What is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: chain(1000), "^2,001 nodes and boxes are too many .* 2,000: "),
        (lambda: long(300), "between 1,202 nodes and boxes cross [0-9,]+ layers, .* 100,000: "),
    ],
    ids=["boxes", "reach"],
)
def test_too_large_a_picture_is_refused_before_it_is_laid_out(make, message, engine, tmp_path):
    path, calls = engine
    y = make()
    diagram = whole(y, engine=path)
    for ending in ("svg", "html", "png", "jpg", "pdf"):
        with pytest.raises(EngineError, match=message + WAYS_OUT):
            diagram.save(tmp_path / f"y.{ending}")
        assert not (tmp_path / f"y.{ending}").exists()
    assert calls() == []
    assert drawn(draw(y), "node") <= 60


def test_what_needs_no_layout_is_not_refused(tmp_path):
    y = chain(1000)
    diagram = whole(y)
    assert diagram.source.count(" -> ") == 2000
    assert len(diagram.text(80).splitlines()) > 2001
    assert "… 1,941 more nodes …" in diagram.table()
    for ending in ("json", "dot", "txt"):
        assert diagram.save(tmp_path / f"y.{ending}").exists()


def test_a_notebook_shows_the_table_and_says_why():
    bundle = whole(chain(1000))._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "(There is no picture: 2,001 nodes and boxes are too many" in bundle["text/plain"]


def test_so_are_differences_and_players():
    y = chain(1000)
    with pytest.raises(EngineError, match="2,002 nodes and boxes"):
        diff(y, y.relu(), max_nodes=10**6).svg()
    with pytest.raises(EngineError, match="2,001 nodes and boxes"):
        player(y, max_nodes=10**6, fold=False).html()


def test_a_layout_that_takes_too_long_names_the_same_ways_out(tmp_path):
    path = tmp_path / "engine"
    path.write_text(
        '#!/bin/sh\ninput=$(cat)\ncase "$input" in *probe*) echo "$input" | '
        f'{find_engine().path} "$@";; *) exec sleep 60;; esac\n'
    )
    path.chmod(0o755)
    with pytest.raises(EngineError, match=rf"not done after 2 s.*timeout=.*{WAYS_OUT}"):
        draw(article(), engine=path, timeout=2.0).svg()


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_more_pixels_than_a_file_should_hold(ending, tmp_path):
    diagram = whole(chain(150))
    path = tmp_path / f"y.{ending}"
    with pytest.raises(EngineError, match=r"[\d,]+ × [\d,]+ pixels, .*as \.svg, or at") as error:
        diagram.save(path, scale=20)
    assert not path.exists()
    scale = float(re.search(r"scale=([\d.]+)", str(error.value))[1])
    assert 0.5 < scale < 20
    with pytest.raises(EngineError, match="pixels"):
        diagram.save(path, scale=1.1 * scale)
    assert diagram.save(path, scale=0.1 * scale).exists()


def test_an_engine_that_refuses_is_not_asked_again(engine):
    path, calls = engine
    path.write_text(
        path.read_text().replace(
            f'{find_engine().path} "$@"',
            f'grep -q probe "$input" || exit 1; {find_engine().path} "$@"',
        )
    )
    with pytest.raises(EngineError, match="exit code 1"):
        draw(network(), engine=path).svg()
    assert len(calls()) == 1
