"""A signature serves for one principal, one world, one kind of document, and exactly this one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtwin.errors import Refused, UsageError
from graphtwin.methods.audit.signature import verify_signature
from graphtwin.model.principal import APPROVAL_DOMAIN, DECISION_DOMAIN, SERVICE, Principal, Role
from graphtwin.store.keys import load_or_create_key
from graphtwin.store.person_keys import make_person_key, private_path, sign_as

NOON = 1_700_000_000_000_000
DOCUMENT = {"plan": "plan-1", "risk_ceiling": 0.5, "é": [1, None, True]}


@pytest.fixture
def alice(tmp_path) -> Principal:
    return Principal("plant", "alice", Role.APPROVER, make_person_key(tmp_path, "alice"), NOON)


def test_a_signature_holds_for_its_document(alice, tmp_path):
    signature = sign_as(tmp_path, alice, APPROVAL_DOMAIN, DOCUMENT)

    assert verify_signature(alice, APPROVAL_DOMAIN, dict(reversed(DOCUMENT.items())), signature)


def test_a_signature_serves_for_nothing_else(alice, tmp_path):
    signature = sign_as(tmp_path, alice, APPROVAL_DOMAIN, DOCUMENT)
    bob = replace(alice, id="bob", public_key=make_person_key(tmp_path, "bob"))

    assert not verify_signature(alice, DECISION_DOMAIN, DOCUMENT, signature)
    assert not verify_signature(alice, APPROVAL_DOMAIN, DOCUMENT | {"risk_ceiling": 0.6}, signature)
    assert not verify_signature(replace(alice, world="other"), APPROVAL_DOMAIN, DOCUMENT, signature)
    assert not verify_signature(replace(alice, id="bob"), APPROVAL_DOMAIN, DOCUMENT, signature)
    assert not verify_signature(bob, APPROVAL_DOMAIN, DOCUMENT, signature)


@settings(max_examples=60, deadline=None)
@given(signature=st.one_of(st.text(max_size=100), st.binary(min_size=64, max_size=64).map(lambda raw: raw.hex())))
def test_no_text_that_the_key_did_not_make_is_a_signature(signature: str):
    alice = Principal("plant", "alice", Role.APPROVER, bytes(32), NOON)

    assert not verify_signature(alice, APPROVAL_DOMAIN, DOCUMENT, signature)


def test_a_private_key_is_for_its_owner_only_and_each_one_made_is_another(alice, tmp_path):
    again = replace(alice, public_key=make_person_key(tmp_path, "alice"))

    assert private_path(tmp_path, alice).stat().st_mode & 0o777 == 0o600
    assert private_path(tmp_path, alice) != private_path(tmp_path, again)
    assert verify_signature(alice, DECISION_DOMAIN, 1, sign_as(tmp_path, alice, DECISION_DOMAIN, 1))


def test_nobody_signs_for_somebody_whose_key_is_elsewhere(alice, tmp_path):
    with pytest.raises(Refused, match="isn't in") as refused:
        sign_as(tmp_path / "elsewhere", alice, DECISION_DOMAIN, DOCUMENT)

    assert "user revoke plant alice" in refused.value.hint


def test_a_key_that_others_can_read_signs_nothing(alice, tmp_path):
    private_path(tmp_path, alice).chmod(0o640)

    with pytest.raises(UsageError, match="can be read by others"):
        sign_as(tmp_path, alice, DECISION_DOMAIN, DOCUMENT)


def test_a_file_under_another_key_s_name_signs_nothing(alice, tmp_path):
    other = replace(alice, public_key=make_person_key(tmp_path, "alice"))
    private_path(tmp_path, other).replace(private_path(tmp_path, alice))

    with pytest.raises(Refused, match="isn't in"):
        sign_as(tmp_path, alice, DECISION_DOMAIN, DOCUMENT)


def test_the_service_signs_with_the_audit_key(tmp_path):
    service = Principal("plant", SERVICE, Role.OPERATOR, load_or_create_key(tmp_path).public, NOON)

    assert verify_signature(service, DECISION_DOMAIN, DOCUMENT, sign_as(tmp_path, service, DECISION_DOMAIN, DOCUMENT))
