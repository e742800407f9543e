"""Every error graphtwin raises on purpose, in one tree.

GraphtwinError
├── UsageError                  exit 2   the call or a file that the user wrote is wrong
│   ├── ConfigurationError               twin.yaml: file, line, hint
│   └── RuleRefused                      a rule does what it may not
├── NotFound                    exit 3   a world, entity, version or run that doesn't exist
├── Conflict                    exit 4   somebody else moved first; read again and retry
│   ├── HeadMoved                        another commit came between
│   ├── LeaseLost                        another holder took the world
│   ├── ConfigurationDiffers             the file isn't what the world was built with
│   └── PriorRefused                     a prior snapshot whose hash doesn't verify
├── Refused                     exit 5   a gate, policy or limit said no; nothing was changed
│   ├── TooSoon                          rate limit; says when to come again
│   ├── Forbidden                        who asks has no role for it in this world
│   └── GateClosed                       a precondition of the workflow isn't met
├── RolledBack                  exit 6   verification failed and the world was restored
├── RollbackFailed              exit 7   the world needs a person
├── Unavailable                 exit 8   the database or a component can't be reached
│   ├── CommitUnknown                    the outcome of a commit isn't known; look its key up
│   └── AuditUnwritable                  the audit log can't be written, so nothing acts
└── IntegrityError              exit 1   stored data contradicts itself

Every error says what it is about and the next move, and answers `retryable`: may the same call be made again unchanged?
"""

from __future__ import annotations

import re
from typing import ClassVar, Final, NamedTuple

_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class GraphtwinError(Exception):
    """The root: `message` names the thing, `hint` the next move."""

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(GraphtwinError):
    """The call, or a file that the user wrote, is wrong.

    Next: correct what the message names; `graphtwin COMMAND --help` shows how it is called.
    """

    exit_code = 2


class ConfigurationProblem(NamedTuple):
    """One thing that is wrong in a configuration file; `path` such as sources.inventory.format, "" for the whole file."""

    file: str
    line: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return (
            f"{self.file}:{self.line}: {self.path}: {self.message}{hint}"
            if self.path
            else (f"{self.file}:{self.line}: {self.message}{hint}")
        )


class ConfigurationError(UsageError):
    """A twin.yaml that can't be used: names file, line and what to write instead.

    Next: correct the lines named, then run `graphtwin source test TWIN.yaml`.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        line: int | None = None,
        hint: str = "",
        problems: tuple[ConfigurationProblem, ...] = (),
    ) -> None:
        one_place = line and len(problems) <= 1  # each of several says its own line
        place = f"{file}:{line}: " if file and one_place else f"{file}: " if file else ""
        super().__init__(place + message, hint=hint)
        self.file = file
        self.line = line
        self.problems = problems


class RuleRefused(UsageError):
    """A rule whose Cypher writes, calls or reads what a rule may not.

    Next: let the rule only MATCH and RETURN, within its `writes` and the caps.
    """


class NotFound(GraphtwinError):
    """A world, entity, version or run that doesn't exist.

    Next: `graphtwin world list` and `graphtwin snapshot WORLD` show what there is.
    """

    exit_code = 3


class Conflict(GraphtwinError):
    """Somebody else moved first.

    Next: read again and retry.
    """

    exit_code = 4
    retryable = True


class HeadMoved(Conflict):
    """Another commit came between the read and the lock.

    Next: read again and retry.
    """


class LeaseLost(Conflict):
    """Another holder has the world, or the lease ran out; nothing was written.

    Next: sync again: what was read is read again.
    """

    retryable = False


class ConfigurationDiffers(Conflict):
    """The given twin.yaml isn't the configuration the world stands on.

    Next: look at `graphtwin apply TWIN.yaml --dry-run`, then apply it.
    """

    retryable = False


class PriorRefused(Conflict):
    """A prior snapshot whose hash doesn't verify (S24).

    Next: give a version such as v3, or what `snapshot --state full -o json` printed, unchanged.
    """

    retryable = False


class Refused(GraphtwinError):
    """A gate, a policy or a limit said no; nothing was changed.

    Next: the message names the limit: change the call or the policy.
    """

    exit_code = 5


class TooSoon(Refused):
    """The world's sync rate limit (S20).

    Next: come again at the time it says.
    """

    retryable = True


class Forbidden(Refused):
    """Who asks has no role for it in this world, or there is no such world.

    Next: `graphtwin user list WORLD` shows who has which role; an admin gives one.
    """


class GateClosed(Refused):
    """A precondition of the workflow isn't met.

    Next: meet it; for a world without a baseline, mend a source and sync.
    """


class RolledBack(GraphtwinError):
    """Verification failed and the world was restored.

    Next: read in the report which criterion failed before trying again.
    """

    exit_code = 6


class RollbackFailed(GraphtwinError):
    """The world could not be restored and needs a person.

    Next: the report lists what was done and not undone.
    """

    exit_code = 7


class Unavailable(GraphtwinError):
    """The database or another component can't be reached.

    Next: `graphtwin doctor` says what is wrong; `graphtwin db start` starts the database.
    """

    exit_code = 8
    retryable = True


class CommitUnknown(Unavailable):
    """The outcome of a commit isn't known: look its key up before trying again.

    Next: sync again when the database answers: a key is never committed twice.
    """


class AuditUnwritable(Unavailable):
    """The audit log can't be written; nothing acts until it can.

    Next: free space or permission at `audit.log_path`.
    """

    retryable = False


class IntegrityError(GraphtwinError):
    """Stored data contradicts itself; `graphtwin verify` tells where.

    Next: `graphtwin verify WORLD`, then `graphtwin rebuild WORLD`; facts themselves are never repaired by a program.
    """


def code_of(kind: type[GraphtwinError]) -> str:
    """The name of an error for programs, in capitals: NotFound is NOT_FOUND."""
    return _WORD.sub("_", kind.__name__).upper()


def error_of(code: str) -> type[GraphtwinError] | None:
    """The error of a code; None for a code that isn't one of the tree."""
    kinds: list[type[GraphtwinError]] = [GraphtwinError]
    for kind in kinds:
        if code_of(kind) == code:
            return kind
        kinds += kind.__subclasses__()
    return None
