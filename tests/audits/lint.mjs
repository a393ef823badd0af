// graphql-eslint's recommended and relay rules; the exceptions and their reasons are in eslint.config.mjs.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

import { ESLint } from "eslint";

import { DOCUMENTS, SCHEMA } from "./eslint.config.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

export const checks = [["graphql-eslint finds no errors in the schema and the documents", everyRule]];

async function everyRule() {
  const overrideConfigFile = fileURLToPath(new URL("eslint.config.mjs", import.meta.url));
  const eslint = new ESLint({ cwd: root, overrideConfigFile, warnIgnored: true });
  const results = await eslint.lintFiles([SCHEMA, DOCUMENTS]);
  const found = results.flatMap(({ filePath, messages }) =>
    messages.map(({ line, ruleId, message }) => `${filePath.slice(root.length)}:${line} ${ruleId}: ${message}`),
  );
  assert.deepEqual(found, []);
  return `${results.length} files`;
}
