"""The books: canonical tables, quality rules, open intervals, facts, scope. Imports nothing else of ours."""
