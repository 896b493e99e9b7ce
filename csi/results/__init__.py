"""Nouns: estimates in, tables out. One noun (or family of nouns) a file."""
