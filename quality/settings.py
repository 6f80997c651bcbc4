"""The rule catalogue with a study's own limits, severities and rules that it switches off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from protocol.model import Protocol
from protocol.nearest import did_you_mean
from protocol.quality import RuleSettings
from quality.rule import Parameter, Rule, Severity, Value

LIST = "docs/quality_rules.md lists the rules with their limits"


class RuleSettingsError(ValueError):
    """A section ``quality`` of protocol.yaml that does not fit the rules; the message has a line for each problem."""


def with_settings(rules: Sequence[Rule], protocol: Protocol) -> tuple[Rule, ...]:
    """The rules as the protocol wants them, in their order; raises `RuleSettingsError`."""
    wanted = protocol.quality.rules
    problems = [_unknown("rule", name, [rule.id for rule in rules], "") for name in wanted if not _has(rules, name)]
    problems += [problem for rule in rules if rule.id in wanted for problem in _problems(rule, wanted[rule.id])]
    if problems:
        raise RuleSettingsError("\n".join(f"quality.rules{problem}" for problem in problems))
    return tuple(_chosen(rule, protocol, wanted.get(rule.id, RuleSettings())) for rule in rules)


def _has(rules: Iterable[Rule], name: str) -> bool:
    return any(rule.id == name for rule in rules)


def _unknown(kind: str, name: str, known: Sequence[str], where: str) -> str:
    hint = did_you_mean(name.upper() if kind == "rule" else name, known, cutoff=0.5)
    return f"{where}.{name}: unknown {kind}{hint}; {LIST}"


def _problems(rule: Rule, wanted: RuleSettings) -> Iterable[str]:
    """What cannot be taken of a rule's settings, each with the path below ``quality.rules``."""
    here = f".{rule.id}"
    if rule.blocking and (wanted.off or wanted.severity is Severity.WARN.value):
        yield f"{here}: a structural rule can neither be switched off nor weakened; correct the data instead"
    known = {parameter.name: parameter for parameter in rule.parameters}
    for name, given in wanted.limits.items():
        if name in known:
            try:
                _read(known[name], given)
            except ValueError as error:
                yield f"{here}.{name} = {given!r}: {error}"
        elif known:
            yield _unknown("limit", name, list(known), here)
        else:
            yield f"{here}.{name}: this rule has no limits; only severity and off can be set"


def _chosen(rule: Rule, protocol: Protocol, wanted: RuleSettings) -> Rule:
    return replace(
        rule,
        severity=Severity(wanted.severity) if wanted.severity else rule.severity,
        off=wanted.off,
        parameters=tuple(_parameter(each, protocol, wanted.limits) for each in rule.parameters),
    )


def _parameter(parameter: Parameter, protocol: Protocol, limits: Mapping[str, Any]) -> Parameter:
    if parameter.name in limits:
        return replace(parameter, value=_read(parameter, limits[parameter.name]))
    if parameter.of_protocol:
        value: Value = reduce(getattr, parameter.of_protocol.split("."), protocol)  # type: ignore[assignment]
        return replace(parameter, value=value)
    return parameter


def _read(parameter: Parameter, given: Any) -> Value:
    """A limit as the protocol gives it; raises ValueError that says what is expected instead."""
    match parameter.value:
        case bool():
            return _expect(given, isinstance(given, bool), "true or false")
        case int():
            return _expect(given, _is_number(given) and given == int(given), "a whole number that is not negative")
        case float():
            return float(_expect(given, _is_number(given), "a number that is not negative"))
        case str():
            return _expect(given, isinstance(given, str), "text")
        case tuple():
            texts = isinstance(given, list) and all(isinstance(each, str) for each in given)
            return tuple(_expect(given, texts, "a list of texts"))
        case ranges:
            expected = "ranges by name, such as {LDH: [40, 6000]}"
            return {
                **ranges,
                **_expect(given, isinstance(given, dict) and all(map(_is_range, given.values())), expected),
            }


def _expect(given: Any, fits: bool, expected: str) -> Any:
    if not fits:
        raise ValueError(f"expected {expected}")
    return given


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and given >= 0


def _is_range(given: Any) -> bool:
    return isinstance(given, list) and len(given) == 2 and all(map(_is_number, given)) and given[0] <= given[1]
