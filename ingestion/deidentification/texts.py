"""Signs of a person, a place or a way to reach one in texts; and what may be shown of them."""

from __future__ import annotations

import re
from functools import lru_cache

SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("PERSON_NAME", re.compile(r"(?<![\w^])[A-Z][A-Za-z'\-]+\^[A-Z][A-Za-z'\-]*")),
    ("PERSON_NAME", re.compile(r"\b(?:Dr|Prof|Mr|Mrs|Ms|Herr|Frau)\.? ?(?:med\.? )?[A-Z][a-z]{2,}")),
    ("EMAIL", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]{2,}")),
    ("TELEPHONE", re.compile(r"(?i)\b(?:tel|phone|fax|mobile)\b[:. ]*\+?[\d(][\d ()./-]{5,}\d")),
    ("TELEPHONE", re.compile(r"(?<![\d.])\+\d{1,3}[ ./-]\(?\d{1,5}\)?[ ./-]\d[\d ./-]{3,}\d")),
    ("TELEPHONE", re.compile(r"(?<![\d.-])\(?\d{3}\)?[ -]\d{3}-\d{4}(?![\d.-])")),
    ("NATIONAL_ID", re.compile(r"(?<![\d.-])\d{3}-\d{2}-\d{4}(?![\d.-])")),
    ("BIRTH_DATE", re.compile(r"(?i)\b(?:dob|d\.o\.b\.|born|birth ?date|geb\.?)[: ]*\d[\d./-]{5,}")),
    ("ADDRESS", re.compile(r"(?i)\b\d{1,5} [a-z]+(?: [a-z]+)? (?:street|road|avenue|boulevard|lane|drive)\b")),
    ("ADDRESS", re.compile(r"(?i)\b[a-zäöüß]+(?:stra(?:ss|ß)e|str\.) ?\d{1,4}\b")),
    (
        "INSTITUTION",
        re.compile(
            r"(?i)\b(?:hospital|h[oô]pital|klinik\w*|krankenhaus|clinic|infirmary|universit\w+|"
            r"med(?:ical)?\.? (?:cent(?:er|re)|ctr)|health system)\b"
        ),
    ),
)
DUMMY = re.compile(
    r"(?i)[\s^]*(?:anon\w*|removed?|de-?identified|deleted|none|unknown|n/?a|no ?name|dummy|x+|0+|-+)?[\s^]*"
)


@lru_cache(maxsize=8192)
def signs(text: str) -> tuple[tuple[str, str], ...]:
    """What in a text looks like an identifier: kind and the words, each kind once."""
    found: dict[str, str] = {}
    for kind, pattern in SIGNS:
        if kind not in found and (match := pattern.search(text)):
            found[kind] = match[0]
    return tuple(found.items())


def is_dummy(text: str) -> bool:
    """Whether a text is what de-identification puts in place of a value."""
    return DUMMY.fullmatch(text) is not None


def masked(text: str) -> str:
    """The first letter and the length: an identifier is never copied whole."""
    return f"{text[0]}... ({len(text)} characters)" if text else ""
