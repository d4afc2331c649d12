"""The table of tortures: what becomes of bookings that were acknowledged, by Drempel and by what a person would build in Node-RED. docs/reliability.md shows it."""
