-- The first schema: tenants, sites, and what the inventory knows.
--
-- Rules for every migration:
--   * The same text runs on SQLite and on PostgreSQL: BIGINT, TEXT and DOUBLE PRECISION only; ids are given by the program.
--   * A migration is never edited once a release has carried it; its checksum is kept in schema_migration. Write the next one.
--   * Every row carries its site, and every site its tenant: an address or an asset id means something within its site only.
--   * Times are nanoseconds since 1970, UTC (..._ns). A valid_to_ns of NULL means "still holds".
--   * Booleans are 0 or 1. A text that is not known is '' where the column is NOT NULL, so that keys can contain it.

CREATE TABLE tenant (
    id   BIGINT NOT NULL PRIMARY KEY,
    name TEXT   NOT NULL UNIQUE
);

CREATE TABLE site (
    id        BIGINT NOT NULL PRIMARY KEY,
    tenant_id BIGINT NOT NULL REFERENCES tenant (id),
    name      TEXT   NOT NULL,
    UNIQUE (tenant_id, name)
);

INSERT INTO tenant (id, name) VALUES (1, 'default');
INSERT INTO site (id, tenant_id, name) VALUES (1, 1, 'default');

-- What was applied: one row per capture file (by the digest of its contents) or live run, so that the same capture applied
-- again changes nothing.
CREATE TABLE source (
    site_id       BIGINT NOT NULL REFERENCES site (id),
    id            BIGINT NOT NULL,
    digest        TEXT   NOT NULL,           -- lower-case hexadecimal; for a live run, its random run id
    name          TEXT   NOT NULL,           -- file or interface name, for people
    kind          TEXT   NOT NULL,           -- 'file' or 'live'
    packets       BIGINT NOT NULL DEFAULT 0,
    bytes         BIGINT NOT NULL DEFAULT 0,
    first_ns      BIGINT NOT NULL DEFAULT 0, -- of its packets; 0 without any
    last_ns       BIGINT NOT NULL DEFAULT 0,
    applied_at_ns BIGINT NOT NULL,
    trust         TEXT   NOT NULL DEFAULT '{}', -- JSON: every counter that tells how far the result can be trusted
    PRIMARY KEY (site_id, id),
    UNIQUE (site_id, digest)
);

-- The highest batch applied per sensor: batches arrive at least once and are applied exactly once.
CREATE TABLE sensor (
    site_id      BIGINT NOT NULL REFERENCES site (id),
    id           TEXT   NOT NULL,
    sequence     BIGINT NOT NULL DEFAULT 0,
    last_seen_ns BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (site_id, id)
);

-- One device, one row. The columns from name on repeat the attribute rows that hold now, so that a list of 100 000 devices
-- pages, sorts and filters here without joins.
CREATE TABLE asset (
    site_id      BIGINT NOT NULL REFERENCES site (id),
    id           TEXT   NOT NULL,
    kind         TEXT   NOT NULL DEFAULT '', -- device, module, unit
    category     TEXT   NOT NULL DEFAULT '', -- ot, it, bms, iot, iomt, network
    type         TEXT   NOT NULL DEFAULT '', -- plc, hmi, workstation, ...
    role         TEXT   NOT NULL DEFAULT '',
    purdue       TEXT   NOT NULL DEFAULT '', -- level as text: '0', '1', '2', '3', '3.5', '4'
    criticality  BIGINT NOT NULL DEFAULT 0,
    parent_id    TEXT,                       -- the chassis or gateway that it is part of
    slot         TEXT   NOT NULL DEFAULT '', -- its place below the parent: slot, unit, network and address
    name         TEXT   NOT NULL DEFAULT '',
    vendor       TEXT   NOT NULL DEFAULT '',
    model        TEXT   NOT NULL DEFAULT '',
    order_number TEXT   NOT NULL DEFAULT '',
    firmware     TEXT   NOT NULL DEFAULT '',
    hardware     TEXT   NOT NULL DEFAULT '',
    serial       TEXT   NOT NULL DEFAULT '',
    os           TEXT   NOT NULL DEFAULT '',
    ips          TEXT   NOT NULL DEFAULT '', -- addresses with a comma between, sorted
    macs         TEXT   NOT NULL DEFAULT '',
    ip_order     TEXT   NOT NULL DEFAULT '', -- of the lowest IP, as in asset_interface; MACs come after all IPs
    reason       TEXT   NOT NULL DEFAULT '', -- why it was taken for this type
    protocols    TEXT   NOT NULL DEFAULT '', -- names with a comma between, sorted
    first_ns     BIGINT NOT NULL DEFAULT 0,
    last_ns      BIGINT NOT NULL DEFAULT 0,
    removed_at_ns BIGINT,                    -- merged into another or taken out by a person; the row stays for history
    PRIMARY KEY (site_id, id)
);
CREATE INDEX asset_by_parent ON asset (site_id, parent_id);
CREATE INDEX asset_by_type   ON asset (site_id, category, type, id);
CREATE INDEX asset_in_order  ON asset (site_id, ip_order, id);
CREATE INDEX asset_by_vendor ON asset (site_id, vendor, model, id);
CREATE INDEX asset_by_name   ON asset (site_id, name, id);
CREATE INDEX asset_by_serial ON asset (site_id, serial);
CREATE INDEX asset_by_purdue ON asset (site_id, purdue, id);
CREATE INDEX asset_by_last   ON asset (site_id, last_ns, id);

-- An address pair that an asset had, and when. DHCP moves an IP: the old row is closed, a new one begins.
CREATE TABLE asset_interface (
    site_id       BIGINT NOT NULL,
    asset_id      TEXT   NOT NULL,
    mac           TEXT   NOT NULL DEFAULT '',
    ip            TEXT   NOT NULL DEFAULT '',
    ip_order      TEXT   NOT NULL DEFAULT '', -- the 16 bytes in hexadecimal, so that the store sorts addresses as people do
    zone          TEXT   NOT NULL DEFAULT '', -- where a user says that addresses repeat within the site
    valid_from_ns BIGINT NOT NULL,
    valid_to_ns   BIGINT,
    last_ns       BIGINT NOT NULL,
    PRIMARY KEY (site_id, asset_id, mac, ip, zone, valid_from_ns),
    FOREIGN KEY (site_id, asset_id) REFERENCES asset (site_id, id)
);
CREATE INDEX asset_interface_by_ip  ON asset_interface (site_id, ip, valid_to_ns);
CREATE INDEX asset_interface_by_mac ON asset_interface (site_id, mac, valid_to_ns);
CREATE INDEX asset_interface_in_order ON asset_interface (site_id, ip_order, asset_id);

-- What was seen, word for word and never resolved: conflicting facts are both kept. The subject is an address path.
CREATE TABLE fact (
    site_id    BIGINT NOT NULL REFERENCES site (id),
    subject    TEXT   NOT NULL,
    attribute  TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    protocol   TEXT   NOT NULL,
    confidence BIGINT NOT NULL, -- 0 to 100
    first_ns   BIGINT NOT NULL,
    last_ns    BIGINT NOT NULL,
    count      BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (site_id, subject, attribute, value, protocol)
);
CREATE INDEX fact_by_value ON fact (site_id, attribute, value);

-- The best fact per attribute of an asset, with the time in which it held and why it won.
CREATE TABLE attribute (
    site_id       BIGINT NOT NULL,
    asset_id      TEXT   NOT NULL,
    attribute     TEXT   NOT NULL,
    value         TEXT   NOT NULL,
    protocol      TEXT   NOT NULL, -- 'user' for a person's own correction
    confidence    BIGINT NOT NULL,
    reason        TEXT   NOT NULL DEFAULT '',
    valid_from_ns BIGINT NOT NULL,
    valid_to_ns   BIGINT,
    PRIMARY KEY (site_id, asset_id, attribute, value, valid_from_ns),
    FOREIGN KEY (site_id, asset_id) REFERENCES asset (site_id, id)
);
CREATE INDEX attribute_by_value ON attribute (site_id, attribute, value, valid_to_ns);

-- How assets stand to each other: 'parent', 'router', ... and when.
CREATE TABLE relation (
    site_id       BIGINT NOT NULL,
    asset_id      TEXT   NOT NULL,
    other_id      TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    detail        TEXT   NOT NULL DEFAULT '',
    valid_from_ns BIGINT NOT NULL,
    valid_to_ns   BIGINT,
    PRIMARY KEY (site_id, asset_id, other_id, kind, valid_from_ns),
    FOREIGN KEY (site_id, asset_id) REFERENCES asset (site_id, id),
    FOREIGN KEY (site_id, other_id) REFERENCES asset (site_id, id)
);
CREATE INDEX relation_by_other ON relation (site_id, other_id, kind);

-- Two assets found to be one device, with the evidence, so that a merge can be undone.
CREATE TABLE asset_merge (
    site_id      BIGINT NOT NULL,
    asset_id     TEXT   NOT NULL,
    into_id      TEXT   NOT NULL,
    evidence     TEXT   NOT NULL,
    merged_at_ns BIGINT NOT NULL,
    undone_at_ns BIGINT,
    PRIMARY KEY (site_id, asset_id, into_id, merged_at_ns),
    FOREIGN KEY (site_id, asset_id) REFERENCES asset (site_id, id),
    FOREIGN KEY (site_id, into_id) REFERENCES asset (site_id, id)
);
CREATE INDEX asset_merge_by_into ON asset_merge (site_id, into_id);

-- Client and server are IP addresses, or MAC addresses below IP; the port is the server's.
CREATE TABLE conversation (
    site_id            BIGINT NOT NULL REFERENCES site (id),
    client             TEXT   NOT NULL,
    server             TEXT   NOT NULL,
    transport          TEXT   NOT NULL, -- tcp, udp, ip, eth
    port               BIGINT NOT NULL DEFAULT 0,
    protocol           TEXT   NOT NULL DEFAULT '', -- the surest name of it so far
    confidence         BIGINT NOT NULL DEFAULT 0,  -- of the protocol
    client_packets     BIGINT NOT NULL DEFAULT 0,
    client_bytes       BIGINT NOT NULL DEFAULT 0,
    server_packets     BIGINT NOT NULL DEFAULT 0,
    server_bytes       BIGINT NOT NULL DEFAULT 0,
    flows              BIGINT NOT NULL DEFAULT 0,
    first_ns           BIGINT NOT NULL,
    last_ns            BIGINT NOT NULL,
    -- health of TCP, and how far the rest can be trusted
    one_sided          BIGINT NOT NULL DEFAULT 0, -- flows of which one direction was seen
    mid_stream         BIGINT NOT NULL DEFAULT 0, -- flows whose beginning was not seen
    retransmissions    BIGINT NOT NULL DEFAULT 0,
    gaps               BIGINT NOT NULL DEFAULT 0,
    gap_bytes          BIGINT NOT NULL DEFAULT 0,
    resets             BIGINT NOT NULL DEFAULT 0,
    refused            BIGINT NOT NULL DEFAULT 0, -- connections asked for and not taken
    PRIMARY KEY (site_id, client, server, transport, port)
);
CREATE INDEX conversation_by_server   ON conversation (site_id, server, client);
CREATE INDEX conversation_by_protocol ON conversation (site_id, protocol, client, server);
CREATE INDEX conversation_by_last     ON conversation (site_id, last_ns);

-- What was done over a conversation, summed; errors are among the responses.
CREATE TABLE operation (
    site_id   BIGINT NOT NULL REFERENCES site (id),
    client    TEXT   NOT NULL,
    server    TEXT   NOT NULL,
    protocol  TEXT   NOT NULL,
    operation TEXT   NOT NULL,
    code      TEXT   NOT NULL,
    class     TEXT   NOT NULL,
    target    TEXT   NOT NULL DEFAULT '',
    requests  BIGINT NOT NULL DEFAULT 0,
    responses BIGINT NOT NULL DEFAULT 0,
    errors    BIGINT NOT NULL DEFAULT 0,
    first_ns  BIGINT NOT NULL,
    last_ns   BIGINT NOT NULL,
    PRIMARY KEY (site_id, client, server, protocol, code, operation, class, target)
);
CREATE INDEX operation_by_server   ON operation (site_id, server, protocol);
CREATE INDEX operation_by_protocol ON operation (site_id, protocol, code);
CREATE INDEX operation_by_class    ON operation (site_id, class, last_ns);

-- A thing noticed at parse level. number counts within the source, so that the same source gives the same rows.
CREATE TABLE event (
    site_id   BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    number    BIGINT NOT NULL,
    time_ns   BIGINT NOT NULL,
    kind      TEXT   NOT NULL,
    protocol  TEXT   NOT NULL DEFAULT '',
    client    TEXT   NOT NULL DEFAULT '',
    server    TEXT   NOT NULL DEFAULT '',
    detail    TEXT   NOT NULL DEFAULT '',
    frame     BIGINT NOT NULL DEFAULT 0, -- the frame's number in the source, from 1; 0 where no single frame shows it
    PRIMARY KEY (site_id, source_id, number),
    FOREIGN KEY (site_id, source_id) REFERENCES source (site_id, id)
);
CREATE INDEX event_by_time   ON event (site_id, time_ns);
CREATE INDEX event_by_kind   ON event (site_id, kind, time_ns);
CREATE INDEX event_by_client ON event (site_id, client, time_ns);
CREATE INDEX event_by_server ON event (site_id, server, time_ns);
