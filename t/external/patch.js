// npm's scim-patch for t/patch-oracle.t to ask. A line of JSON on standard input is {"type": "User" or "Group", "resource": {...}, "Operations":
// [...]}; the line that answers it is {"plain": OUTCOME, "adapted": OUTCOME, "classes": [...]}, where OUTCOME is {"resource": {...}} or
// {"error": scimType}.
//
// plain is what the package makes of the operations as they are. adapted is what it makes of them said so that it cannot depart from the RFCs:
// one at a time, with names as the schema spells them, with filters that select by whole elements, and so on. classes are the departures
// that were met on the way; t/external/README has the RFC's word on each.
'use strict';

const { scimPatch, patchBodyValidation } = require('scim-patch');
const { parse, filter } = require('scim2-parse-filter');

const PATCHOP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const CORE = { User: 'urn:ietf:params:scim:schemas:core:2.0:User', Group: 'urn:ietf:params:scim:schemas:core:2.0:Group' };
const OPTIONS = { mutateDocument: true, treatMissingAsAdd: false };

// ---- what the schemas say ----

const text = { type: 'string' };
const truth = { type: 'boolean' };
const listed = { list: true, parts: { value: text, display: text, type: text, primary: truth } };
const own = { readOnly: true };
const common = { id: own, meta: own, externalId: text };
const ATTRIBUTES = {
    User: {
        ...common, groups: own, userName: { type: 'string', required: true }, displayName: text, nickName: text, title: text, userType: text,
        active: truth, emails: listed, phoneNumbers: listed, ims: listed, roles: listed,
        name: { parts: { formatted: text, familyName: text, givenName: text, middleName: text, honorificPrefix: text, honorificSuffix: text } },
        addresses: { list: true, parts: { locality: text, country: text, region: text, type: text, primary: truth } },
    },
    Group: { ...common, displayName: { type: 'string', required: true }, members: { list: true, parts: { value: text } } },
};
const EXTENSION = { employeeNumber: text, costCenter: text, department: text, manager: { parts: { value: text, displayName: own } } };

class Refused extends Error {
    constructor(scimType) {
        super(scimType);
        this.scimType = scimType;
    }
}

const copy = (value) => JSON.parse(JSON.stringify(value));
const fold = (value) => (typeof value === 'string' ? value.toLowerCase() : value);
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
const HIDDEN = '"\\[]:.';
const hidden = (value) => (typeof value === 'string' ? value.replace(/["\\[\]:.]/g, (one) => String.fromCharCode(0xe000 + HIDDEN.indexOf(one))) : value);
const shown = (value) => (typeof value === 'string' ? value.replace(/[\ue000-\ue005]/g, (one) => HIDDEN[one.charCodeAt(0) - 0xe000]) : value);
const mapped = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value) => value === null || value === undefined || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
const find = (table, name) => Object.keys(table).find((key) => key.toLowerCase() === name.toLowerCase());

// All strings of an object or array, in place.
function change(value, map) {
    for (const key of Object.keys(value)) {
        value[key] = typeof value[key] === 'object' && value[key] !== null ? change(value[key], map) : map(value[key]);
    }
    return value;
}

// ---- paths ----

// Names as the schema spells them; the name alone of an extension is one of its own.
function readPath(type, path, seen) {
    const head = path.replace(/\[.*$/s, '');
    const colon = head.lastIndexOf(':');
    const urn = head.slice(0, Math.max(colon, 0));
    const match = /^([\w$-]+)(?:\[(.*)\])?(?:\.([\w$-]+))?$/.exec(path.slice(colon + 1));

    if (fold(path) === fold(ENTERPRISE) && type === 'User') {
        return { container: true };
    }
    if (!match) {
        throw new Refused('invalidPath');
    }
    const extension = fold(urn) === fold(ENTERPRISE) && type === 'User';
    const table = extension ? EXTENSION : urn === '' || fold(urn) === fold(CORE[type]) ? ATTRIBUTES[type] : {};
    const name = find(table, match[1]);
    const attribute = name && table[name];
    const sub = match[3] && attribute && attribute.parts ? find(attribute.parts, match[3]) : undefined;
    if (!name || (match[3] && !sub && !attribute.readOnly)) {
        seen.add('schema');
        throw new Refused('invalidPath');
    }
    if (name !== match[1] || (sub && sub !== match[3]) || !['', ENTERPRISE, CORE[type]].includes(urn)) {
        seen.add('names');
    }
    const prefix = extension ? `${ENTERPRISE}:` : '';
    return { attribute, extension, name, prefix, sub, part: sub && attribute.parts[sub], filter: match[2] };
}

const holder = (resource, at) => (at.extension ? resource[ENTERPRISE] || {} : resource);
const listOf = (resource, at) => (Array.isArray(holder(resource, at)[at.name]) ? holder(resource, at)[at.name] : []);

// The elements that a filter selects, compared as the schema says; parts that the schema lacks are none to compare.
function matches(resource, at, seen) {
    const list = listOf(resource, at);
    let selected, plainly;

    if (/[\\[\]:]/.test(at.filter)) {
        seen.add('text');
    }
    try {
        const names = /"(?:[^"\\]|\\.)*"|\b(?:eq|ne|co|sw|ew|gt|ge|lt|le|pr|and|or|not|true|false|null)\b|([$\w]+)/gi;
        for (const [, name] of at.filter.matchAll(names)) {
            if (name !== undefined && !find(at.attribute.parts, name)) {
                seen.add('schema');
                throw new Refused('invalidFilter');
            }
        }
        const safe = at.filter.replace(QUOTED, (literal) => JSON.stringify(hidden(JSON.parse(literal))));
        const folded = filter(parse(safe.toLowerCase()));
        const plain = filter(parse(safe));
        selected = list.filter((element) => folded(mapped(element, (value) => fold(hidden(value)))));
        plainly = list.filter((element) => plain(mapped(element, hidden)));
    } catch (error) {
        throw error instanceof Refused ? error : new Refused('invalidFilter');
    }
    if (selected.length !== plainly.length || selected.some((element, i) => element !== plainly[i])) {
        seen.add('case');
    }
    return selected;
}

// A path of just these elements.
function pathOf(at, elements, sub) {
    const one = (element) => Object.keys(at.attribute.parts).map((part) => (
        part in element ? `${part} eq ${JSON.stringify(hidden(element[part]))}` : `not (${part} pr)`)).join(' and ');

    return `${at.prefix}${at.name}[${elements.map((element) => `(${one(element)})`).join(' or ')}]${sub ? `.${sub}` : ''}`;
}

// ---- values ----

function checkType(definition, value, seen) {
    if (typeof value !== definition.type) {
        seen.add('type');
        throw new Refused('invalidValue');
    }
}

function checkParts(attribute, value, seen) {
    if (!isObject(value)) {
        seen.add('type');
        throw new Refused('invalidValue');
    }
    for (const [name, part] of Object.entries(value)) {
        if (!attribute.parts[name]) {
            seen.add('schema');
            throw new Refused('invalidPath');
        }
        checkType(attribute.parts[name], part, seen);
    }
}

// Elements of the same value and type are one; without a value, those that are equal.
const keyOf = (at, element) => (element.value === undefined ? JSON.stringify(Object.entries(element).sort())
    : at.name === 'members' ? fold(element.value) : `${fold(element.value)}\n${fold(element.type) || ''}`);

// ---- one operation ----

// With characters hidden that the package takes for its own in paths; the objects stay the same.
function run(resource, op, path, value) {
    change(resource, hidden);
    scimPatch(resource, [value === undefined ? { op, path } : { op, path, value: change(copy([value]), hidden)[0] }], OPTIONS);
    change(resource, shown);
}

// The element as it is in the list.
function appended(resource, at, element) {
    const before = [...listOf(resource, at)];

    run(resource, 'add', at.prefix + at.name, [element]);
    return listOf(resource, at).filter((one) => !before.includes(one));
}

// At most one is primary: an element made so takes it from the others. Empty ones go.
function settle(resource, at, touched, seen) {
    const list = listOf(resource, at);
    const primary = list.filter((element) => element.primary === true);
    const chosen = primary.filter((element) => touched.includes(element));

    if (chosen.length > 1) {
        seen.add('primary');
        throw new Refused('invalidValue');
    }
    if (chosen.length === 1 && primary.length > 1) {
        seen.add('primary');
        primary.filter((element) => element !== chosen[0]).forEach((element) => { element.primary = false; });
    }
    if (list.some(isEmpty)) {
        holder(resource, at)[at.name] = list.filter((element) => !isEmpty(element));
    }
    if (isEmpty(holder(resource, at)[at.name])) {
        delete holder(resource, at)[at.name];
    }
}

function withoutPath(resource, type, kind, value, seen) {
    if (kind === 'remove') {
        throw new Refused('noTarget');
    }
    if (value === undefined || !isObject(value)) {
        seen.add(value === undefined ? 'valueless' : 'type');
        throw new Refused('invalidValue');
    }
    for (const [key, one] of Object.entries(value)) {
        const table = ATTRIBUTES[type];
        const name = find(table, key);
        if (fold(key) === fold(ENTERPRISE) && type === 'User') {
            seen.add('extension');
        } else if (name && table[name].parts) {
            seen.add(table[name].list ? 'list' : 'merge');
        }
        apply(resource, type, { op: kind, path: key, value: one }, seen);
    }
}

function container(resource, type, kind, value, seen) {
    seen.add('extension');
    if (kind === 'remove') {
        delete resource[ENTERPRISE];
        return;
    }
    if (value === undefined || !isObject(value)) {
        seen.add(value === undefined ? 'valueless' : 'type');
        throw new Refused('invalidValue');
    }
    for (const [key, one] of Object.entries(value)) {
        apply(resource, type, { op: kind, path: `${ENTERPRISE}:${key}`, value: one }, seen);
    }
}

function removal(resource, at, value, seen) {
    const list = listOf(resource, at);

    if (at.attribute.required || (at.part && at.part.required)) {
        seen.add('required');
        throw new Refused('mutability');
    }
    if (at.attribute.list && !at.filter && !at.sub && value !== undefined) {
        const names = Array.isArray(value) ? value : [value];
        const named = list.filter((element) => names.some((name) => Object.entries(name).every(([part, one]) => (
            (part === 'primary' && name.value !== undefined) || fold(element[part]) === fold(one)))));
        seen.add('named');
        if (named.length > 0) {
            run(resource, 'remove', pathOf(at, named));
        }
        return;
    }
    if (!at.attribute.list || (!at.filter && !at.sub)) {
        run(resource, 'remove', `${at.prefix}${at.name}${at.sub ? `.${at.sub}` : ''}`);
        return;
    }
    const selected = at.filter ? matches(resource, at, seen) : list;
    if (!at.filter) {
        seen.add('every');
    }
    if (selected.length === 0) {
        seen.add('nothing');
        return;
    }
    run(resource, 'remove', pathOf(at, selected, at.sub));
}

const parsed = (at) => parse(at.filter.replace(QUOTED, (literal) => JSON.stringify(hidden(JSON.parse(literal)))));

// attr = literal terms joined by and; nothing for any other filter.
function pairs(node) {
    if (node.op === 'eq') {
        return [[node.attrPath, node.compValue]];
    }
    const each = node.op === 'and' ? node.filters.map(pairs) : [undefined];
    return each.includes(undefined) ? undefined : each.flat();
}

// add of nothing where nothing matches: the filter has to be one that would do.
function nothingCreated(at, seen) {
    seen.add('null');
    if (!pairs(parsed(at))) {
        seen.add('unmatched');
        throw new Refused('noTarget');
    }
    return [];
}

// add where nothing matches: the element that the filter asks for.
function created(resource, at, value, seen) {
    const terms = pairs(parsed(at));

    if (!terms) {
        seen.add('unmatched');
        throw new Refused('noTarget');
    }
    if (terms.length > 1 || !at.sub) {
        seen.add('unmatched');
    }
    const element = Object.fromEntries(terms.map(([name, literal]) => [find(at.attribute.parts, name), shown(literal)]));
    Object.assign(element, at.sub ? { [at.sub]: value } : value);
    if (matches({ [at.name]: [element] }, at, seen).length === 0) {
        seen.add('unmatched');
        throw new Refused('noTarget');
    }
    return appended(resource, at, element);
}

function selection(resource, kind, at, value, seen) {
    const selected = at.filter ? matches(resource, at, seen) : listOf(resource, at);

    if (!at.filter) {
        seen.add('every');
    }
    if (at.part) {
        isEmpty(value) || checkType(at.part, value, seen);
    } else {
        checkParts(at.attribute, value, seen);
    }
    if (selected.length === 0) {
        if (kind === 'replace' || !at.filter) {
            throw new Refused('noTarget');
        }
        return isEmpty(value) ? nothingCreated(at, seen) : created(resource, at, value, seen);
    }
    if (at.sub && isEmpty(value)) {
        seen.add('null');
        if (kind === 'replace') {
            run(resource, 'remove', pathOf(at, selected, at.sub));
        }
    } else if (!at.sub && kind === 'replace') {
        seen.add('whole');
        const elements = listOf(resource, at);
        return selected.map((element) => {
            const whole = copy(value);
            elements[elements.indexOf(element)] = whole;
            return whole;
        });
    } else {
        run(resource, kind, pathOf(at, selected, at.sub), value);
    }
    return selected;
}

function list(resource, kind, at, value, seen) {
    const values = Array.isArray(value) ? value : [value];

    values.forEach((element) => checkParts(at.attribute, element, seen));
    if (values.filter((element) => element.primary === true).length > 1) {
        seen.add('primary');
        throw new Refused('invalidValue');
    }
    if (values !== value) {
        seen.add('single');
    }
    if (kind === 'replace') {
        run(resource, 'replace', at.prefix + at.name, values);
        return listOf(resource, at);
    }
    return values.map((element) => {
        const same = listOf(resource, at).find((one) => keyOf(at, one) === keyOf(at, element));
        if (!same) {
            return appended(resource, at, element);
        }
        const news = Object.fromEntries(Object.entries(element).filter(([part, one]) => fold(same[part]) !== fold(one)));
        if (Object.keys(element).length !== Object.keys(same).length || Object.entries(element).some(([part, one]) => same[part] !== one)) {
            seen.add('same');
        }
        if (!isEmpty(news)) {
            run(resource, 'add', pathOf(at, [same]), news);
        }
        return same;
    }).flat();
}

function apply(resource, type, operation, seen) {
    const kind = String(operation.op).toLowerCase();
    const { path, value } = operation;

    if (!['add', 'replace', 'remove'].includes(kind)) {
        throw new Refused('invalidSyntax');
    }
    if (!['add', 'Add', 'replace', 'Replace', 'remove', 'Remove'].includes(operation.op)) {
        seen.add('operation');
    }
    if (path === undefined) {
        return withoutPath(resource, type, kind, value, seen);
    }
    const at = readPath(type, path, seen);
    if (at.container) {
        return container(resource, type, kind, value, seen);
    }
    if (at.attribute.readOnly || (at.part && at.part.readOnly)) {
        seen.add('own');
        throw new Refused('mutability');
    }
    if (at.filter !== undefined && !at.attribute.list) {
        seen.add('singular');
        throw new Refused('invalidPath');
    }
    if (kind !== 'remove' && !('value' in operation)) {
        seen.add('valueless');
        throw new Refused('invalidValue');
    }
    let touched = [];
    if (kind === 'remove') {
        removal(resource, at, value, seen);
    } else if (isEmpty(value) && !(at.attribute.list && (at.filter || at.sub))) {
        seen.add('null');
        if (kind === 'replace' && at.attribute.required) {
            throw new Refused('invalidValue');
        }
        kind === 'add' || removal(resource, at, undefined, seen);
    } else if (at.attribute.list) {
        touched = at.filter || at.sub ? selection(resource, kind, at, value, seen) : list(resource, kind, at, value, seen);
    } else {
        at.sub ? checkType(at.part, value, seen) : at.attribute.parts ? checkParts(at.attribute, value, seen) : checkType(at.attribute, value, seen);
        run(resource, kind, `${at.prefix}${at.name}${at.sub ? `.${at.sub}` : ''}`, value);
    }
    if (at.attribute.list) {
        settle(resource, at, touched, seen);
    }
}

// Elements that have become the same value are one, with the parts of both.
function unite(resource, type, before, seen) {
    for (const [name, attribute] of Object.entries(ATTRIBUTES[type])) {
        if (!attribute.list || !resource[name] || JSON.stringify(resource[name]) === JSON.stringify(before[name])) {
            continue;
        }
        const known = new Map();
        for (const element of resource[name]) {
            const key = keyOf({ name }, element);
            if (known.has(key)) {
                seen.add('united');
                Object.assign(known.get(key), element);
            } else {
                known.set(key, element);
            }
        }
        resource[name] = [...known.values()];
        if (resource[name].filter((element) => element.primary === true).length > 1) {
            throw new Refused('invalidValue');
        }
    }
}

// ---- both outcomes ----

function outcome(work) {
    try {
        return { resource: work() };
    } catch (error) {
        return { error: error.scimType || error.scimCode || 'none', why: error.message };
    }
}

function answer({ type, resource, Operations }) {
    const seen = new Set();
    const plain = outcome(() => {
        const body = copy({ schemas: [PATCHOP], Operations });
        patchBodyValidation(body);
        return scimPatch(copy(resource), body.Operations, OPTIONS);
    });
    const adapted = outcome(() => {
        const changing = copy(resource);
        Operations.forEach((operation) => apply(changing, type, copy(operation), seen));
        unite(changing, type, resource, seen);
        return changing;
    });

    return { plain, adapted, classes: [...seen].sort() };
}

const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');
process.stdout.write(lines.map((line) => `${JSON.stringify(answer(JSON.parse(line)))}\n`).join(''));
