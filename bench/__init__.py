"""Speed, measured: Drempel on SQLite and on PostgreSQL beside a bare client that makes the same calls. docs/speed.md says how to read it."""
