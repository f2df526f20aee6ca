"""What the run of a plan, and its fan-out, get from their executor and their statement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fedgate.executor.claims import Claims
from fedgate.executor.fitting import Fitter
from fedgate.executor.merge import MergeEngine
from fedgate.executor.seen import Nodes
from fedgate.executor.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Around:
    """What a run gets from its executor and its statement."""

    merge: MergeEngine
    fitter: Fitter
    claims: Claims
    spool_directory: Path | None
    nodes: Nodes
    sessions: Sessions
    last: bool
