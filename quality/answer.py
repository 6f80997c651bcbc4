"""What a site can say to a query: the kinds of an answer."""

from __future__ import annotations

from enum import StrEnum


class AnswerKind(StrEnum):
    """What the answer to a query says about the data."""

    CORRECTED = "CORRECTED"
    CONFIRMED = "CONFIRMED"
    UNAVAILABLE = "UNAVAILABLE"
    OTHER = "OTHER"


MEANINGS = {
    AnswerKind.CORRECTED: "the data were wrong and are corrected in the next transfer",
    AnswerKind.CONFIRMED: "the data are right as they are",
    AnswerKind.UNAVAILABLE: "the data cannot be had any more",
    AnswerKind.OTHER: "see the text",
}
