// SPDX-License-Identifier: Apache-2.0
// node crd_check.mjs CRD.yaml FILE...     are the objects of a CRD's kind in these manifests ones that an API server takes?
//
// Strictly: by the CRD's own schema with every field that it does not name refused, and by its CEL rules
// (x-kubernetes-validations; rules over oldSelf are of updates). One line an object, "ok KIND/NAME" or "BAD KIND/NAME: why";
// exit code 1 where one is bad, or there is none.
import fs from 'node:fs';
import Ajv from 'ajv';
import yaml from 'js-yaml';
import {Environment} from '@marcbachmann/cel-js';

const [crd_file, ...files] = process.argv.slice(2);
const crd = yaml.load(fs.readFileSync(crd_file, 'utf8'));
const cel = new Environment({unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false})
    .registerFunction('string.find(string): string', (text, pattern) => (text.match(new RegExp(pattern)) || [''])[0]);

function strict(schema) {
    if (!schema || typeof schema !== 'object') return schema;
    const out = {...schema};
    if (out['x-kubernetes-int-or-string']) {
        delete out.type;
        out.anyOf = [{type: 'integer'}, {type: 'string'}];
    }
    if (out.properties) {
        out.properties = Object.fromEntries(Object.entries(out.properties).map(([name, of]) => [name, strict(of)]));
        if (!out['x-kubernetes-preserve-unknown-fields'] && out.additionalProperties === undefined) out.additionalProperties = false;
    }
    if (out.items) out.items = strict(out.items);
    if (typeof out.additionalProperties === 'object') out.additionalProperties = strict(out.additionalProperties);
    delete out.format;
    delete out['x-kubernetes-validations'];
    return out;
}

// CEL tells whole numbers from others.
function value(of) {
    if (typeof of === 'number' && Number.isInteger(of)) return BigInt(of);
    if (Array.isArray(of)) return of.map(value);
    if (of && typeof of === 'object') return Object.fromEntries(Object.entries(of).map(([k, v]) => [k, value(v)]));
    return of;
}

function rules(schema, of, at, wrong) {
    if (!schema || of === undefined) return;
    for (const {rule, message} of schema['x-kubernetes-validations'] ?? []) {
        if (/oldSelf/.test(rule)) continue;
        try {
            if (cel.evaluate(rule, {self: value(of)}) !== true) wrong.push(`${at || '/'}: ${message ?? rule}`);
        } catch (e) {
            wrong.push(`${at}: ${rule}: ${e.message.split('\n')[0]}`);
        }
    }
    if (Array.isArray(of)) of.forEach((one, i) => rules(schema.items, one, `${at}/${i}`, wrong));
    else if (of && typeof of === 'object')
        for (const [key, one] of Object.entries(of))
            rules(schema.properties?.[key] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : null),
                one, `${at}/${key}`, wrong);
}

const metadata = {
    type: 'object', required: ['name'], additionalProperties: false,
    properties: {
        name: {type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', maxLength: 253},
        labels: {type: 'object', additionalProperties: {type: 'string'}},
        annotations: {type: 'object', additionalProperties: {type: 'string'}},
    },
};

let bad = 0, seen = 0;
for (const file of files)
    for (const object of yaml.loadAll(fs.readFileSync(file, 'utf8'))) {
        if (object?.kind !== crd.spec.names.kind) continue;
        const wrong = [], version = crd.spec.versions.find(v => `${crd.spec.group}/${v.name}` === object.apiVersion);
        if (version) {
            const root = version.schema.openAPIV3Schema;
            const valid = new Ajv({strict: false, allErrors: true, logger: false})
                .compile(strict({...root, properties: {...root.properties, metadata}}));
            if (!valid(object))
                for (const e of valid.errors) wrong.push(`${e.instancePath} ${e.message} ${e.params.additionalProperty ?? ''}`.trim());
            rules(root, object, '', wrong);
        } else wrong.push(`no version ${object.apiVersion}`);
        const name = `${object.kind}/${object.metadata?.name}`;
        console.log(wrong.length ? `BAD ${name}: ${wrong.join('; ')}` : `ok ${name}`);
        bad += wrong.length > 0;
        seen++;
    }
process.exit(bad || !seen ? 1 : 0);
