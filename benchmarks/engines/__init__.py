"""The same questions to Outstanding, DuckDB, pandas and PostgreSQL, each as a good user of it would ask them.

Every engine starts from the same open intervals, in its own form and types; loading them is told apart. What they
answer is kept, and held against each other to the unit.
"""
