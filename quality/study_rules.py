"""All rules of a study: the catalogue as its protocol wants it, and the rules of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from protocol.study import Study
from quality.catalogue import RULES
from quality.own_rules import OwnRule, own_rules, rule_files
from quality.rule import Rule
from quality.settings import RuleSettingsError, with_settings


@dataclass(frozen=True, slots=True)
class StudyRules:
    """The built-in rules with the study's settings, and its own ones."""

    built_in: tuple[Rule, ...]
    own: tuple[OwnRule, ...] = ()


def study_rules(study: Study) -> StudyRules:
    """The rules of a study; raises `quality.settings.RuleSettingsError` that names the protocol and each problem."""
    own = own_rules(study.rules, RULES)
    ids = len(RULES)
    try:
        chosen = with_settings((*RULES, *(each.rule for each in own)), study.protocol)
    except RuleSettingsError as error:
        lines = str(error).splitlines()
        raise RuleSettingsError("\n".join(f"{study.protocol_file}: {line}" for line in lines)) from error
    return StudyRules(
        chosen[:ids], tuple(replace(each, rule=rule) for each, rule in zip(own, chosen[ids:], strict=True))
    )


def rule_texts(study: Study) -> str:
    """The files of the study's own rules as one text, for the fingerprint of what a release is made from."""
    return "".join(
        f"\n{path.name}\n{path.read_text(encoding='utf-8', errors='replace')}" for path in rule_files(study.rules)
    )
