"""The other sides, on this machine: dormakaba Resivo and i-Reserve as ASGI applications with scripted faults and their own clock.

A simulator speaks no word of Drempel. It can be called in process or over real HTTP, and shows its state on a page for people.
"""
