"""What waits for me today: cards that the rooms lay on the home page.

A room above registers its cards at start-up (`AppConfig.ready`); the home page lays out those
of the signed-in role, in order, and knows nothing of what they count.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Card:
    """One panel of the home page.

    `build(request)` answers the template's context, or None when there is nothing to show. It
    asks a fixed number of queries, each bounded: a home page opens a hundred times a day.
    `later` has the browser fetch the card after the page stands, for what takes longer. A card
    that is not `wide` takes half of a wide screen.
    """

    name: str
    title: Any
    roles: Iterable[str]
    template: str
    build: Callable[[Any], dict[str, Any] | None]
    order: int = 50
    later: bool = False
    wide: bool = True


_cards: dict[str, Card] = {}


def register_card(*facts: Any, **more: Any) -> None:
    """Lay a card on the home page of its roles, from the facts of `Card`; small `order` is above."""
    card = Card(*facts, **more)
    _cards[card.name] = card


def cards_of(role: str) -> list[Card]:
    return sorted(
        (card for card in _cards.values() if role in card.roles),
        key=lambda card: (card.order, card.name),
    )


def card_named(name: str, role: str) -> Card | None:
    card = _cards.get(name)
    return card if card and role in card.roles else None
