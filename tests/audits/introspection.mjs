// Compares the schema from introspection with schema.graphql.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import {
  buildClientSchema, buildSchema, findBreakingChanges, findDangerousChanges, getIntrospectionQuery, GraphQLSchema, lexicographicSortSchema,
  printSchema, validateSchema,
} from "graphql";

export const checks = [
  ["schema.graphql is valid according to graphql-js", validity],
  ["introspection with every option returns the schema of schema.graphql", introspection],
];

/** Definitions in the text that introspection omits: it could not show where they are applied, which is their only purpose. */
const ONLY_IN_TEXT = ["cost", "listSize"];

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));

async function validity() {
  assert.deepEqual(validateSchema(schema), []);
}

async function introspection(service) {
  const told = await introspected(service);
  assert.deepEqual(validateSchema(told), []);
  const written = alike(told);
  for (const find of [findBreakingChanges, findDangerousChanges]) {
    assert.deepEqual(find(written, told), []);
    assert.deepEqual(find(told, written), []);
  }
  // graphql-js does not report changes of descriptions, deprecations and scalar URLs, but the printed text contains them.
  assert.equal(printed(told), printed(written));
  return `${Object.keys(told.getTypeMap()).length} types`;
}

async function introspected({ url, authorization }) {
  const options = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true };
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json", authorization };
  const body = JSON.stringify({ query: getIntrospectionQuery(options) });
  const answer = await fetch(url, { method: "POST", headers, body });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined);
  return buildClientSchema(data);
}

/** The written schema, with the parts that may differ taken from introspection. */
function alike(told) {
  const { directives, ...types } = schema.toConfig();
  const others = directives.filter(({ name }) => ![...ONLY_IN_TEXT, "deprecated"].includes(name));
  return new GraphQLSchema({
    ...types,
    // The text does not define @deprecated, so graphql-js adds its own, with locations that are in no specification yet.
    directives: [...others, told.getDirective("deprecated")],
    // The library gives every schema the same description.
    description: told.description,
  });
}

function printed(schema) {
  return printSchema(lexicographicSortSchema(schema));
}
