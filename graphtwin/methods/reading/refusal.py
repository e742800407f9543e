"""Why a message isn't taken, and what to do about it: the one exception that input checks raise."""

from __future__ import annotations


class Refusal(ValueError):
    """Something in a message that can't be taken: `reason` says what is wrong, `hint` the next move."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def short(value: object) -> str:
    """The text of a value, cut to what fits a line."""
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."  # noqa: PLR2004 - fits a line
