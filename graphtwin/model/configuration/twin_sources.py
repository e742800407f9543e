"""The sources of a twin.yaml: how each is read, how far it is believed, and what its payloads mean."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from graphtwin.model.base import Value
from graphtwin.model.configuration.amounts import Duration, Unit01
from graphtwin.model.durations import DAY, SECOND

SourceClass = Literal[
    "hardware_sensor",
    "system_of_record",
    "primary_api",
    "observability_pipeline",
    "derived_inference",
    "human_note",
]
LayerName = Literal["reported", "desired", "expected"]


class VariablePath(Value):
    """Where a value stands in a payload, as JMESPath, and what it means."""

    path: str
    """JMESPath of the value."""
    unit: str = ""
    """The unit that the source speaks in; `=` and a JMESPath takes it from the payload."""
    layer: LayerName = "reported"
    """Whether it is a reading, a wish or an expectation."""
    confidence: Unit01 | str | None = None
    """A number, or a JMESPath that yields one."""


class Mapping(Value):
    """Turns one kind of payload into claims about one record; expressions are JMESPath over the payload."""

    when: str = ""
    """Only payloads where this yields a true value; "" takes all."""
    type: str
    """A declared type's name, or `=` followed by a JMESPath that yields one."""
    id: str = "id"
    """Yields the source's own id of the thing."""
    label: str = ""
    """Yields the name that people read."""
    variables: dict[str, VariablePath] = Field(default_factory=dict)
    """Variable to where its value stands; a plain text is the path alone."""
    relations: dict[str, str | VariablePath] = Field(default_factory=dict)
    """Relation name to the local id (or list of ids, or full record ids `source:id`) of the objects."""
    valid_from: str = ""
    """When it was so, if not the event's timestamp."""
    event_type: str = "observation"
    """What the event is called."""
    each: str = ""
    """Yields a list: the mapping applies to each item, with the payload as `parent`."""

    @field_validator("variables", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return (
            {k: {"path": v} if isinstance(v, str) else v for k, v in value.items()}
            if isinstance(value, dict)
            else value
        )


class Tls(Value):
    """How an encrypted connection is checked; it always is. Files lie beside twin.yaml or are absolute."""

    ca: str = ""
    """PEM file of the authorities that are trusted; default: the system's."""
    certificate: str = ""
    """PEM file of the certificate that graphtwin shows, where the other side wants one."""
    key: str = ""
    """PEM file of its private key."""


class Source(Value):
    """One source of signals and how far it is believed."""

    type: Literal["file", "command", "mqtt", "api", "http"]
    """How it is read; `api` and `http` are the same."""
    kind: Literal["log", "api", "sensor", "message_bus", "human"] = "log"
    """What it is, for people; nothing depends on it."""
    trust: SourceClass = "observability_pipeline"
    """The class that says how far it is believed."""
    weight: Unit01 | None = None
    """Overrides the trust of the class."""
    path: str = ""
    """The file, beside twin.yaml or absolute."""
    format: Literal["auto", "csv", "jsonl", "json", "yaml"] = "auto"
    """`auto` goes by the file's ending, or by what an HTTP answer says it is."""
    numbers: Literal["1234.5", "1,234.5", "1.234,5"] = "1234.5"
    """How a table writes its numbers; with a comma in them, they are read as declared here and nowhere guessed."""
    command: tuple[str, ...] = ()
    """The program and its words; no shell is run. `python` is the one that graphtwin runs on."""
    env: dict[str, str] = Field(default_factory=dict)
    """The only environment a command gets besides PATH, LANG and TZ."""
    timeout: Duration = 10 * SECOND
    """A program that runs longer has not answered, nor has a server whose answer isn't there in full by then."""
    max_output: Annotated[int, Field(ge=1)] = 16 * 2**20
    """Bytes that one reading of a program, a document, an HTTP server or a broker may have."""
    max_payload: Annotated[int, Field(ge=1)] = 256 * 2**10
    """Bytes that one message may have."""
    endpoint: str = ""
    """Address of an mqtt, api or http source: `mqtt://host:port/topic/prefix`, `https://host:port/path`. Parts of it may be
    `${NAME}` from the environment.
    """
    username: str = ""
    """Whom to log in as, to a broker or by HTTP's basic authentication; may be `${NAME}`."""
    password: str = ""
    """The password, as `${NAME}` from the environment."""
    token: str = ""
    """A bearer token, as `${NAME}` from the environment; HTTP only."""
    headers: dict[str, str] = Field(default_factory=dict)
    """More HTTP headers; values may hold `${NAME}`."""
    tls: Tls = Field(default_factory=Tls)
    """How `mqtts` and `https` are checked."""
    topics: tuple[str, ...] = ()
    """MQTT topic filters, each written in full; default: all topics under the endpoint's path."""
    client_id: str = ""
    """Names the durable MQTT session; default: made of the names of world and source."""
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    """The version of MQTT; `auto` is 5, or 3.1.1 where the broker doesn't speak 5."""
    session_expiry: Duration = 7 * DAY
    """How long a broker of MQTT 5 keeps what comes while nobody reads."""
    quiet: Duration = SECOND
    """A reading of MQTT ends when nothing has come for so long."""
    drain: Duration = 5 * SECOND
    """A reading of MQTT ends after so long in any case."""
    will_topic: str = ""
    """The topic that says whether the MQTT source is there: its last will. Gone, its things are silent at once (S26)."""
    will_payload: str = "offline"
    """What is said there when it is gone: text, or `status` or `state` of an object. Anything else says that it is there."""
    next: str = ""
    """A JMESPath over an HTTP answer that yields the address of its next page, or with `page_parameter` the page's name."""
    page_parameter: str = ""
    """The query parameter that names an HTTP page; without `next` it counts 1, 2, 3 until a page is empty."""
    max_pages: Annotated[int, Field(ge=1)] = 100
    """Pages that one reading takes."""
    private: bool = False
    """The host's name may lead to an address of a private network. Addresses written as numbers, and localhost, may anyway."""
    records: str = ""
    """A JMESPath that yields the list of messages in one payload; "" takes the payload itself, or each item of a list."""
    timestamp: str = ""
    """A JMESPath that yields the source's own timestamp of a message (ISO 8601, or epoch seconds); "" tries the usual names."""
    position: str = ""
    """A JMESPath that yields a number that grows with every message of a thing."""
    roster: bool = False
    """A complete reading names every record the source knows (S24)."""
    roster_guard: bool = True
    """Hold a roster that is empty or drops over a fifth and more than five records (S24)."""
    retire_after: Annotated[int, Field(ge=1)] = 2
    """Rosters in a row that must miss a record before it is retired."""
    plans: bool = False
    """May date claims ahead (S2)."""
    cadence: Duration | None = None
    """How often it should speak; three times without a word is silence."""
    namespace: str = ""
    """Namespace of the entities that it founds; default the world's."""
    id_space: str = ""
    """Sources of one id space give one thing one id; "" is the space that all sources share unless they say otherwise."""
    layer: LayerName = "reported"
    """The layer of its claims, unless its mapping says another."""
    enabled: bool = True
    """False leaves it out."""
    max_messages: Annotated[int, Field(ge=1)] = 100_000
    """Messages that one reading takes; the next goes on."""
    mapping: tuple[Mapping, ...] = ()
    """Empty: the default mapping for plain JSON objects, tables and topics."""

    @field_validator("mapping", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, dict) else value

    @field_validator("command", mode="before")
    @classmethod
    def _no_shell(cls, value: Any) -> Any:
        if isinstance(value, str):
            msg = "write the command as a list of words, e.g. [python, collect.py]; no shell is run"
            raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a located error
        return value

    @model_validator(mode="after")
    def _has_place(self) -> Self:
        if self.type == "file" and not self.path:
            raise ValueError("a file source needs `path`")
        if self.type == "command" and not self.command:
            raise ValueError("a command source needs `command`")
        if self.type in ("mqtt", "api", "http") and not self.endpoint:
            raise ValueError(f"a source of type {self.type} needs `endpoint`")
        if self.type == "mqtt" and self.roster:
            raise ValueError("an mqtt source can't be a roster: no reading of it names all there is")
        return self
