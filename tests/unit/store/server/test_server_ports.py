"""Ports: the wanted ones if they are free, else others."""

from __future__ import annotations

import socket

from graphtwin.store.server.ports import free_ports, is_listening


def test_free_ports_that_were_wanted_are_given():
    wanted = free_ports((0, 0))

    assert free_ports(wanted) == wanted


def test_a_taken_port_is_replaced_by_another():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        bolt, http = free_ports((port, 0))

        assert is_listening(port)
    assert port not in {bolt, http}
    assert bolt != http


def test_the_same_port_is_never_given_twice():
    port, _ = free_ports((0, 0))

    bolt, http = free_ports((port, port))

    assert bolt != http
