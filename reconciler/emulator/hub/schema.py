"""The hub's tables. A device is the identity whose `module_id` is empty."""

from __future__ import annotations

_IDENTITY = """
CREATE TABLE IF NOT EXISTS hub_identity (
    device_id TEXT NOT NULL,
    module_id TEXT NOT NULL DEFAULT '',
    generation_id TEXT NOT NULL,
    identity_version INTEGER NOT NULL,
    managed_by TEXT,
    status TEXT NOT NULL DEFAULT 'enabled',
    status_reason TEXT,
    status_updated TEXT NOT NULL DEFAULT '0001-01-01T00:00:00Z',
    connection_state TEXT NOT NULL DEFAULT 'Disconnected',
    connection_state_updated TEXT NOT NULL DEFAULT '0001-01-01T00:00:00Z',
    last_activity TEXT NOT NULL DEFAULT '0001-01-01T00:00:00Z',
    auth_type TEXT NOT NULL DEFAULT 'none',
    primary_key TEXT,
    secondary_key TEXT,
    primary_thumbprint TEXT,
    secondary_thumbprint TEXT,
    edge INTEGER NOT NULL DEFAULT 0,
    device_scope TEXT,
    parent_scopes TEXT NOT NULL DEFAULT '[]',
    model_id TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL DEFAULT 2,
    changed_at REAL NOT NULL,
    desired_version INTEGER NOT NULL DEFAULT 1,
    desired_updated TEXT NOT NULL,
    reported_version INTEGER NOT NULL DEFAULT 1,
    reported_updated TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '{}',
    desired TEXT NOT NULL DEFAULT '{}',
    reported TEXT NOT NULL DEFAULT '{}',
    desired_metadata TEXT,
    desired_origins TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (device_id, module_id)
);
"""

_OTHERS = """
CREATE INDEX IF NOT EXISTS hub_identity_module ON hub_identity (module_id);
CREATE TABLE IF NOT EXISTS hub_ghost (
    device_id TEXT PRIMARY KEY, deleted_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS hub_configuration (
    id TEXT PRIMARY KEY,
    schema_version TEXT,
    labels TEXT,
    content TEXT NOT NULL,
    target_condition TEXT NOT NULL,
    priority INTEGER NOT NULL,
    metric_queries TEXT NOT NULL DEFAULT '{}',
    metric_results TEXT NOT NULL DEFAULT '{}',
    system_results TEXT NOT NULL DEFAULT '{}',
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS hub_status (
    device_id TEXT NOT NULL,
    module_id TEXT NOT NULL,
    configuration_id TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (device_id, module_id, configuration_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hub_status_configuration ON hub_status (configuration_id, module_id);
CREATE TABLE IF NOT EXISTS hub_target (
    configuration_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    PRIMARY KEY (configuration_id, device_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hub_target_device ON hub_target (device_id);
CREATE TABLE IF NOT EXISTS hub_pending (
    what TEXT NOT NULL, id TEXT NOT NULL, since REAL NOT NULL, PRIMARY KEY (what, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hub_agent (
    device_id TEXT PRIMARY KEY,
    behaviour TEXT NOT NULL DEFAULT '{}',
    base TEXT NOT NULL DEFAULT '',
    applied TEXT NOT NULL DEFAULT '',
    wake_at REAL DEFAULT 0,
    state TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS hub_agent_wake ON hub_agent (wake_at);
CREATE TEMP TABLE IF NOT EXISTS hub_batch (device_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS hub_due (device_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS hub_affected (device_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hub_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    device_id TEXT NOT NULL,
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS hub_traffic (
    operation TEXT NOT NULL, window INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (operation, window)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hub_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

SCHEMA = _IDENTITY + _IDENTITY.replace("hub_identity", "hub_index") + _OTHERS
"""`hub_index` is what queries read while the hub is told to answer late."""
