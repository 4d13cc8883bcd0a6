"""Scheduled news digests: messy articles in, one good e-mail per reader out."""

__version__ = "0.1.0"
