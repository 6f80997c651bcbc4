"""Reading JSON value by value from a stream of text: memory for one value, digits as written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ingestion.forms.readers.records import UnreadableFileError

BLANK = " \t\r\n"
LONGEST_VALUE = 64 << 20
AGAIN = "export the data set again as Dataset-JSON 1.1"


class JsonScanner:
    """A cursor over JSON text that arrives in blocks; numbers are given as text."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._text = ""
        self._at = 0
        self._decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_constant)

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in BLANK:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        """Pass over this character; raises `UnreadableFileError` when another one stands there."""
        found = self.peek()
        if found != character:
            raise UnreadableFileError(f"expected {character!r}, found {found or 'the end of the file'!r}", AGAIN)
        self._at += 1

    def value(self) -> Any:
        """The next whole value."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                if end < len(self._text) or not self._more():
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > LONGEST_VALUE or not self._more():
                    raise UnreadableFileError(f"not readable as JSON: {error.msg}", AGAIN) from error

    def members(self) -> Iterator[str]:
        """The keys of an object; after each the cursor stands before its value, which the caller takes."""
        self.take("{")
        while self.peek() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise UnreadableFileError("a key that is no text", AGAIN)
            self.take(":")
            yield key
            if self.peek() != "}":
                self.take(",")
        self.take("}")

    def elements(self) -> Iterator[Any]:
        """The values of an array."""
        self.take("[")
        while self.peek() != "]":
            yield self.value()
            if self.peek() != "]":
                self.take(",")
        self.take("]")

    def _more(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._text, self._at = self._text[self._at :] + block, 0
        return True


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON; they count as missing."""
    del name
