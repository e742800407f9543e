"""Why the other side can't be reached or won't answer: told without anything that may be secret."""

from __future__ import annotations


class NoConnection(Exception):
    """`problem` names the address and what is wrong, `hint` the next move."""

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


def reason_of(error: BaseException) -> str:
    """What the system says about a connection that failed, in its own short words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror).lower()
    return str(error) or type(error).__name__
