-- The schema of mod_scim. Applied by "scimctl migrate", in one transaction; files of this directory are never changed after a
-- release, the next change is the next number.
--
-- Every key, foreign key and index of resource, membership and unique_value begins with the tenant: no statement ever crosses
-- tenants, and the tables can be distributed by tenant as they are.

create schema scim;
comment on schema scim is 'SCIM 2.0 users and groups. Applications read its views; the tables belong to mod_scim.';

create table scim.migration (
    number integer primary key,
    name text not null,
    applied timestamptz not null default now()
);

create table scim.tenant (
    id bigint generated always as identity primary key,
    name text collate "C" not null constraint tenant_name unique,
    state text not null default 'active' constraint tenant_state check (state in ('active', 'paused', 'disabled')),
    profile text collate "C",
    created timestamptz not null default now()
);
comment on column scim.tenant.profile is 'Profile of the tenant, at every Location; null: that of the Location.';

-- Only the hash of a token is here.
create table scim.token (
    id bigint generated always as identity primary key,
    tenant bigint not null constraint token_tenant references scim.tenant (id) on delete cascade,
    name text not null,
    sha256 text collate "C" not null constraint token_sha256 unique,
    rights text[] not null default '{read,write}' constraint token_rights check (rights <@ '{read,write}'),
    endpoints text[],
    created timestamptz not null default now(),
    expires timestamptz,
    last_used timestamptz,
    revoked timestamptz
);
create index token_tenant on scim.token (tenant);
create unique index token_name on scim.token (tenant, name) where revoked is null;

-- doc is what clients read back, kept verbatim. The keys beside it are what searches compare with: prepared and folded by the
-- program, hence collation "C". folded is the document as search keys. The fill factor leaves room for a new version in the
-- same page, so that a change which touches no index stays cheap (a group gets a new version with each change of members).
-- The GIN index takes new entries at once: a list of pending ones would make each search ten times slower while users arrive.
create table scim.resource (
    tenant bigint not null constraint resource_tenant references scim.tenant (id),
    id uuid not null,
    type text collate "C" not null,
    version bigint not null,
    created timestamptz not null,
    modified timestamptz not null,
    user_name text collate "C",
    external_id text collate "C",
    display_name text collate "C",
    display text,
    active boolean,
    password text,
    doc json not null,
    folded jsonb not null,
    constraint resource_pkey primary key (tenant, id)
) with (fillfactor = 90);

create unique index resource_user_name on scim.resource (tenant, user_name) where user_name is not null;
create index resource_type on scim.resource (tenant, type, id);
create index resource_external_id on scim.resource (tenant, type, external_id) where external_id is not null;
create index resource_display_name on scim.resource (tenant, type, display_name) where display_name is not null;
create index resource_folded on scim.resource using gin (folded jsonb_path_ops) with (fastupdate = off);

create table scim.membership (
    tenant bigint not null,
    group_id uuid not null,
    member_id uuid not null,
    member_type text collate "C" not null constraint membership_type check (member_type in ('User', 'Group')),
    constraint membership_pkey primary key (tenant, group_id, member_id),
    constraint membership_group foreign key (tenant, group_id) references scim.resource (tenant, id) on delete cascade,
    constraint membership_member foreign key (tenant, member_id) references scim.resource (tenant, id) on delete cascade
);
create index membership_member on scim.membership (tenant, member_id);

-- The groups of a member, direct and through other groups, as lines "<D or I><uuid><name as JSON>". "union" lets each group come in once
-- as direct and once as indirect, so circles end. A function, so that its plan is made once for each connection and not with
-- every statement that shows groups.
create function scim.groups_of(of_tenant bigint, of_member uuid) returns text
language plpgsql stable parallel safe as $$
begin
    return (
        with recursive up (id, direct) as (
            select m.group_id, true from scim.membership m where m.tenant = of_tenant and m.member_id = of_member
            union
            select m.group_id, false from up join scim.membership m on m.tenant = of_tenant and m.member_id = up.id
        )
        select string_agg(case when u.direct then 'D' else 'I' end || u.id || coalesce(to_json(g.display)::text, ''), e'\n' order by u.id)
          from (select up.id, bool_or(up.direct) as direct from up group by up.id) u
          join scim.resource g on g.tenant = of_tenant and g.id = u.id
    );
end
$$;
comment on function scim.groups_of is 'For mod_scim itself; applications read the view memberships.';

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

-- What applications read.

create view scim.users as
select t.name as tenant,
       r.id,
       r.doc ->> 'userName' as user_name,
       r.user_name as user_name_key,
       r.external_id,
       coalesce(r.active, true) as active,
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
  from scim.resource r
  join scim.tenant t on t.id = r.tenant
 where r.type = 'User';

comment on view scim.users is 'One row for each user of each tenant.';
comment on column scim.users.tenant is 'Name of the tenant. Always say it in the WHERE clause: names are unique within a tenant only.';
comment on column scim.users.id is 'Id of the user, given by the server; never changes.';
comment on column scim.users.user_name is 'userName as the client wrote it.';
comment on column scim.users.user_name_key is 'userName in lower case (RFC 8265): unique in the tenant and indexed. Look users up by it.';
comment on column scim.users.external_id is 'Id that the client gave the user. Indexed.';
comment on column scim.users.active is 'False for a user who must not sign in.';
comment on column scim.users.email is 'The primary address, else the first of type work, else the first.';
comment on column scim.users.manager_id is 'Id of the manager as the client gave it: normally the id of a user of the same tenant.';
comment on column scim.users.modified is 'Time of the last change to the user; a change of groups does not move it.';
comment on column scim.users.doc is 'All attributes as JSON, in the form of RFC 7643.';

create view scim.groups as
select t.name as tenant,
       r.id,
       r.doc ->> 'displayName' as display_name,
       r.external_id,
       r.created,
       r.modified,
       r.doc
  from scim.resource r
  join scim.tenant t on t.id = r.tenant
 where r.type = 'Group';

comment on view scim.groups is 'One row for each group of each tenant. Members are in scim.memberships.';
comment on column scim.groups.tenant is 'Name of the tenant. Always say it in the WHERE clause.';
comment on column scim.groups.id is 'Id of the group, given by the server; never changes.';
comment on column scim.groups.external_id is 'Id that the client gave the group. Indexed.';
comment on column scim.groups.modified is 'Time of the last change to the group or its direct members.';
comment on column scim.groups.doc is 'All attributes but the members as JSON, in the form of RFC 7643.';

create view scim.memberships as
select t.name as tenant,
       m.group_id,
       g.doc ->> 'displayName' as group_name,
       m.member_id,
       m.member_type,
       u.doc ->> 'userName' as user_name
  from scim.membership m
  join scim.tenant t on t.id = m.tenant
  join scim.resource g on g.tenant = m.tenant and g.id = m.group_id
  join scim.resource u on u.tenant = m.tenant and u.id = m.member_id;

comment on view scim.memberships is 'One row for each direct member of each group of each tenant.';
comment on column scim.memberships.tenant is 'Name of the tenant. Always say it in the WHERE clause.';
comment on column scim.memberships.member_type is 'User, or Group for a nested group.';
comment on column scim.memberships.user_name is 'userName of the member as the client wrote it; NULL for a nested group.';
