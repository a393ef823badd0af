// GraphQL Code Generator's types of the schema and of every document, checked by the TypeScript compiler.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { codegen } from "@graphql-codegen/core";
import * as typedDocumentNode from "@graphql-codegen/typed-document-node";
import * as typescript from "@graphql-codegen/typescript";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

export const checks = [["GraphQL Code Generator's types of every document compile", everyDocument]];

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const written = path("__generated__");
const config = {
  strictScalars: true,
  scalars: { CountryCode: "string", Date: "string", DateTime: "string", UUID: "string" },
};

async function everyDocument() {
  const schema = parse(readFileSync(path("../../schema.graphql"), "utf8"));
  const directory = path("../../docs/operations");
  const documents = readdirSync(directory)
    .filter((name) => name.endsWith(".graphql"))
    .map((name) => ({ location: name, document: parse(readFileSync(join(directory, name), "utf8")) }));
  mkdirSync(written, { recursive: true });
  // Each is complete on its own: the first has all types of the schema, the second the variables and results of the documents.
  const files = { "schema.ts": { typescript }, "operations.ts": { operations, typedDocumentNode } };
  for (const [filename, pluginMap] of Object.entries(files)) {
    const plugins = Object.keys(pluginMap).map((name) => ({ [name]: {} }));
    writeFileSync(join(written, filename), await codegen({ filename, schema, documents, config, plugins, pluginMap }));
  }
  const words = [path("node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--module", "nodenext", ...Object.keys(files)];
  const compiled = spawnSync(process.execPath, words, { cwd: written, encoding: "utf8" });
  assert.equal(compiled.stdout + compiled.stderr, "");
  assert.equal(compiled.status, 0);
  return `${documents.length} documents`;
}
