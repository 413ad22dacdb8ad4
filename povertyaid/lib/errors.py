"""What every value says when it cannot be read."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext

__all__ = ["UnreadableError"]


class UnreadableError(ValueError):
    """Text that is no value of its kind.

    `code` names the reason for a program, `message` is the English msgid of a sentence for
    a person. Neither repeats the text itself: it may be somebody's identity number, and
    errors end up in logs.
    """

    messages: ClassVar[Mapping[str, str]] = {}

    def __init__(self, code: str) -> None:
        self.code = code
        self.message = self.messages[code]
        super().__init__(code)

    def __str__(self) -> str:
        """The sentence in the language of whoever reads it."""
        return str(gettext(self.message))
