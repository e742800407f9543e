"""The doors of graphtwin: what the program asks of the store, of sources, of actuators, of time, of chance and of signatures."""

from graphtwin.ports.acting import ActAnswer, ActJournal, Actuator, Command, Gateway
from graphtwin.ports.audit import AuditSink
from graphtwin.ports.environment import Clock, Ids, Signer, WorldClock
from graphtwin.ports.sources import Malformed, Message, Reading, SignalSource
from graphtwin.ports.states import Answered, Claimed, Portion, Sample, Subgraph
from graphtwin.ports.store import Store
from graphtwin.ports.transaction import Transaction

__all__ = [
    "ActAnswer",
    "ActJournal",
    "Actuator",
    "Answered",
    "AuditSink",
    "Claimed",
    "Clock",
    "Command",
    "Gateway",
    "Ids",
    "Malformed",
    "Message",
    "Portion",
    "Reading",
    "Sample",
    "SignalSource",
    "Signer",
    "Store",
    "Subgraph",
    "Transaction",
    "WorldClock",
]
