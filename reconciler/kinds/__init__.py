"""The kinds: a folder each, with its rules, its health and its Azure handler."""
