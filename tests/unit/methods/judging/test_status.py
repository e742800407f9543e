"""Status and exit code of a sync, by S27."""

import pytest

from graphtwin.methods.judging.severity import overall_severity, severity_of_magnitude
from graphtwin.methods.judging.status import exit_code, sync_status
from graphtwin.model.report import SyncStatus, VerificationResult

S, V = SyncStatus, VerificationResult


@pytest.mark.parametrize(
    ("run", "status"),
    [
        (("", False, False, V.SKIPPED, None), S.SYNCED),
        (("", True, False, V.SKIPPED, None), S.DRIFT_DETECTED),
        (("", True, True, V.PASS, None), S.ACTION_TAKEN),
        (("", True, True, V.FAIL, True), S.ROLLED_BACK),
        (("", True, True, V.FAIL, False), S.FAILED),
        (("", True, True, V.FAIL, None), S.FAILED),
        (("gate", True, False, V.SKIPPED, None), S.FAILED),
        (("confidence", False, False, V.SKIPPED, None), S.FAILED),
    ],
)
def test_the_last_act_decides_unless_the_run_was_stopped(run, status):
    stopped, drift, executed, verification, rolled_back = run

    found = sync_status(
        stopped=stopped, drift_detected=drift, executed=executed, verification=verification, rolled_back=rolled_back
    )

    assert found == status


@pytest.mark.parametrize(
    ("status", "stopped", "rollback_failed", "code"),
    [
        (S.SYNCED, "", False, 0),
        (S.DRIFT_DETECTED, "", False, 0),
        (S.ACTION_TAKEN, "", False, 0),
        (S.ROLLED_BACK, "", False, 6),
        (S.FAILED, "", True, 7),
        (S.FAILED, "gate", False, 5),
        (S.FAILED, "confidence", False, 5),
        (S.FAILED, "error", False, 1),
    ],
)
def test_the_exit_code_says_how_it_ended(status, stopped, rollback_failed, code):
    assert exit_code(status, stopped=stopped, rollback_failed=rollback_failed) == code


@pytest.mark.parametrize(
    ("magnitude", "severity"),
    [(0.2, "low"), (0.4, "medium"), (1.0, "high"), (2.0, "critical"), (float("nan"), "critical")],
)
def test_severity_grows_with_the_multiple_of_the_threshold(magnitude, severity):
    assert severity_of_magnitude(magnitude, 0.15) == severity


def test_without_findings_the_severity_is_low():
    assert overall_severity(()) == "low"
