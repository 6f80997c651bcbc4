"""Colours and symbols of responses, events and visits: told apart by colour-blind readers and in black-and-white print.

The colours are those of Okabe and Ito (2008); what a colour says, a symbol or a pattern says too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

BLACK, GREY, LIGHT = "#000000", "#767676", "#d9d9d9"
BLUE, SKY, GREEN, YELLOW, ORANGE, VERMILION, PURPLE = (
    "#0072b2",
    "#56b4e9",
    "#009e73",
    "#f0e442",
    "#e69f00",
    "#d55e00",
    "#cc79a7",
)
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
"""Colours of groups, in the order in which they are given out."""

DARKENED = {YELLOW: "#a39a00", LIGHT: GREY}

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")


@dataclass(frozen=True, slots=True)
class Look:
    """How a category is drawn."""

    colour: str
    symbol: str
    pattern: str = ""
    dash: str = "solid"

    @property
    def stroke(self) -> str:
        """The colour of a thin line: yellow and light grey are darkened, or white paper would swallow them."""
        return DARKENED.get(self.colour, self.colour)


CR, PR, SD, NN, PD, UPD, NE = "CR", "PR", "SD", "NON-CR/NON-PD", "PD", "UPD", "NE"

RESPONSES: Mapping[str, Look] = MappingProxyType(
    {
        CR: Look(GREEN, "star"),
        PR: Look(BLUE, "triangle-down", "/", "longdash"),
        SD: Look(YELLOW, "circle", ".", "dot"),
        NN: Look(LIGHT, "square", "-"),
        UPD: Look(ORANGE, "diamond-open", "x", "dashdot"),
        PD: Look(VERMILION, "diamond", "\\", "dash"),
        NE: Look(GREY, "x", "+"),
    }
)

VISITS: Mapping[str, Look] = MappingProxyType(
    {
        "IN WINDOW": Look(GREEN, "●"),
        "EARLY": Look(SKY, "◐"),
        "LATE": Look(ORANGE, "◑"),
        "MISSING": Look(VERMILION, "✕"),
        "NOT DONE": Look(PURPLE, "–"),
        "NOT DUE": Look("#ffffff", "○"),
        "UNSCHEDULED": Look(LIGHT, "+"),
    }
)


def response_look(category: str | None) -> Look:
    """The look of a response in plain categories; of one that is none of them that of NE."""
    return RESPONSES.get(category or NE, RESPONSES[NE])
