// GraphQL over server-sent events in distinct connections mode, as implemented by the client graphql-sse; and the shutdown of the server.

import assert from "node:assert/strict";

import { createClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import WebSocket from "ws";

const EVENTS = "subscription { relationshipEvents { id operationType } }";

export const checks = [
  ["graphql-sse runs queries, and receives request errors", queries],
  ["graphql-sse receives events until it disconnects", subscription],
  ["the server shuts down, and tells all listeners", shutdown],
];

function client({ url, authorization }, options = {}) {
  return createClient({ url, headers: { authorization }, retryAttempts: 0, ...options });
}

async function results(client, payload) {
  const found = [];
  for await (const result of client.iterate(payload)) found.push(result);
  return found;
}

async function queries(service) {
  const asked = client(service);
  assert.deepEqual(await results(asked, { query: "{ customers { totalCount } }" }), [{ data: { customers: { totalCount: 0 } } }]);
  const introspected = await results(asked, { query: "{ __schema { types { name description } } }" });
  assert.ok(introspected[0].data.__schema.types.length > 50);
  for (const [query, code] of [
    ["{", "GRAPHQL_PARSE_FAILED"],
    ["{ nothing }", "GRAPHQL_VALIDATION_FAILED"],
  ]) {
    const [refused, ...more] = await results(asked, { query });
    assert.equal(refused.errors[0].extensions.code, code);
    assert.equal("data" in refused, false);
    assert.deepEqual(more, []);
  }
  asked.dispose();
  const got = await fetch(`${service.url}?query=${encodeURIComponent("{ __typename }")}`, {
    headers: { accept: "text/event-stream", "accept-encoding": "gzip, br" },
  });
  assert.equal(got.headers.get("content-type"), "text/event-stream");
  assert.equal(got.headers.get("content-encoding"), null);
  assert.equal(await got.text(), 'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n');
}

async function subscription(service) {
  const asked = client(service);
  const events = asked.iterate({ query: EVENTS });
  const first = events.next();
  first.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 1000));
  service.happen();
  const { value } = await first;
  assert.ok(value.data.relationshipEvents.id.length > 0);
  await events.return();
  asked.dispose();
}

async function shutdown(service) {
  const connected = [];
  const connecting = (resolve) => ({ on: { connected: resolve } });
  const socketOptions = {
    url: service.socketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: service.authorization },
  };
  const ends = [];
  connected.push(
    new Promise((resolve) => {
      const listener = createSocketClient({ ...socketOptions, ...connecting(resolve) });
      ends.push(results(listener, { query: EVENTS }).catch((event) => event.code));
    }),
    new Promise((resolve) => {
      const listener = client(service, { onMessage: undefined, ...connecting(resolve) });
      ends.push(results(listener, { query: EVENTS }).catch((error) => error.constructor.name));
    }),
  );
  await Promise.all(connected);
  service.terminate();
  assert.deepEqual(await Promise.all(ends), [1001, "NetworkError"]);
  assert.equal(await service.ended, 0);
  const loud = service.log.filter((line) => /\b(WARN|ERROR)\b/.test(line));
  assert.deepEqual(loud, []);
}
