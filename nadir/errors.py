"""A user's mistake, told in one message without a traceback."""

from __future__ import annotations


class UserError(Exception):
    """What failed, the value, where, and what to do."""
