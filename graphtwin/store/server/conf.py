"""The hardened neo4j.conf of the embedded server."""

from __future__ import annotations

from graphtwin.settings import Neo4jSettings
from graphtwin.store.server.home import ServerHome, ServerState, write_private
from graphtwin.store.server.memory import MemoryPlan
from graphtwin.store.server.ports import LOOPBACK


def write_conf(home: ServerHome, state: ServerState, memory: MemoryPlan, settings: Neo4jSettings) -> None:
    lines = [f"{name}={value}" for name, value in conf(home, state, memory, settings).items()]
    write_private(home.conf / "neo4j.conf", "\n".join(["# Written by graphtwin at each start.", *lines, ""]))


def conf(home: ServerHome, state: ServerState, memory: MemoryPlan, settings: Neo4jSettings) -> dict[str, str]:
    """Every setting that differs from Neo4j's default, in groups: reach, authority, memory and time, disk, silence."""
    return {
        "server.config.strict_validation.enabled": "true",
        # Reach: the loopback only, and nothing that announces itself or calls out.
        "server.default_listen_address": LOOPBACK,
        "server.default_advertised_address": LOOPBACK,
        "server.bolt.listen_address": f"{LOOPBACK}:{state.bolt_port}",
        "server.bolt.advertised_address": f"{LOOPBACK}:{state.bolt_port}",
        "server.http.enabled": "true",
        "server.http.listen_address": f"{LOOPBACK}:{state.http_port}",
        "server.http.advertised_address": f"{LOOPBACK}:{state.http_port}",
        "server.https.enabled": "false",
        "server.http.x_forward.enabled": "false",
        "server.fleet_discovery.enabled": "false",
        "dbms.fleet_manager.enabled": "false",
        "dbms.routing.enabled": "false",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        "browser.remote_content_hostname_whitelist": "",
        # Authority: a query reads neither files nor the network (LOAD CSV works in READ mode too).
        "dbms.security.auth_enabled": "true",
        "server.directories.import": str(home.imports),
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
        # Memory and time: one transaction can't take the server down or hold a lock for ever.
        "server.memory.heap.initial_size": f"{min(512, memory.heap)}m",
        "server.memory.heap.max_size": f"{memory.heap}m",
        "server.memory.pagecache.size": f"{memory.page_cache}m",
        "db.memory.transaction.max": f"{memory.transaction}m",
        "dbms.memory.transaction.total.max": f"{memory.all_transactions}m",
        "db.transaction.timeout": f"{settings.transaction_timeout_s}s",
        "db.lock.acquisition.timeout": f"{settings.lock_timeout_s}s",
        # Disk: transaction logs are allocated ahead, in each of the two databases.
        "db.tx_log.rotation.size": "64m",
        "db.tx_log.rotation.retention_policy": "2 days 1G",
        # Silence: a query log would hold the parameters, that is, the user's data; a stop needs no pause without clients.
        "db.logs.query.enabled": "OFF",
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
    }
