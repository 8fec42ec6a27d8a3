-- Data for script/bench: 20 tenants with 5,000 users each, and tenant 21 with 110,000 users and groups of 10, 1,000 and 100,000
-- members. Ids are made from numbers, so that the load scripts can name them without a list.
-- psql variables: hashes of the tokens as :'tokens' (21 hexadecimal hashes, comma-separated).

insert into scim.tenant (name) select 'bench' || i from generate_series(1, 21) i order by i;

insert into scim.token (tenant, name, sha256)
select t.id, 'bench', h.hash
from unnest(string_to_array(:'tokens', ',')) with ordinality h(hash, i)
join scim.tenant t on t.name = 'bench' || h.i;

create function pg_temp.bench_id(kind int, n bigint) returns uuid language sql immutable as
$$ select ('01900000-000' || kind || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;

-- As mod_scim makes them: the first 64 bits of a SHA-256.
create function pg_temp.bench_key(tenant bigint, attribute text, value text) returns bigint language sql immutable as
$$ select ('x' || encode(substr(sha256(convert_to(tenant || e'\nUser\n' || attribute || e'\n' || value, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint $$;

insert into scim.resource (tenant, id, type, version, created, modified, user_name, external_id, display_name, display, active, keys, doc, folded)
select t.id, pg_temp.bench_id(0, u.n), 'User', 1, now(), now(), u.name, 'ext-' || u.n, 'user number ' || u.n, 'User Number ' || u.n, true,
       array[pg_temp.bench_key(t.id, 'name.formatted', 'user number ' || u.n), pg_temp.bench_key(t.id, 'name.familyName', 'number' || u.n),
             pg_temp.bench_key(t.id, 'name.givenName', 'user'), pg_temp.bench_key(t.id, 'title', 'engineer'),
             pg_temp.bench_key(t.id, 'emails.value', u.name), pg_temp.bench_key(t.id, 'emails.value', u.n || '@home.example'),
             pg_temp.bench_key(t.id, 'phoneNumbers.value', '+1 555 ' || u.n),
             pg_temp.bench_key(t.id, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber', u.n::text),
             pg_temp.bench_key(t.id, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', 'department ' || u.n % 50)],
       ('{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],'
        || '"externalId":"ext-' || u.n || '","userName":"' || u.name || '","name":{"formatted":"User Number ' || u.n
        || '","familyName":"Number' || u.n || '","givenName":"User"},"displayName":"User Number ' || u.n
        || '","title":"Engineer","preferredLanguage":"en-US","active":true,"emails":[{"value":"' || u.name
        || '","type":"work","primary":true},{"value":"' || u.n || '@home.example","type":"home"}],"phoneNumbers":[{"value":"+1 555 '
        || u.n || '","type":"work"}],"addresses":[{"streetAddress":"1 Main Street","locality":"Springfield","postalCode":"12345",'
        || '"country":"US","type":"work"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"' || u.n
        || '","department":"Department ' || u.n % 50 || '"}}')::json,
       jsonb_build_object(
           'name', jsonb_build_object('formatted', 'user number ' || u.n, 'familyName', 'number' || u.n, 'givenName', 'user'),
           'title', 'engineer', 'preferredLanguage', 'en-us',
           'emails', jsonb_build_array(jsonb_build_object('value', u.name, 'type', 'work', 'primary', true),
                                       jsonb_build_object('value', u.n || '@home.example', 'type', 'home')),
           'phoneNumbers', jsonb_build_array(jsonb_build_object('value', '+1 555 ' || u.n, 'type', 'work')),
           'addresses', jsonb_build_array(jsonb_build_object('streetAddress', '1 main street', 'locality', 'springfield',
                                                             'postalCode', '12345', 'country', 'us', 'type', 'work')),
           'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
           jsonb_build_object('employeeNumber', u.n::text, 'department', 'department ' || u.n % 50))
from (select n, case when n < 100000 then n % 20 + 1 else 21 end as tenant_number, 'user' || n || '@bench.example' as name
      from generate_series(0, 209999) n) u
join scim.tenant t on t.name = 'bench' || u.tenant_number;

-- Four groups of each size; their members are the first users of tenant 21.
insert into scim.resource (tenant, id, type, version, created, modified, display_name, display, doc, folded)
select t.id, pg_temp.bench_id(1, s.size * 10 + k), 'Group', 1, now(), now(), 'group ' || s.size || ' ' || k, 'Group ' || s.size || ' ' || k,
       ('{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Group ' || s.size || ' ' || k || '"}')::json, '{}'
from scim.tenant t, (values (10), (1000), (100000)) s(size), generate_series(0, 3) k
where t.name = 'bench21';

insert into scim.membership (tenant, group_id, member_id, member_type)
select t.id, pg_temp.bench_id(1, s.size * 10 + k), pg_temp.bench_id(0, 100000 + m), 'User'
from scim.tenant t, (values (10), (1000), (100000)) s(size), generate_series(0, 3) k, lateral generate_series(0, s.size - 1) m
where t.name = 'bench21';
