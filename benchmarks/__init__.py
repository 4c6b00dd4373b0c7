"""How fast Outstanding is and what memory it takes, beside other engines: ``python -m benchmarks run``."""
