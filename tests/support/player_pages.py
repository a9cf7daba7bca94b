"""The reading of a player's page, and a network whose page has folded boxes."""

import json
from html.parser import HTMLParser

import nn
from autograd import Value


class Read(HTMLParser):
    """The elements of a page: tag, attributes, text."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append([tag, dict(attributes), ""])
        self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.open:
            self.open[-1][2] += data

    def all(self, tag):
        return [(attributes, text) for name, attributes, text in self.elements if name == tag]


def page_data(player):
    [data] = [text for a, text in Read(player.html()).all("script") if a.get("id") == "data"]
    return json.loads(data)


def small():
    """A network whose neurons fold: 97 nodes shown as 17."""
    model = nn.MLP(3, [4, 2], activation="tanh", seed=0)
    loss = nn.cross_entropy(model([Value(x, f"x[{i}]") for i, x in enumerate((0.5, -1.0, 2))]), 1)
    loss.name = "loss"
    return loss
