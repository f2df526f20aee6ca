"""Answers to catalog queries without the merge engine: a small interpreter over the rows of system relations.

Clients ask the catalogs dozens of small questions, each over a handful of rows. To plan, lower and compile one takes the merge
engine longer than PostgreSQL needs to answer it; here a bound query becomes Python closures and hash lookups. It understands what
clients ask, with PostgreSQL's meaning, and nothing else: `compile_program` gives None for the rest, and a run that meets too many
rows raises `NotDirectError`; the statement is then planned like any other. So every query has two ways to the same answer, and
tests compare them.
"""

from fedgate.system.direct.answer import Answered
from fedgate.system.direct.compile import Program, compile_program, reads_catalogs
from fedgate.system.direct.runtime import NotDirectError, Run, Store

__all__ = ["Answered", "NotDirectError", "Program", "Run", "Store", "compile_program", "reads_catalogs"]
