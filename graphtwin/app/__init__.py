"""Joins adapters to workflows: what every way in (command line, later the API) calls."""

from graphtwin.app.begin import Begun, begin
from graphtwin.app.configure import ApplyOutcome, apply
from graphtwin.app.connect import connect, embedded
from graphtwin.app.inspection import AuditVerification, SourceTest, read_at, test_source, verify_audit
from graphtwin.app.outcome import SyncOutcome
from graphtwin.app.watching import sync, watch

__all__ = [
    "ApplyOutcome",
    "AuditVerification",
    "Begun",
    "SourceTest",
    "SyncOutcome",
    "apply",
    "begin",
    "connect",
    "embedded",
    "read_at",
    "sync",
    "test_source",
    "verify_audit",
    "watch",
]
