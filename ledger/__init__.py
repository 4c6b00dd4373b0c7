"""The books: canonical tables, quality rules, open intervals, facts, scope. Imports nothing else of ours."""

import polars as pl

# Most questions are about thousands of rows, and starting the streaming engine takes longer than answering them.
# What passes over a whole ledger asks for that engine by name.
pl.Config.set_engine_affinity("in-memory")
