"""The web: hooks, health, metrics and REST. It speaks to the engine and its ports, never to an adapter."""
