"""The composition root: settings in, services out. Nothing else knows every adapter.

`records` opens the store (all that most commands need, so it imports little), `services` puts worker and sweep around it, `programs` runs them.
"""
