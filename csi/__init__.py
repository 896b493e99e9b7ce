"""From answers to a customer satisfaction index with its interval, its causes and its doubts."""

from __future__ import annotations

__version__ = "0.1.0"
