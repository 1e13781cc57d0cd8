// Makes src/api/schema.d.ts from openapi.json, the desk's description of itself. With --check it only compares.
// Two things in which descriptions are often careless are put right before: operation ids that are not unique, and
// parameters that are said to be in the path while the path has no place for them.
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

const SCHEMA = new URL('../src/api/schema.d.ts', import.meta.url)
const description = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'))

for (const [path, operations] of Object.entries(description.paths)) {
  for (const operation of Object.values(operations)) {
    delete operation.operationId
    for (const parameter of operation.parameters ?? []) {
      if (parameter.in !== 'path' || path.includes(`{${parameter.name}}`)) continue
      parameter.in = 'query'
      const { type } = parameter.schema ?? {}
      if (Array.isArray(type) && type.includes('null')) parameter.required = false
    }
  }
}

const head = '// Made by `npm run api` from openapi.json. Do not edit.\n\n'
const text = head + astToString(await openapiTS(description))
if (process.argv.includes('--check')) {
  if (readFileSync(SCHEMA, 'utf8') !== text) {
    console.error('src/api/schema.d.ts is not what openapi.json says: run `npm run api`')
    process.exit(1)
  }
} else {
  writeFileSync(SCHEMA, text)
}
