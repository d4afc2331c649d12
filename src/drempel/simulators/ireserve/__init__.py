"""i-Reserve on this machine: its REST API and webhooks as the i-Reserve contract has them, and a panel for people."""

from drempel.simulators.ireserve.deliveries import Delivery, DeliveryState
from drempel.simulators.ireserve.demo import seed_demo
from drempel.simulators.ireserve.environment import ACCOUNT, ACCOUNT_PASSWORD
from drempel.simulators.ireserve.records import BookingRecord, CustomerRecord
from drempel.simulators.ireserve.simulator import IReserveSimulator
from drempel.simulators.ireserve.switches import Fate, Switches

__all__ = [
    "ACCOUNT",
    "ACCOUNT_PASSWORD",
    "BookingRecord",
    "CustomerRecord",
    "Delivery",
    "DeliveryState",
    "Fate",
    "IReserveSimulator",
    "Switches",
    "seed_demo",
]
