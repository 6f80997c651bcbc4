"""SDTM's coded values and what they mean here: the one place where they are translated (rule book 13.1)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from criteria.vocabulary import Change, Component, Role, State

INVESTIGATOR = "INVESTIGATOR"
NOT_DONE = "NOT DONE"
SCAN_NOT_PERFORMED = "SCAN NOT PERFORMED"
PRE_BASELINE = "PRE-BASELINE"
TOO_SMALL = ("TOO SMALL TO MEASURE", "TOO SMALL", "TSTM")
NOT_EVALUABLE = ("NE", "NOT EVALUABLE", "NOT ASSESSABLE", "UNEVALUABLE")

ROLES: dict[str, Role] = {
    "TARGET": Role.TARGET,
    "TARGET NODAL": Role.TARGET,
    "TARGET EXTRA NODAL": Role.TARGET,
    "NON-TARGET": Role.NON_TARGET,
    "NON TARGET": Role.NON_TARGET,
    "NONTARGET": Role.NON_TARGET,
    "NON-TARGET NODAL": Role.NON_TARGET,
    "NON-TARGET EXTRA NODAL": Role.NON_TARGET,
    "NEW": Role.NEW,
    "NEW TARGET": Role.NEW,
    "NEW NON-TARGET": Role.NEW,
    "NEW NODAL": Role.NEW,
    "NEW EXTRA NODAL": Role.NEW,
}
NODAL_ROLES = ("TARGET NODAL", "NON-TARGET NODAL", "NEW NODAL")

MEASURABLE: dict[str, bool] = {
    **dict.fromkeys(("Y", "YES", "MEASURABLE", "MEASURED"), True),
    **dict.fromkeys(("N", "NO", "NON-MEASURABLE", "NOT MEASURABLE", "NOT MEASURED"), False),
}

TUMOUR_STATES: dict[str, State] = {
    "ABSENT": State.ABSENT,
    "NON-PATHOLOGICAL": State.ABSENT,
    "PRESENT": State.PRESENT,
    "PATHOLOGICAL": State.PRESENT,
    "UNCHANGED": State.PRESENT,
    "DECREASED": State.PRESENT,
    "INCREASED": State.INCREASED,
    "ENLARGEMENT": State.INCREASED,
    "FURTHER ENLARGEMENT": State.INCREASED,
    "ENLARGEMENT FROM NADIR": State.INCREASED,
    "FURTHER ENLARGEMENT FROM NADIR": State.INCREASED,
    "EQUIVOCAL": State.EQUIVOCAL,
    "UNEQUIVOCAL": State.UNEQUIVOCAL,
    "UNEQUIVOCAL PROGRESSION": State.UNEQUIVOCAL_PROGRESSION,
    "MERGED": State.MERGED,
    "TUMOR MERGED": State.MERGED,
    "SPLIT": State.SPLIT,
    "TUMOR SPLIT": State.SPLIT,
    **dict.fromkeys(TOO_SMALL, State.TOO_SMALL),
    **dict.fromkeys(NOT_EVALUABLE, State.NOT_EVALUABLE),
}
STATE_CHANGES: dict[str, Change] = {
    "UNCHANGED": Change.UNCHANGED,
    "DECREASED": Change.DECREASED,
    **{word: Change.INCREASED for word, state in TUMOUR_STATES.items() if state is State.INCREASED},
}
CHANGES: dict[str, Change] = {change.value: change for change in Change}

MM_PER_UNIT = {"MM": 1.0, "CM": 10.0, "IN": 25.4, "INCH": 25.4}

DIAMETERS = ("LDIAM", "LPERP", "DIAMETER")
STATE_TESTS = ("TUMSTATE", "LNSTATE")
CHANGE_TEST = "CHGPREV"
SUM_TEST = "SUMDIAM"
PERCENT_TESTS = {"PCBSD": "pct_from_baseline", "PCNSD": "pct_from_nadir"}
"""Recorded changes of the sum, read beside it; their column in core.recorded_sum."""
PET_TESTS = ("SUVMAX", "SUVPEAK", "SUVMEAN", "SULMAX", "SULPEAK", "SULMEAN", "MTV", "TLG")
LESION_TESTS = (*DIAMETERS, *STATE_TESTS, CHANGE_TEST)
TESTS_NOT_READ = (
    *("SUMLDIAM", "SUMLPERP", "SUMNLNLD", "SUMPPD", "SUMVOL", "PPD", "VOLUME", "AREA", "NEWCONF"),
    *("ACNSD", "ACBSD", "PCBSD", "PCNSD", "ACNSPPD", "PCBSPPD", "PCNSPPD"),
)

COMPONENTS: dict[str, Component] = {
    "OVRLRESP": Component.OVERALL,
    "TRGRESP": Component.TARGET,
    "NTRGRESP": Component.NON_TARGET,
    "NEWLIND": Component.NEW_LESION,
    "NEWLPROG": Component.NEW_LESION,
    "BESTRESP": Component.BEST,
}
RESPONSE_TESTS_NOT_READ = (
    *("NEWLWIND", "NTLWIND", "TRGNRESP", "METBRESP", "ANATRESP", "DRCRIND"),
    *("IRECLIND", "BESTNRSP"),
)

RESPONSES = (
    *("CR", "PR", "SD", "PD", "NE", "NA", "NED", "NC", "NON-CR/NON-PD", "NON-PD", "PDu"),
    *("iCR", "iPR", "iSD", "iUPD", "iCPD", "NON-iCR/NON-iUPD"),
    *("irCR", "irPR", "irSD", "irPD", "irNE", "CMR", "PMR", "SMD", "PMD", "uPMD", "cPMD"),
)
NEW_LESION_INDICATOR = {"Y": "Y", "YES": "Y", "N": "N", "NO": "N", "NE": "NE"}
YES_NO = {"Y": 1.0, "YES": 1.0, "N": 0.0, "NO": 0.0}
NEW_LESION_PROGRESSION = {
    "UNEQUIVOCAL": "Y",
    "EQUIVOCAL": "EQUIVOCAL",
    "INDETERMINATE": "NE",
    "NE": "NE",
    "Y": "Y",
    "N": "N",
}

CRITERIA: dict[str, str] = {
    "WHO": "WHO",
    "WHO 1979": "WHO",
    "mWHO": "mWHO",
    "MODIFIED WHO": "mWHO",
    "RECIST 1.1": "RECIST 1.1",
    "RECIST V1.1": "RECIST 1.1",
    "RECIST VERSION 1.1": "RECIST 1.1",
    "irRC": "irRC",
    "WOLCHOK SOLID TUMORS 2009": "irRC",
    "irRECIST": "irRECIST",
    "iRECIST": "iRECIST",
    "imRECIST": "imRECIST",
    "itRECIST": "itRECIST",
    "itRECIST GOLDMACHER 2020": "itRECIST",
    "EORTC": "EORTC",
    "PERCIST": "PERCIST",
    "PECRIT": "PECRIT",
    "PERCIMT": "PERCIMT",
    "imPERCIST5": "imPERCIST5",
    "iPERCIST": "iPERCIST",
}


def code(column: str) -> pl.Expr:
    """A coded value as it is compared: upper case, single spaces."""
    return pl.col(column).str.strip_chars().str.to_uppercase().str.replace_all(r"\s+", " ")


def translated(column: str, codes: Mapping[str, str]) -> pl.Expr:
    """The meaning of a coded value; null where it is unknown."""
    meanings = {word.upper(): str(meaning) for word, meaning in codes.items()}
    return code(column).replace_strict(meanings, default=None, return_dtype=pl.String)


def criterion(column: str, more: Mapping[str, str]) -> pl.Expr:
    """The criterion id that an RSCAT stands for; spaces, hyphens and case do not matter. Null where unknown."""
    names = {"".join(name.upper().split()).replace("-", ""): meaning for name, meaning in {**CRITERIA, **more}.items()}
    plain = code(column).str.replace_all(r"[\s-]", "")
    return plain.replace_strict(names, default=None, return_dtype=pl.String)


def role_of_reader(domain: str) -> pl.Expr:
    """INVESTIGATOR, INDEPENDENT ASSESSOR, ...: --EVAL, INVESTIGATOR when it is missing."""
    return code(f"{domain}EVAL").fill_null(INVESTIGATOR).alias("reader_role")


def evaluator(domain: str) -> pl.Expr:
    """Who read: --EVALID, else --EVAL, else INVESTIGATOR."""
    return pl.coalesce(code(f"{domain}EVALID"), code(f"{domain}EVAL"), pl.lit(INVESTIGATOR)).alias("evaluator")


def accepted(domain: str) -> pl.Expr:
    """The record is marked as the accepted one (--ACPTFL = Y)."""
    return (code(f"{domain}ACPTFL") == "Y").fill_null(False).alias("accepted")


def is_progression(column: str) -> pl.Expr:
    """A response that is a progression under any criterion: PD, iUPD, iCPD, irPD, ..."""
    return pl.col(column).str.contains("PD") & ~pl.col(column).str.contains("^NON")


def not_done(domain: str) -> pl.Expr:
    """The record says that there is no result (--STAT = NOT DONE)."""
    return (code(f"{domain}STAT") == NOT_DONE).fill_null(False)


def number(column: str) -> pl.Expr:
    """A number written as text; null when it is none, or not finite."""
    value = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(value.is_finite()).then(value)
