// SPDX-License-Identifier: Apache-2.0
// node check.mjs OPENAPI.json FILE...     is every object in these manifests one that an API server takes?
//
// Strictly: by the OpenAPI document of batch/v1 that an API server serves, with every field that it does not name
// refused, and by the rules that join fields, which a server has in code. These are written here in CEL, the language
// that Kubernetes writes such rules in; rules of the schemas' own (x-kubernetes-validations) are asked too.
// One line a document, "ok FILE KIND/NAME" or "BAD FILE KIND/NAME: why; why"; exit code 1 where one is bad.
import fs from 'node:fs';
import Ajv from 'ajv';
import yaml from 'js-yaml';
import {Environment} from '@marcbachmann/cel-js';

const [openapi, ...files] = process.argv.slice(2);
const schemas = JSON.parse(fs.readFileSync(openapi, 'utf8')).components.schemas;

const label = "matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')";
const rules = {
    Job: [
        ["self.spec.completionMode == 'Indexed'", 'a sweep is an Indexed Job'],
        ['has(self.spec.completions) && self.spec.completions >= 1', 'completions are required of an Indexed Job'],
        ['!has(self.spec.parallelism) || self.spec.parallelism <= 10000 || self.spec.completions <= 100000',
            'parallelism is at most 10000 beyond 100000 completions'],
        ['!has(self.spec.backoffLimitPerIndex) || self.spec.backoffLimitPerIndex >= 0', 'backoffLimitPerIndex is not negative'],
        ["self.spec.template.spec.restartPolicy == 'Never'", 'restartPolicy must be Never'],
        ["!has(self.spec.podFailurePolicy) || !has(self.spec.podReplacementPolicy) || self.spec.podReplacementPolicy == 'Failed'",
            'podReplacementPolicy must be Failed beside a podFailurePolicy'],
        ['!has(self.spec.maxFailedIndexes) || has(self.spec.backoffLimitPerIndex)', 'maxFailedIndexes needs backoffLimitPerIndex'],
        ['!has(self.spec.maxFailedIndexes) || self.spec.maxFailedIndexes <= self.spec.completions',
            'maxFailedIndexes is at most completions'],
        ['!has(self.spec.podFailurePolicy) || self.spec.podFailurePolicy.rules.all(r, ' +
            "!has(r.onExitCodes) || r.onExitCodes.operator != 'In' || !r.onExitCodes.values.exists(v, v == 0))",
            'exit code 0 cannot be In'],
        ['!has(self.spec.podFailurePolicy) || self.spec.podFailurePolicy.rules.all(r, !has(r.onExitCodes) || ' +
            '!has(r.onExitCodes.containerName) || self.spec.template.spec.containers.exists(c, c.name == r.onExitCodes.containerName))',
            'onExitCodes names a container that is there'],
        ['!has(self.spec.podFailurePolicy) || self.spec.podFailurePolicy.rules.all(r, ' +
            "r.action != 'FailIndex' || has(self.spec.backoffLimitPerIndex))", 'FailIndex needs backoffLimitPerIndex'],
        [`self.metadata.name.${label}`, 'the name is a DNS label'],
        ["size(self.metadata.name) + 1 + size(string(self.spec.completions - 1)) <= 63", 'the name with an index has at most 63 bytes'],
        ['self.spec.template.spec.containers.all(c, !has(c.volumeMounts) || c.volumeMounts.all(m, ' +
            'self.spec.template.spec.volumes.exists(v, v.name == m.name)))', 'a mount names a volume that is there'],
        ["self.spec.template.spec.containers.all(c, !has(c.volumeMounts) || c.volumeMounts.all(m, " +
            "!m.mountPath.contains(':') && c.volumeMounts.filter(o, o.mountPath == m.mountPath).size() == 1))",
            'mount paths are without a colon, each once'],
        ['self.spec.template.spec.containers.all(c, !has(c.env) || c.env.all(e, has(e.value)))', 'a variable has a text'],
    ],
    ConfigMap: [
        [`self.metadata.name.${label}`, 'the name is a DNS label'],
        ["self.data.all(k, k.matches('^[-._a-zA-Z0-9]+$'))", 'a key is letters, digits and -._'],
        ['total <= 1048576', 'at most 1 MiB'],
    ],
};

// A schema that lets nothing else in. Formats and defaults are a server's own business.
function strict(node) {
    if (Array.isArray(node)) return node.map(strict);
    if (!node || typeof node !== 'object') return node;
    if (node.allOf?.length === 1 && node.allOf[0].$ref) return strict(node.allOf[0]);
    const out = {};
    for (const [key, value] of Object.entries(node)) {
        if (key === 'format' || key === 'default') continue;
        else if (key === '$ref') out[key] = value.replace('#/components/schemas/', '#/$defs/');
        else if (key === 'properties') out[key] = Object.fromEntries(Object.entries(value).map(([name, of]) => [name, strict(of)]));
        else out[key] = strict(value);
    }
    if (out.properties && out.additionalProperties === undefined) out.additionalProperties = false;
    return out;
}

const $defs = Object.fromEntries(Object.entries(schemas).map(([name, of]) => [name, strict(of)]));
$defs['io.k8s.apimachinery.pkg.api.resource.Quantity'] =
    {type: ['string', 'number'], pattern: '^[0-9]+(\\.[0-9]{1,3})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$'};
const kinds = {
    Job: {apiVersion: 'batch/v1', schema: {$ref: '#/$defs/io.k8s.api.batch.v1.Job'}},
    ConfigMap: {apiVersion: 'v1', schema: {
        type: 'object', required: ['metadata', 'data'], additionalProperties: false,
        properties: {
            apiVersion: {type: 'string'}, kind: {type: 'string'}, immutable: {type: 'boolean'},
            metadata: {$ref: '#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'},
            data: {type: 'object', additionalProperties: {type: 'string'}},
        },
    }},
};
const ajv = new Ajv({strict: false, allErrors: true, logger: false});
for (const kind of Object.values(kinds)) kind.valid = ajv.compile({$defs, ...kind.schema});

// CEL tells whole numbers from others.
function value(of) {
    if (typeof of === 'number' && Number.isInteger(of)) return BigInt(of);
    if (Array.isArray(of)) return of.map(value);
    if (of && typeof of === 'object') return Object.fromEntries(Object.entries(of).map(([k, v]) => [k, value(v)]));
    return of;
}
const cel = new Environment({unlistedVariablesAreDyn: true});
function ask(rule, message, context, wrong) {
    try {
        if (cel.evaluate(rule, context) !== true) wrong.push(message);
    } catch (e) {
        wrong.push(`${message} (${e.message.split('\n')[0]})`);
    }
}

// Rules that the schemas have of their own, at whatever depth.
function own_rules(schema, of, at, wrong) {
    if (!schema || of === undefined) return;
    if (schema.$ref) return own_rules($defs[schema.$ref.replace('#/$defs/', '')], of, at, wrong);
    for (const {rule, message} of schema['x-kubernetes-validations'] ?? [])
        if (!/oldSelf/.test(rule)) ask(rule, `${at}: ${message ?? rule}`, {self: value(of)}, wrong);
    if (Array.isArray(of)) of.forEach((one, i) => own_rules(schema.items, one, `${at}/${i}`, wrong));
    else if (of && typeof of === 'object')
        for (const [key, one] of Object.entries(of)) own_rules(schema.properties?.[key], one, `${at}/${key}`, wrong);
}

function check(object) {
    const kind = kinds[object?.kind], wrong = [];
    if (!kind || kind.apiVersion !== object.apiVersion) return [`no such kind: ${object?.apiVersion} ${object?.kind}`];
    if (!kind.valid(object))
        for (const e of kind.valid.errors) wrong.push(`${e.instancePath} ${e.message} ${e.params.additionalProperty ?? ''}`.trim());
    if (wrong.length) return wrong;
    own_rules(kind.schema, object, '', wrong);
    const total = BigInt(Buffer.byteLength(JSON.stringify(object)));
    for (const [rule, message] of rules[object.kind]) ask(rule, message, {self: value(object), total}, wrong);
    return wrong;
}

let bad = 0;
for (const file of files) {
    let objects = [];
    try {
        objects = yaml.loadAll(fs.readFileSync(file, 'utf8'));
    } catch (e) {
        console.log(`BAD ${file} ?: ${e.message.split('\n')[0]}`);
        bad++;
    }
    for (const object of objects) {
        const wrong = check(object), name = `${object?.kind}/${object?.metadata?.name}`;
        console.log(wrong.length ? `BAD ${file} ${name}: ${wrong.join('; ')}` : `ok ${file} ${name}`);
        bad += wrong.length > 0;
    }
}
process.exit(bad ? 1 : 0);
