"""Real processes killed under load, and an oracle that asks the other sides alone whether anything was lost or doubled. docs/reliability.md shows the figures."""
