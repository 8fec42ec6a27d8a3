-- The schema of mod_scim. Applied by "scimctl migrate", in one transaction; files of this directory are never changed after a
-- release, the next change is the next number. doc/storage.md tells what was measured before it became like this, and which
-- privileges the roles of a service and of its readers need.
--
-- Every key, foreign key and index of resource, membership, unique_value and tombstone begins with the tenant, or holds it
-- (resource_keys: in each hash): no statement ever crosses tenants, and the tables can be distributed by tenant as they are.

create schema scim;
comment on schema scim is 'SCIM 2.0 users and groups. Applications read its views; the tables belong to mod_scim.';

create table scim.migration (
    number integer primary key,
    name text not null,
    applied timestamptz not null default now()
);

-- ---- Customers, and who may act for them ----

-- profile: the name of a <SCIMProfile>; without one the tenant has that of its Location. directory_*: the tenant of the customer's own
-- identity provider (Entra ID: name and GUID), and when the customer confirmed that it is his.
create table scim.tenant (
    id bigint generated always as identity primary key,
    name text collate "C" not null constraint tenant_name unique,
    state text not null default 'active' constraint tenant_state check (state in ('active', 'paused', 'disabled')),
    profile text collate "C",
    directory_name text,
    directory_id text collate "C",
    directory_confirmed timestamptz,
    created timestamptz not null default now()
);

-- One program that provisions a tenant: several for each customer, each with tokens of its own, and switched off on its own. A profile
-- here narrows that of the tenant.
create table scim.integration (
    tenant bigint not null constraint integration_tenant references scim.tenant (id) on delete cascade,
    id bigint generated always as identity,
    name text collate "C" not null,
    profile text collate "C",
    state text not null default 'active' constraint integration_state check (state in ('active', 'paused', 'disabled')),
    created timestamptz not null default now(),
    constraint integration_pkey primary key (tenant, id),
    constraint integration_name unique (tenant, name)
);

-- Only the hash of a token is here. person: the user whom /Me means (no foreign key: the token table is the same on all nodes, users
-- are not). Endpoints and sources: NULL means all. A profile here narrows that of the integration.
create table scim.token (
    id bigint generated always as identity primary key,
    tenant bigint not null constraint token_tenant references scim.tenant (id) on delete cascade,
    integration bigint,
    person uuid,
    name text not null,
    sha256 text collate "C" not null constraint token_sha256 unique,
    rights text[] not null default '{read,write}' constraint token_rights check (rights <@ '{read,write}'),
    read_endpoints text[],
    write_endpoints text[],
    sources cidr[],
    profile text collate "C",
    created timestamptz not null default now(),
    expires timestamptz,
    last_used timestamptz,
    revoked timestamptz,
    constraint token_integration foreign key (tenant, integration) references scim.integration (tenant, id) on delete cascade
);
create index token_tenant on scim.token (tenant);
create unique index token_name on scim.token (tenant, name) where revoked is null;

-- Keys by which the service seals what it gives to clients to be brought back (cursors of lists). A new one comes each week, and the old ones
-- stay for two days. They open nothing that is stored: who has one could read and make cursors, which a token of the tenant has to come with.
create table scim.secret (
    id integer generated always as identity primary key,
    key bytea not null constraint secret_key check (length(key) = 32),
    created timestamptz not null default now()
);
insert into scim.secret (key) values (sha256(convert_to(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), 'UTF8')));

-- Which tenant a database role reads through the views; a role that is member of this one reads it too. tenant NULL: all of them.
create table scim.reader (
    role name not null,
    tenant bigint constraint reader_tenant references scim.tenant (id) on delete cascade,
    constraint reader_once unique nulls not distinct (role, tenant)
);

-- ---- Resources ----

-- doc is what clients read back, kept verbatim. The columns beside it are what searches compare with: prepared and folded by the
-- program, hence collation "C". folded is the document as a search document; keys are 64-bit hashes of (tenant, type, attribute, value)
-- for the values that are worth looking up: what they find is checked against folded. write_id is new with each write: a client of the
-- database that lost the reply finds out whether its write is there.
--
-- The fill factor leaves room for a new version in the same page, so that a change which touches no index stays cheap (a group gets a
-- new version with each change of members). Indexes to sort by hold null too: missing values come last, or first descending.
-- The GIN index takes new entries at once: a list of pending ones would make each search ten times slower while users arrive.
-- Vacuum comes after 2 % of changed rows: with the usual 20 % of a large table, deep pages would read dead rows for days. No plan
-- depends on what stands in keys, doc and folded: they need no statistics.
create table scim.resource (
    tenant bigint not null constraint resource_tenant references scim.tenant (id),
    id uuid not null,
    type text collate "C" not null,
    version bigint not null,
    write_id uuid not null default gen_random_uuid(),
    created timestamptz not null,
    modified timestamptz not null,
    user_name text collate "C",
    external_id text collate "C",
    display_name text collate "C",
    display text,
    active boolean,
    password text,
    keys bigint[],
    doc json not null,
    folded jsonb not null,
    constraint resource_pkey primary key (tenant, id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

alter table scim.resource
    alter column keys set statistics 0,
    alter column doc set statistics 0,
    alter column folded set statistics 0;

create unique index resource_user_name on scim.resource (tenant, user_name);
create index resource_type on scim.resource (tenant, type, id);
create index resource_created on scim.resource (tenant, type, created, id);
create index resource_external_id on scim.resource (tenant, type, external_id, id);
create index resource_display_name on scim.resource (tenant, type, display_name, id);
create index resource_keys on scim.resource using gin (keys) with (fastupdate = off) where keys is not null;

-- What was deleted, kept for a while: by whom the delete was is told by its write_id. Pruned by time.
create table scim.tombstone (
    tenant bigint not null constraint tombstone_tenant references scim.tenant (id) on delete cascade,
    id uuid not null,
    type text collate "C" not null,
    write_id uuid not null,
    deleted timestamptz not null default now(),
    constraint tombstone_pkey primary key (tenant, id)
);
create index tombstone_deleted on scim.tombstone (deleted);

create table scim.membership (
    tenant bigint not null,
    group_id uuid not null,
    member_id uuid not null,
    member_type text collate "C" not null constraint membership_type check (member_type in ('User', 'Group')),
    constraint membership_pkey primary key (tenant, group_id, member_id),
    constraint membership_group foreign key (tenant, group_id) references scim.resource (tenant, id) on delete cascade,
    constraint membership_member foreign key (tenant, member_id) references scim.resource (tenant, id) on delete cascade
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
create index membership_member on scim.membership (tenant, member_id);

-- Values of attributes that a schema declares unique, userName apart: it has a column.
create table scim.unique_value (
    tenant bigint not null,
    resource_id uuid not null,
    type text collate "C" not null,
    attribute text collate "C" not null,
    value text collate "C" not null,
    constraint unique_value_pkey primary key (tenant, resource_id, attribute),
    constraint unique_value_taken unique (tenant, type, attribute, value),
    constraint unique_value_resource foreign key (tenant, resource_id) references scim.resource (tenant, id) on delete cascade
);

-- ---- Journal ----

-- What was done, by whom: provisioning log, audit trail and outbox at once. Rows are only added; a month goes by dropping its partition.
--
-- Readers that must miss nothing go by (xid, sequence) and take only rows below the horizon,
--   where xid < pg_snapshot_xmin(pg_current_snapshot())
-- so that no row can still appear before one that was read; there is no counter row for writers to wait for. The order of the changes of
-- one resource is that of its versions. A dump restored into another cluster keeps the numbers of the old one's transactions: set them
-- to 0 there.
--
-- token, integration and tenant have no foreign key: the journal outlives them. attributes: names of what was changed, never values;
-- "before" and "after" hold values only where somebody asked for them. Refused requests tell the HTTP status and the reason.
create sequence scim.journal_sequence as bigint cache 32;
create table scim.journal (
    tenant bigint not null,
    time timestamptz not null default now(),
    sequence bigint not null default nextval('scim.journal_sequence'),
    xid xid8 not null default pg_current_xact_id(),
    token bigint,
    integration bigint,
    actor text,
    request text collate "C",
    operation text collate "C" not null,
    type text collate "C",
    resource_id uuid,
    name text,
    version bigint,
    attributes text[],
    before json,
    after json,
    outcome text collate "C" not null constraint journal_outcome check (outcome in ('done', 'refused')),
    status smallint,
    reason text,
    constraint journal_pkey primary key (tenant, time, sequence)
) partition by range (time);
create index journal_order on scim.journal (xid, sequence);

-- Takes what no partition was made for: a write never fails because nobody looked after the partitions.
create table scim.journal_default partition of scim.journal default;

-- Makes the partitions of this month and of so many after it (UTC), and moves there what the default partition has taken meanwhile.
-- Gives how many are new.
create function scim.journal_ahead(months integer) returns integer
language plpgsql set search_path = pg_catalog as $$
declare
    made integer := 0;
    lower_end timestamptz;
    upper_end timestamptz;
    partition text;
begin
    for i in 0 .. months loop
        lower_end := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
        upper_end := (date_trunc('month', now() at time zone 'UTC') + make_interval(months => i + 1)) at time zone 'UTC';
        partition := 'journal_' || to_char(lower_end at time zone 'UTC', 'YYYY_MM');
        continue when to_regclass('scim.' || partition) is not null;
        execute format('create table scim.%I (like scim.journal including defaults including constraints)', partition);
        execute format('with early as (delete from scim.journal_default j where j.time >= %L and j.time < %L returning j.*) '
                       'insert into scim.%I select * from early', lower_end, upper_end, partition);
        execute format('alter table scim.journal attach partition scim.%I for values from (%L) to (%L)', partition, lower_end, upper_end);
        made := made + 1;
    end loop;
    return made;
end
$$;
comment on function scim.journal_ahead is 'For scimctl: makes the partitions of the journal for this month and so many after it.';

-- Drops the months that ended before the time given, and what is older in the default partition. Gives how many partitions went.
create function scim.journal_forget(older_than timestamptz) returns integer
language plpgsql set search_path = pg_catalog as $$
declare
    gone integer := 0;
    partition name;
begin
    for partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'scim.journal'::regclass and c.relname ~ '^journal_\d{4}_\d{2}$'
    loop
        continue when (to_date(right(partition, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC' > older_than;
        execute format('drop table scim.%I', partition);
        gone := gone + 1;
    end loop;
    delete from scim.journal_default j where j.time < older_than;
    return gone;
end
$$;
comment on function scim.journal_forget is 'For scimctl: drops what the journal holds of months that ended before a time.';

select scim.journal_ahead(2);

-- ---- What applications read ----

-- The tenants that the current role may read: those of its rows in scim.reader; all for who owns the tables. Each of the three questions
-- is asked once for a statement. All views below go through this one; as barriers they let no condition of a query see other rows.
create view scim.tenants with (security_barrier) as
select t.id,
       t.name as tenant,
       t.state,
       t.directory_name,
       t.directory_id,
       t.directory_confirmed,
       t.created
  from scim.tenant t
 where (select pg_has_role(c.relowner, 'usage') from pg_catalog.pg_class c where c.oid = 'scim.tenant'::regclass)
    or (select count(*) > 0 from scim.reader p join pg_catalog.pg_roles a on a.rolname = p.role
         where p.tenant is null and pg_has_role(a.oid, 'usage'))
    or t.id in (select p.tenant from scim.reader p join pg_catalog.pg_roles a on a.rolname = p.role where pg_has_role(a.oid, 'usage'));

comment on view scim.tenants is 'One row for each tenant that the current role may read.';
comment on column scim.tenants.directory_name is 'Name of the tenant at the customer''s identity provider.';
comment on column scim.tenants.directory_id is 'Id of the tenant at the customer''s identity provider, such as the GUID of an Entra ID tenant.';

create view scim.users with (security_barrier) as
select t.tenant,
       r.id,
       r.doc ->> 'userName' as user_name,
       r.user_name as user_name_key,
       r.external_id,
       r.active,
       r.doc ->> 'displayName' as display_name,
       r.doc -> 'name' ->> 'givenName' as given_name,
       r.doc -> 'name' ->> 'familyName' as family_name,
       r.doc ->> 'title' as title,
       (select e.value ->> 'value'
          from json_array_elements(r.doc -> 'emails') with ordinality e (value, place)
         order by e.value ->> 'primary' = 'true' desc nulls last, lower(e.value ->> 'type') = 'work' desc nulls last, e.place
         limit 1) as email,
       r.doc -> 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' ->> 'employeeNumber' as employee_number,
       r.doc -> 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' ->> 'department' as department,
       r.doc -> 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User' -> 'manager' ->> 'value' as manager_id,
       r.created,
       r.modified,
       r.doc
  from scim.tenants t
  join scim.resource r on r.tenant = t.id
 where r.type = 'User';

comment on view scim.users is 'One row for each user of each tenant.';
comment on column scim.users.tenant is 'Name of the tenant. Always say it in the WHERE clause: names are unique within a tenant only.';
comment on column scim.users.id is 'Id of the user, given by the server; never changes.';
comment on column scim.users.user_name is 'userName as the client wrote it.';
comment on column scim.users.user_name_key is 'userName as it is compared: unique in the tenant and indexed. Look users up by it.';
comment on column scim.users.external_id is 'Id that the client gave the user. Indexed.';
comment on column scim.users.active is 'False for a user who must not sign in. NULL where the profile gives no default and the client never said.';
comment on column scim.users.email is 'The primary address, else the first of type work, else the first.';
comment on column scim.users.manager_id is 'Id of the manager as the client gave it: normally the id of a user of the same tenant.';
comment on column scim.users.modified is 'Time of the last change to the user; a change of groups does not move it.';
comment on column scim.users.doc is 'All attributes as JSON, in the form of RFC 7643.';

create view scim.groups with (security_barrier) as
select t.tenant,
       r.id,
       r.doc ->> 'displayName' as display_name,
       r.external_id,
       r.created,
       r.modified,
       r.doc
  from scim.tenants t
  join scim.resource r on r.tenant = t.id
 where r.type = 'Group';

comment on view scim.groups is 'One row for each group of each tenant. Members are in scim.memberships.';
comment on column scim.groups.tenant is 'Name of the tenant. Always say it in the WHERE clause.';
comment on column scim.groups.id is 'Id of the group, given by the server; never changes.';
comment on column scim.groups.external_id is 'Id that the client gave the group. Indexed.';
comment on column scim.groups.modified is 'Time of the last change to the group or its direct members.';
comment on column scim.groups.doc is 'All attributes but the members as JSON, in the form of RFC 7643.';

create view scim.memberships with (security_barrier) as
select t.tenant,
       m.group_id,
       g.doc ->> 'displayName' as group_name,
       m.member_id,
       m.member_type,
       u.doc ->> 'userName' as user_name,
       u.user_name as user_name_key
  from scim.tenants t
  join scim.membership m on m.tenant = t.id
  join scim.resource g on g.tenant = t.id and g.id = m.group_id
  join scim.resource u on u.tenant = t.id and u.id = m.member_id;

comment on view scim.memberships is 'One row for each direct member of each group of each tenant.';
comment on column scim.memberships.tenant is 'Name of the tenant. Always say it in the WHERE clause.';
comment on column scim.memberships.member_type is 'User, or Group for a nested group.';
comment on column scim.memberships.user_name is 'userName of the member as the client wrote it; NULL for a nested group.';
comment on column scim.memberships.user_name_key is 'userName of the member as it is compared. Indexed.';

-- "union" lets each group come in once as direct and once as indirect, so circles end.
create view scim.effective_memberships with (security_barrier) as
select t.tenant,
       g.id as group_id,
       g.doc ->> 'displayName' as group_name,
       u.id as user_id,
       u.doc ->> 'userName' as user_name,
       u.user_name as user_name_key,
       e.direct
  from scim.tenants t
  join scim.resource u on u.tenant = t.id and u.type = 'User'
 cross join lateral (
        with recursive up (id, direct) as (
            select m.group_id, true from scim.membership m where m.tenant = t.id and m.member_id = u.id
            union
            select m.group_id, false from up join scim.membership m on m.tenant = t.id and m.member_id = up.id
        )
        select up.id, bool_or(up.direct) as direct from up group by up.id
       ) e
  join scim.resource g on g.tenant = t.id and g.id = e.id;

comment on view scim.effective_memberships is 'One row for each group that a user is in, directly or through other groups. Made to be asked by user.';
comment on column scim.effective_memberships.tenant is 'Name of the tenant. Always say it in the WHERE clause.';
comment on column scim.effective_memberships.user_name_key is 'userName as it is compared. Indexed.';
comment on column scim.effective_memberships.direct is 'False where the user is in the group only through other groups.';

create view scim.roles with (security_barrier) as
select e.tenant,
       e.user_id,
       e.user_name,
       e.user_name_key,
       e.group_name as role,
       e.group_id
  from scim.effective_memberships e
union all
select t.tenant,
       u.id,
       u.doc ->> 'userName',
       u.user_name,
       a.value ->> 'value',
       null
  from scim.tenants t
  join scim.resource u on u.tenant = t.id and u.type = 'User'
 cross join lateral json_array_elements(u.doc -> 'roles') a (value)
 where a.value ->> 'value' is not null;

comment on view scim.roles is 'One row for each role of a user: each group that the user is in, and each value of the attribute roles. Made to be asked by user.';
comment on column scim.roles.tenant is 'Name of the tenant. Always say it in the WHERE clause.';
comment on column scim.roles.role is 'Name of the group, or value of the attribute.';
comment on column scim.roles.group_id is 'The group that stands for the role; NULL for a value of the attribute roles.';

create view scim.changes with (security_barrier) as
select t.tenant,
       j.time,
       j.sequence,
       j.actor,
       j.request,
       j.operation,
       j.type,
       j.resource_id,
       j.name,
       j.version,
       j.attributes,
       j.outcome,
       j.status,
       j.reason
  from scim.tenants t
  join scim.journal j on j.tenant = t.id;

comment on view scim.changes is 'The journal: one row for each change, and for each request that was refused.';
comment on column scim.changes.tenant is 'Name of the tenant. Always say it in the WHERE clause, and a range of time.';
comment on column scim.changes.actor is 'Name of the token that the request came with.';
comment on column scim.changes.name is 'userName or displayName of the resource at that time.';
comment on column scim.changes.attributes is 'Names of the attributes that the request changed.';
