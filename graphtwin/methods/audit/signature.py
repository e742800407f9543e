"""Whether a principal signed a document: Ed25519 over its canonical JSON, one domain for each kind of document (S35)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.model.principal import Principal


def verify_signature(principal: Principal, domain: bytes, document: Any, signature: str) -> bool:
    """True when the principal's key made the signature (base64) for exactly this document, world and domain.

    Whether the principal was active then is another question: `Principal.active_at`.
    """
    try:
        raw = base64.b64decode(signature, validate=True)
        message = signed_message(principal, domain, document)
        Ed25519PublicKey.from_public_bytes(principal.public_key).verify(raw, message)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return base64.b64encode(raw).decode() == signature


def signed_message(principal: Principal, domain: bytes, document: Any) -> bytes:
    """The bytes that are signed: what is signed in one world, or by one principal, serves for no other. Raises ValueError
    for a document that isn't JSON.
    """
    return domain + canonical_json({"world": principal.world, "principal": principal.id, "document": document})
