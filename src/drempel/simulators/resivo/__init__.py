"""dormakaba Resivo as it is assumed to be: sections 9 and 11 of the resivo contract, with any profile."""

from drempel.simulators.resivo.demo import Demo, seed_demo
from drempel.simulators.resivo.quirks import Quirks
from drempel.simulators.resivo.records import (
    Authorization,
    Component,
    Credential,
    Message,
    Opening,
    Recipient,
    Site,
    SiteOwner,
)
from drempel.simulators.resivo.simulator import ResivoSimulator

__all__ = [
    "Authorization",
    "Component",
    "Credential",
    "Demo",
    "Message",
    "Opening",
    "Quirks",
    "Recipient",
    "ResivoSimulator",
    "Site",
    "SiteOwner",
    "seed_demo",
]
