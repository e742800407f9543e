"""The checks of an encrypted connection: always made, against the system's authorities or those of a file."""

from __future__ import annotations

import ssl
from pathlib import Path

from graphtwin.model.configuration.twin_sources import Tls
from graphtwin.wire.no_connection import NoConnection


def tls_context(tls: Tls, folder: Path) -> ssl.SSLContext:
    """What a client needs to know whom it speaks to; relative files begin in `folder`. Raises NoConnection."""
    try:
        context = ssl.create_default_context(cafile=str(folder / tls.ca) if tls.ca else None)
        if tls.certificate:
            context.load_cert_chain(folder / tls.certificate, folder / tls.key if tls.key else None)
    except (OSError, ssl.SSLError) as error:
        which = tls.ca if tls.ca and not tls.certificate else tls.certificate
        raise NoConnection(
            f"the files of `tls` can't be used ({which}): {getattr(error, 'strerror', None) or 'not PEM'}",
            "name PEM files that this user may read",
        ) from error
    return context
