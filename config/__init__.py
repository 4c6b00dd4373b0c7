"""Configuration: typed settings, targets and sources, read from TOML."""
