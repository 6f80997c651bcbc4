"""Options of single criteria whose values are numbers, or that combine with other options (section 14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from criteria.declaration import Morphologic, Setting, Unconfirmed
from criteria.measures import Products

WHOLE, SWITCH = "whole number", "True or False"
Fields = Mapping[str, Any]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_whole_or_none(value: Any) -> bool:
    return value is None or _is_whole(value)


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_pair(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and all(map(_is_whole, value))


def _with_options(declared: Morphologic, **options: Any) -> Fields:
    return {"options": replace(declared.options, **options)}


def _window(declared: Morphologic, **fields: Any) -> Fields:
    rule = declared.confirmation
    return {"confirmation": replace(rule, **fields)} if isinstance(rule, Unconfirmed) else {}


def first_day_of_window(days: int) -> Setting:
    """Least days from an unconfirmed progression to the look that confirms it (IR-04)."""
    return Setting(days, WHOLE, _is_whole, lambda declared, value: _window(declared, after_days=value))


def last_day_of_window(days: int) -> Setting:
    """Most days from an unconfirmed progression to the first look at it (IR-06)."""
    return Setting(days, WHOLE, _is_whole, lambda declared, value: _window(declared, by_days=value))


def window(first: int, last: int) -> Setting:
    """Both at once (section 7.3)."""
    return Setting(
        (first, last),
        "pair of whole numbers",
        _is_pair,
        lambda declared, value: _window(declared, after_days=value[0], by_days=value[1]),
    )


def least_size(millimetres: int | None) -> Setting:
    """Least diameters of a measurable lesion; None for no least size (WHO-02)."""

    def fields(declared: Morphologic, value: int | None) -> Fields:
        return {"targets": replace(declared.targets, minimum_mm=value or 0, minimum_node_mm=value or 0)}

    return Setting(millimetres, f"{WHOLE} or None", _is_whole_or_none, fields)


def most_lesions(limit: int | tuple[int, int] | None) -> Setting:
    """Most lesions in total, or in total and an organ; None for no limit (WHO-02)."""

    def fields(declared: Morphologic, value: Any) -> Fields:
        total, per_organ = value if isinstance(value, (list, tuple)) else (value, None)
        return {"targets": replace(declared.targets, total=total, per_organ=per_organ)}

    return Setting(
        limit,
        f"{WHOLE}, pair (in total, an organ) or None",
        lambda value: _is_whole_or_none(value) or _is_pair(value),
        fields,
    )


def _products(declared: Morphologic, **fields: Any) -> Fields:
    return {"measure": replace(declared.measure, **fields)} if isinstance(declared.measure, Products) else {}


NORMAL_NODES = Setting(
    False,
    SWITCH,
    _is_switch,
    lambda declared, value: _products(declared, normal_node_mm=10 if value else None),
)
"""A node below 10 mm short axis is normal (WHO-03, IRC-04)."""

MEASURABLE_BY_ONE_DIAMETER = Setting(
    False, SWITCH, _is_switch, lambda declared, value: _products(declared, unidimensional=value)
)
"""A lesion without a perpendicular counts its one diameter (WHO-02)."""

SIZE_OF_TOO_SMALL = Setting(5, WHOLE, _is_whole, lambda declared, value: _with_options(declared, tstm_value_mm=value))
"""Both diameters of a lesion too small to measure (WHO-08): `tstm_value_mm` by its name in section 1."""

STABLE_DAYS = Setting(28, WHOLE, _is_whole, lambda declared, value: _with_options(declared, min_sd_days=value))
"""Days on study that no change needs (WHO-07): `min_sd_days` by its name in section 1."""

RESPONSES_AFTER_PROGRESSION = Setting(
    False,
    SWITCH,
    _is_switch,
    lambda declared, value: _with_options(declared, imbor_stop_at_confirmed_pd=not value),
)
"""A response counts also after a confirmed progression (section 3): the opposite of `imbor_stop_at_confirmed_pd`."""

STRICTLY_MORE = Setting(
    False, SWITCH, _is_switch, lambda declared, value: {"progression": replace(declared.progression, strict=value)}
)
"""The percentage of a progression must be exceeded (section 4)."""

ANY_INJECTED_GROWTH = Setting(
    True, SWITCH, _is_switch, lambda declared, value: _window(declared, injected_growth=value)
)
"""Growth of injected lesions confirms a progression (section 7.3)."""
