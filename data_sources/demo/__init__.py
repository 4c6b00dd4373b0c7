"""The demonstration company: Meridian Supply Group, invented, the same every time, at any size."""

from __future__ import annotations

from data_sources.demo.build import build

__all__ = ["build"]
