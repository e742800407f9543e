"""The twin.yaml and the table that `graphtwin init` writes."""

from __future__ import annotations

from typing import Final

TWIN_YAML: Final = """\
# A twin: what there is, who speaks about it, and what must hold. Every field is in reference/configuration.md.
# Check it with `graphtwin source test twin.yaml`, then `graphtwin sync twin.yaml`.

world:
  id: {world}
  title: My first twin
  timezone: UTC

# Who speaks, in which form, and how far they are believed. A source can also be a command that prints JSON lines:
#   load: {type: command, command: [python, collect.py], trust: hardware_sensor, cadence: 1m}
sources:
  things:
    type: file
    path: things.csv          # beside this file; comes with a header line
    trust: system_of_record
    mapping:
      type: machine           # one of the types below
      id: id                  # where a row says what it is about (JMESPath)
      label: name
      variables:
        temperature: temperature
        maker: maker
      relations:
        feeds: feeds          # the id of another thing

# What there is. A variable changes; an attribute seldom does.
types:
  machine:
    is_a: asset
    variables:
      temperature:
        unit: Cel             # UCUM codes: Cel, %, kW, L/min
        span: 20              # what counts as a whole deviation
        limit: {max: 90}      # the forecast says how likely it is to be passed
      maker: {datatype: string, attribute: true}

# How things hang together; risk travels from what is depended on to what depends on it.
relations:
  feeds: {functional: true}

# Things that the model knows of before any source speaks.
entities:
  - id: pump-1                # in full: machine:local/pump-1, as the row with the id pump-1 would be called, too
    type: machine
    expected: {temperature: 60}
    # aliases: [things:P-1]   # a record of the same thing under another name: source, colon, the source's own id

# Without `constraints`, graphtwin observes and never acts. To set thresholds:
# constraints:
#   max_drift_threshold: 0.15
#   require_approval_above_risk: 0.7
#   forecast_horizon: 1h

# Rules are Cypher queries that return rows; what they no longer return is ended.
# rules:
#   - id: too_hot
#     severity: high
#     cypher: |
#       MATCH (m:Machine {world: $world}) WHERE m.temperature > 90
#       RETURN m.id AS subject, {message: m.id + ' is too hot'} AS finding, [[m.id, 'temperature']] AS premises

schedule:
  interval: 5m
"""

THINGS_CSV: Final = """\
id,name,maker,temperature,feeds
pump-1,Feed pump,Nord,61.5,tank-1
tank-1,Day tank,Kessel,24.0,
"""
