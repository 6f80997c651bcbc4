"""Reading protocol.yaml: either a `Protocol`, or an error that names each wrong key, its value and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from protocol.model import Protocol
from protocol.nearest import did_you_mean


class ProtocolError(ValueError):
    """A protocol.yaml that cannot be used; the message lists every problem on a line of its own."""


class _TextDates(yaml.SafeLoader):
    """YAML whose dates stay text, so that an impossible one is reported with its key like any other value."""


_TextDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_protocol(path: Path) -> Protocol:
    """The validated protocol of a study folder; raises `ProtocolError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ProtocolError(f"{path}: there is no protocol; `nadir init` writes one") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return parse_protocol(text, path)


def parse_protocol(text: str, path: Path) -> Protocol:
    """A protocol from its YAML text; ``path`` is only named in errors."""
    try:
        given = yaml.load(text, _TextDates)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "is not valid YAML"
        raise ProtocolError(f"{path}{line}: not valid YAML: {problem}") from error
    if not isinstance(given, dict):
        raise ProtocolError(f"{path}: expected keys such as `criteria:`, found {type(given).__name__}")
    try:
        return Protocol.model_validate(given)
    except ValidationError as error:
        wrong = error.errors()
        inner = {item["loc"][:depth] for item in wrong for depth in range(1, len(item["loc"]))}
        problems = [
            _problem(item["loc"], item["type"], item["msg"], item["input"])
            for item in wrong
            if not (item["type"] == "too_short" and item["loc"] in inner)
        ]
        raise ProtocolError("\n".join(f"{path}: {problem}" for problem in problems)) from error


def _problem(location: Sequence[int | str], kind: str, message: str, value: Any) -> str:
    key = "".join(f" entry {part + 1}" if isinstance(part, int) else f".{part}" for part in location)
    key = key.lstrip(".") or "protocol"
    message = message.removeprefix("Value error, ")
    match kind:
        case "extra_forbidden":
            allowed = _allowed_keys(location[:-1])
            return f"{key}: unknown key{did_you_mean(str(location[-1]), allowed)}; allowed: {', '.join(allowed)}"
        case "missing":
            return f"{key}: this key is required"
        case _ if isinstance(value, dict | list):
            return f"{key}: {message}"
        case _:
            return f"{key} = {value!r}: {message}"


def _allowed_keys(location: Sequence[int | str]) -> list[str]:
    model: type[BaseModel] = Protocol
    for part in location:
        if isinstance(part, str) and part in model.model_fields:
            model = _section_in(model.model_fields[part].annotation) or model
    return sorted(model.model_fields)


def _section_in(annotation: Any) -> type[BaseModel] | None:
    """The section that a key holds: one, a list of them, or one that may be null."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_in(part))), None)
