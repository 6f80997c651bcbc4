"""Named sets of options, chosen by one name in the protocol (rule book section 14)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

RULE_BOOK = "rule_book"
OPTION_PROFILES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        RULE_BOOK: MappingProxyType({}),
        "seed_review": MappingProxyType(
            {
                "irrc_new_min": "seed_10mm_node15",
                "irrc_new_lesion_is_pd": True,
                "irrecist_strict_gt20": True,
                "irrecist_new_lesion_is_pd": True,
                "imrecist_abs5": False,
                "imrecist_new_lesion_is_pd": True,
            }
        ),
    }
)
"""Options by profile: the rule book's defaults, and the literal reading of the seed review (A16)."""
