"""Bounces and complaints, read: bytes in, reports out (docs/bounces.md)."""

from digest.deliver.bounces.original import TokenFinder, token_finder
from digest.deliver.bounces.parse import parse

__all__ = ["TokenFinder", "parse", "token_finder"]
