"""The SDTM domains that are read: the columns that each cannot do without, and the key of its records."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from ingestion.forms.sifting import nearest
from protocol.form_names import SUPPLEMENT

Alternatives = tuple[str, ...]

REQUIRED: dict[str, tuple[Alternatives, ...]] = {
    "DM": (("USUBJID",),),
    "TU": (("USUBJID",), ("TULNKID",), ("TUSTRESC", "TUORRES")),
    "TR": (
        ("USUBJID",),
        ("TRLNKID",),
        ("TRTESTCD",),
        ("TRSTRESN", "TRSTRESC", "TRORRES"),
        ("VISITNUM",),
        ("TRDTC",),
    ),
    "RS": (("USUBJID",), ("RSTESTCD",), ("RSSTRESC", "RSORRES"), ("VISITNUM",), ("RSDTC",)),
    "CM": (("USUBJID",), ("CMTRT",), ("CMSTDTC",)),
    "DS": (("USUBJID",), ("DSDECOD",), ("DSSTDTC",)),
    "EX": (("USUBJID",), ("EXTRT",), ("EXSTDTC",)),
    "SV": (("USUBJID",), ("VISITNUM",)),
    "PR": (("USUBJID",), ("PRTRT",), ("PRSTDTC",)),
    "QS": (("USUBJID",), ("QSTESTCD",), ("QSSTRESN", "QSSTRESC", "QSORRES"), ("QSDTC",)),
    "LB": (("USUBJID",), ("LBTESTCD",), ("LBSTRESN", "LBSTRESC", "LBORRES"), ("LBDTC",)),
}
SUPPLEMENT_REQUIRED: tuple[Alternatives, ...] = (("USUBJID",), ("QNAM",), ("QVAL",))
DOMAINS = (*REQUIRED, *(SUPPLEMENT + domain for domain in REQUIRED))

KEYS: dict[str, tuple[str, ...]] = {
    "DM": ("USUBJID",),
    "TU": ("USUBJID", "TUEVAL", "TUEVALID", "TUTESTCD", "TULNKID", "VISITNUM"),
    "TR": ("USUBJID", "TREVAL", "TREVALID", "VISITNUM", "TRTESTCD", "TRGRPID", "TRLNKID"),
    "RS": ("USUBJID", "RSEVAL", "RSEVALID", "VISITNUM", "RSCAT", "RSTESTCD"),
    "SV": ("USUBJID", "VISITNUM"),
    "LB": ("USUBJID", "LBTESTCD", "LBDTC", "VISITNUM", "LBSPEC"),
    "QS": ("USUBJID", "QSCAT", "QSTESTCD", "QSDTC", "VISITNUM"),
}
"""What a record is of, by which a later transfer finds it again."""

SEQUENCED: dict[str, tuple[str, ...]] = {
    "CM": ("USUBJID", "CMCAT", "CMTRT", "CMSTDTC"),
    "DS": ("USUBJID", "DSCAT", "DSDECOD"),
    "EX": ("USUBJID", "EXTRT", "EXSTDTC"),
    "PR": ("USUBJID", "PRTRT", "PRLNKID", "PRSTDTC"),
}
"""The same of events and interventions, for which --SEQ is the key where every record has one."""

SUPPLEMENT_KEY = ("USUBJID", "IDVAR", "IDVARVAL", "QNAM")


def record_key(domain: str, *, sequenced: bool = False) -> tuple[str, ...]:
    """The key of the domain's records; ``sequenced`` where --SEQ numbers those of a subject."""
    if domain.startswith(SUPPLEMENT):
        return SUPPLEMENT_KEY
    if sequenced:
        return ("USUBJID", f"{domain}SEQ")
    return KEYS[domain] if domain in KEYS else SEQUENCED[domain]


def required_columns(domain: str) -> tuple[Alternatives, ...]:
    """What the domain needs: of each group of alternatives at least one column."""
    return SUPPLEMENT_REQUIRED if domain.startswith(SUPPLEMENT) else REQUIRED[domain]


def missing_columns(domain: str, columns: Sequence[str]) -> list[tuple[str, str | None]]:
    """Required columns that are not there, each with the received column that looks like its misspelling."""
    missing = [group for group in required_columns(domain) if not set(group) & set(columns)]
    spare = [name for name in columns if name not in set(chain(*required_columns(domain))) and not _is_label(name)]
    return [(group[0], nearest(group[0], spare)) for group in missing]


def _is_label(name: str) -> bool:
    """TRTEST is the name of the test, no misspelt TRTESTCD; TRDY is the day, no misspelt TRDTC."""
    return name[2:] in ("TEST", "DY", "SEQ", "ORRESU", "STRESU") or name in ("VISIT", "VISITDY", "SUBJID")
