"""All at once: JSON and YAML files; any change makes a new life of the file, read from its beginning."""

from __future__ import annotations

import hashlib
from typing import Literal

from graphtwin.methods.reading.refusal import Refusal
from graphtwin.ports import Message
from graphtwin.sources.file_lines import Limits
from graphtwin.sources.file_position import Mark
from graphtwin.sources.messages import Haul, json_parts, malformed, text_of, too_large, yaml_parts


def read_document(raw: bytes, mark: Mark, limits: Limits, haul: Haul, form: Literal["json", "yaml"]) -> Mark:
    """Takes the document's messages from `mark.item` on; answers with the mark behind the last one taken.

    A document that can't be parsed is one malformed message: none of it is taken.
    """
    read = mark._replace(offset=len(raw), prefix=hashlib.sha256(raw).hexdigest(), more=False)
    try:
        text = text_of(raw)
        parts = yaml_parts(text, limits.records) if form == "yaml" else json_parts(text, limits.records)
    except Refusal as refusal:
        haul.malformed.append(malformed(raw, limits.name, refusal))
        return read._replace(item=0)
    last = min(len(parts), mark.item + limits.max_messages)
    line, seen = 1, 0
    for index, part in enumerate(parts[:last]):
        if part.verbatim:
            line += text.count("\n", seen, part.start)
            seen = part.start
        if index < mark.item:
            continue
        place = f"{limits.name}:{line}" if part.verbatim else f"{limits.name}[{index}]"
        own = part.raw.encode()
        if len(own) > limits.max_payload:
            haul.malformed.append(malformed(own, place, too_large(len(own), limits.max_payload)))
        else:
            haul.messages.append(Message(own, part.payload, place, mark.locus(part.start), mark.position(part.start)))
    return read._replace(item=last, more=last < len(parts))
