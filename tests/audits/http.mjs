// GraphQL over HTTP: the audits of graphql-http, and response headers.

import assert from "node:assert/strict";

import { auditServer } from "graphql-http";

import { ORIGIN } from "./service.mjs";

/** The number of audits in this version. Fewer would mean that some were not run. */
const AUDITS = 61;

export const checks = [
  ["graphql-http finds no errors", everyAudit],
  ["a page of another origin can send requests if the configuration allows it", crossOrigin],
  ["responses are compressed for clients that accept it", compression],
  ["files are refused with a hint", multipart],
];

async function everyAudit({ url }) {
  const results = await auditServer({ url });
  const found = results.filter(({ status }) => status !== "ok").map(({ id, name, status, reason }) => `${status} ${id} ${name}: ${reason}`);
  await Promise.all(results.map(({ response }) => (response && !response.bodyUsed ? response.body?.cancel() : undefined)));
  assert.deepEqual(found, []);
  assert.equal(results.length, AUDITS);
  return `${results.length} audits`;
}

async function crossOrigin({ url }) {
  const preflight = (origin) =>
    fetch(url, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
  const allowed = await preflight(ORIGIN);
  assert.equal(allowed.status, 200);
  assert.equal(allowed.headers.get("access-control-allow-origin"), ORIGIN);
  assert.match(allowed.headers.get("access-control-allow-headers"), /authorization/);
  const other = await preflight("https://elsewhere.example.com");
  assert.equal(other.headers.get("access-control-allow-origin"), null);
}

async function compression({ url, authorization }) {
  const body = JSON.stringify({ query: "{ __schema { types { name description } } }" });
  for (const coding of ["gzip", "br", "identity"]) {
    const headers = { "content-type": "application/json", "accept-encoding": coding, authorization };
    const answer = await fetch(url, { method: "POST", headers, body });
    assert.equal(answer.headers.get("content-encoding"), coding === "identity" ? null : coding);
    assert.ok((await answer.json()).data.__schema.types.length > 50);
  }
}

async function multipart({ url }) {
  const form = new FormData();
  form.set("operations", "{}");
  const answer = await fetch(url, { method: "POST", body: form });
  assert.equal(answer.status, 415);
  assert.match((await answer.json()).errors[0].message, /\/import/);
}
