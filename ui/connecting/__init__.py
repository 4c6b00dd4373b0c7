"""Connecting a source, step by step: what it is, its tables, its columns, its first rows, the file."""
