"""Drempel turns bookings into open doors."""

__version__ = "0.1.0"
