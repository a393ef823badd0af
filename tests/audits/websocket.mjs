// graphql-transport-ws, as implemented by the client graphql-ws.

import assert from "node:assert/strict";

import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { ORIGIN } from "./service.mjs";

const EVENTS = "subscription { relationshipEvents { id operationType } }";

export const checks = [
  ["graphql-ws runs queries and subscriptions on one connection", flow],
  ["graphql-ws receives a request error and continues", requestErrors],
  ["graphql-ws receives the reason for a refused connection", refusals],
  ["each protocol violation has its code", breaches],
];

function client(service, options = {}) {
  return createClient({
    url: service.socketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: service.authorization },
    keepAlive: 200,
    ...options,
  });
}

/** The results of an operation, or the error that ended it. */
async function results(client, payload) {
  const found = [];
  for await (const result of client.iterate(payload)) found.push(result);
  return found;
}

async function flow(service) {
  const asked = client(service);
  const query = { query: "query Q($n: Int) { partners: viewer { user { userPrincipalName } } customers(first: $n) { totalCount } }" };
  assert.deepEqual(await results(asked, { ...query, variables: { n: 1 } }), [
    { data: { partners: { user: { userPrincipalName: "anna@northwind.example" } }, customers: { totalCount: 0 } } },
  ]);
  const events = asked.iterate({ query: EVENTS });
  const first = events.next();
  first.catch(() => {});
  // The client sends pings in the meantime, and drops the connection if there is no answer.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  service.happen();
  assert.equal((await first).value.data.relationshipEvents.id.length > 0, true);
  assert.equal((await results(asked, { query: "{ __typename }" })).length, 1);
  await events.return();
  await asked.dispose();
}

async function requestErrors(service) {
  const asked = client(service);
  for (const [payload, code] of [
    [{ query: "{" }, "GRAPHQL_PARSE_FAILED"],
    [{ query: "{ nothing }" }, "GRAPHQL_VALIDATION_FAILED"],
    [{ query: "subscription { nothing }" }, "GRAPHQL_VALIDATION_FAILED"],
    [{ query: "{ __typename }", operationName: "Other" }, "GRAPHQL_VALIDATION_FAILED"],
  ]) {
    const refused = await results(asked, payload).then(() => assert.fail(`${payload.query} was run`), (errors) => errors);
    assert.ok(Array.isArray(refused), String(refused));
    assert.equal(refused[0].extensions.code, code);
  }
  assert.equal((await results(asked, { query: "{ __typename }" }))[0].data.__typename, "Query");
  await asked.dispose();
  const nobody = client(service, { connectionParams: undefined });
  const refused = await results(nobody, { query: "{ customers { totalCount } }" }).catch((errors) => errors);
  assert.equal(refused[0].extensions?.code, "UNAUTHENTICATED");
  await nobody.dispose();
}

async function refusals(service) {
  const closed = (options) => results(client(service, options), { query: "{ __typename }" }).catch((event) => event.code);
  assert.equal(await closed({ connectionParams: { Authorization: "Bearer wrong" } }), 4401);
  class From extends WebSocket {
    constructor(address, protocols) {
      super(address, protocols, { origin: From.page });
    }
  }
  From.page = "https://elsewhere.example.com";
  assert.equal(await closed({ webSocketImpl: From }), 4403);
  for (const page of [ORIGIN, service.origin]) {
    From.page = page;
    assert.equal((await closed({ webSocketImpl: From }))[0]?.data.__typename, "Query");
  }
}

async function breaches(service) {
  const init = { type: "connection_init", payload: { Authorization: service.authorization } };
  const subscribe = { id: "1", type: "subscribe", payload: { query: EVENTS } };
  for (const [messages, code] of [
    [["no json"], 4400],
    [[{ type: "dance" }], 4400],
    [[init, { ...subscribe, id: "" }], 4400],
    [[{ type: "connection_init", payload: "text" }], 4400],
    [[subscribe], 4401],
    [[init, subscribe, subscribe], 4409],
    [[init, init], 4429],
  ]) {
    const socket = new WebSocket(service.socketUrl, "graphql-transport-ws");
    const closed = new Promise((resolve, reject) => {
      socket.on("close", resolve);
      socket.on("error", reject);
    });
    socket.on("open", () => {
      for (const message of messages) socket.send(typeof message === "string" ? message : JSON.stringify(message));
    });
    assert.equal(await closed, code, JSON.stringify(messages));
  }
}
