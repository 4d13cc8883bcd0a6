"""Hostile bytes are read in child processes that may take so much time and memory and no more.

`pool` is what others use; `child` is what runs on the other side, `wire` what goes between the two.
"""

from digest.ingest.workers.limits import Limits
from digest.ingest.workers.pool import ChildFault, Workers

__all__ = ["ChildFault", "Limits", "Workers"]
