"""The sections that a pack is made of: one function each, from a brief to its pages."""
