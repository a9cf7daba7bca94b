"""Names from other lectures' classes, refused: a silent attribute would be a lost afternoon."""

from __future__ import annotations

from typing import NoReturn


class Habit:
    """An attribute that raises AttributeError, read or written, and says what it is called here."""

    def __init__(self, here: str) -> None:
        self.here = here

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, v: object, owner: type) -> NoReturn:
        raise AttributeError(f"a Value has no {self.name!r}: here it is {self.here}")

    def __set__(self, v: object, value: object) -> NoReturn:
        raise AttributeError(f"a Value has no {self.name!r}: here it is {self.here}")
