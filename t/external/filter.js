// npm's scim2-parse-filter for t/filter-oracle.t to ask: lines of JSON on standard input as for t/oracle/match.
'use strict';

const { parse, filter } = require('scim2-parse-filter');
const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');
const out = [];
let resources = [];

function answer(text) {
    let matches;

    try {
        matches = filter(parse(text));
    } catch (error) {
        return `error: ${error.message}`;
    }
    return resources.map((resource) => (matches(resource) ? '1' : '0')).join('');
}

for (const line of lines) {
    const said = JSON.parse(line);

    if ('type' in said) {
        resources = [];
    } else if ('resource' in said) {
        resources.push(said.resource);
    } else {
        out.push(answer(said.filter).replace(/\n/g, ' '));
    }
}
process.stdout.write(`${out.join('\n')}\n`);
