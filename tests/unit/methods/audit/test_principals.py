"""Who is a principal follows from the chain alone, and a changed record is found."""

from dataclasses import replace

import pytest

from graphtwin.errors import IntegrityError
from graphtwin.methods.audit.audit_chain import link_all
from graphtwin.methods.audit.principals import added_entry, principals_of, revoked_entry
from graphtwin.model.principal import SERVICE, Principal, Role
from graphtwin.store.keys import load_or_create_key, rotate_key

ALICE = Principal("plant", "alice", Role.APPROVER, bytes(32), 10)


def test_a_record_that_was_altered_makes_nobody_a_principal():
    (record,) = link_all("plant", 0, "", [added_entry(ALICE, by=SERVICE, run="1")])
    altered = replace(record, body={**record.body, "role": "admin"})

    with pytest.raises(IntegrityError, match=r"Record 1 .* was altered"):
        principals_of([altered])


def test_a_principal_is_active_from_when_it_was_added_until_it_was_revoked():
    records = link_all(
        "plant", 0, "", [added_entry(ALICE, by=SERVICE, run="1"), revoked_entry(ALICE, by="alice", at=20, run="2")]
    )

    (alice,) = principals_of(records)

    assert [alice.active_at(instant) for instant in (9, 10, 19, 20)] == [False, True, True, False]


def test_a_role_may_what_the_ones_below_it_may():
    assert [ALICE.may(role) for role in Role] == [True, True, True, False]


def test_the_service_goes_on_under_its_new_key_when_the_audit_key_is_rotated(tmp_path):
    old = load_or_create_key(tmp_path).public
    service = Principal("plant", SERVICE, Role.OPERATOR, old, 5)
    new, rotation = rotate_key(tmp_path, "plant", at=30, run="2")

    before, after = principals_of(link_all("plant", 0, "", [added_entry(service, by=SERVICE, run="1"), rotation]))

    assert (before.public_key, before.revoked_at) == (old, 30)
    assert (after.id, after.public_key, after.added_at, after.revoked_at) == (SERVICE, new.public, 30, None)
