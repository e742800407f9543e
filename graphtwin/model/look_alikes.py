"""Letters of other scripts that common fonts draw like a letter of the Latin alphabet."""
# ruff: noqa: RUF001 - looking alike is what these letters are here for

from __future__ import annotations

from typing import Final

LOOK_ALIKES: Final = (
    str.maketrans("АВЕЅІЈКМНОРСТУХԌԚԜ", "ABESIJKMHOPCTYXGQW")  # Cyrillic
    | str.maketrans("аесіјорԛѕԝхуһԁӏѵг", "aecijopqswxyhdlvr")
    | str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")  # Greek
    | str.maketrans("αγινορυ", "ayivopu")
    | str.maketrans("ոսօցզհ", "nuogqh")  # Armenian
    | str.maketrans("ıɑɡ", "iag")  # Latin beyond the alphabet
)
"""A table for `str.translate`, case by case; letters that only resemble each other across cases are left out."""
