"""The published table: its columns, the language of its conditions, its files."""
