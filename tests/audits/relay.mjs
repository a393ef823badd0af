// A front end on Relay: its documents compiled with warnings as errors, and used with relay-runtime.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { createClient } from "graphql-ws";
import runtime from "relay-runtime";
import WebSocket from "ws";

const {
  Environment, Network, Observable, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery, getPaginationMetadata,
  getPaginationVariables, getRequest, getSelector, getSingularSelector, getValueAtPath, requestSubscription,
} = runtime;

export const checks = [
  ["relay-compiler accepts fragments, pages, mutations and a subscription", compilation],
  ["relay-runtime loads page after page, forwards and backwards", pages],
  ["relay-runtime refetches all its objects by global id", refetch],
  ["relay-runtime shows a change wherever the object is used, and why one is refused", mutation],
  ["relay-runtime adds to a list, and removes from it", lists],
  ["relay-runtime receives events", subscription],
];

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

async function compilation() {
  copyFileSync(path("../../schema.graphql"), path("relay/schema.graphql"));
  mkdirSync(path("relay/__generated__"), { recursive: true });
  writeFileSync(path("relay/__generated__/package.json"), '{ "type": "commonjs" }\n');
  const words = [path("node_modules/relay-compiler/cli.js"), "--noWatchman", "--output", "quiet-with-errors", "relay.config.json"];
  const compiled = spawnSync(process.execPath, words, { cwd: path("relay"), encoding: "utf8" });
  assert.equal(compiled.stdout + compiled.stderr, "");
  assert.equal(compiled.status, 0);
}

async function pages(service) {
  const { list, query } = await import("./relay/CustomerList.js");
  const { row } = await import("./relay/CustomerRow.js");
  const front = new Front(service);
  const root = await front.load(query, { count: 6, filter: { country: { eq: "PL" } } });
  const customers = () => front.read(list, root).customers;
  assert.equal(customers().totalCount, 20);
  for (const length of [12, 18, 20]) {
    assert.equal(customers().pageInfo.hasNextPage, true);
    await front.loadMore("forward", 6, list, root);
    assert.equal(customers().edges.length, length);
  }
  assert.equal(customers().pageInfo.hasNextPage, false);
  const names = customers().edges.map(({ node }) => front.read(row, node).companyName);
  assert.equal(new Set(names).size, 20);
  assert.deepEqual(names, names.toSorted());

  const { node } = customers().edges[7];
  const before = front.read(row, node).subscriptions;
  assert.deepEqual([before.edges.length, before.pageInfo.hasPreviousPage], [2, true]);
  await front.loadMore("backward", 2, row, node);
  const after = front.read(row, node).subscriptions;
  assert.deepEqual([after.edges.length, after.pageInfo.hasPreviousPage], [3, false]);
  assert.deepEqual(after.edges.slice(1), before.edges);
  front.close();
}

async function refetch(service) {
  const { query } = await import("./relay/CustomerList.js");
  const { byId } = await import("./relay/CustomerRow.js");
  const front = new Front(service);
  await front.load(query, { count: 20 });
  const held = front.objects();
  for (const [type, count] of [["Customer", 20], ["CustomerSubscription", 40], ["Partner", 1]]) {
    const [first, ...others] = held.filter(({ __typename }) => __typename === type);
    assert.equal(1 + others.length, count);
    const { id } = first;
    const { node } = await front.load(byId, { id });
    assert.deepEqual([node.__typename, node.id], [type, id]);
  }
  assert.equal((await front.load(byId, { id: "nothing" })).node, null);
  front.close();
}

async function mutation(service) {
  const { list, query } = await import("./relay/CustomerList.js");
  const { byId, row } = await import("./relay/CustomerRow.js");
  const { change } = await import("./relay/Seats.js");
  const front = new Front(service);
  const root = await front.load(query, { count: 1 });
  const shown = () => front.read(row, front.read(list, root).customers.edges[0].node).subscriptions.edges[0].node;
  const { id, quantity, version } = shown();
  const subscription = { id };

  const { updateSubscription } = await front.commit(change, { input: { subscription, quantity: quantity + 2, ifVersion: version } });
  assert.deepEqual(updateSubscription.userErrors, []);
  assert.deepEqual([shown().quantity, shown().version], [quantity + 2, version + 1]);
  assert.equal((await front.load(byId, { id })).node.quantity, quantity + 2);

  const stale = await front.commit(change, { input: { subscription, quantity: quantity + 3, ifVersion: version } });
  assert.equal(stale.updateSubscription.customerSubscription, null);
  assert.deepEqual(stale.updateSubscription.userErrors.map(({ code }) => code), ["STALE_VERSION"]);
  assert.equal(shown().quantity, quantity + 2);
  front.close();
}

async function lists(service) {
  const { check, invite, list, query, revoke } = await import("./relay/InvitationList.js");
  const front = new Front(service);
  const root = await front.load(query, {});
  const invitations = () => front.read(list, root).invitations;
  assert.deepEqual(invitations().edges, []);
  const connections = [invitations().__id];
  const input = { customerEmail: "jan@contoso.example", country: "PL", delegatedAdmin: false };
  const { inviteCustomer } = await front.commit(invite, { input, connections });
  assert.deepEqual(inviteCustomer.userErrors, []);
  assert.deepEqual(invitations().edges.map(({ node }) => node.id), [inviteCustomer.invitation.id]);

  // Relay warns if the response of a mutation that changes a list has no invitation, so a front end validates first.
  const refused = await front.commit(check, { input: { ...input, customerEmail: "no address" } });
  assert.equal(refused.inviteCustomer.invitation, null);
  assert.deepEqual(refused.inviteCustomer.userErrors.map(({ field }) => field), [["customerEmail"]]);
  assert.equal(invitations().edges.length, 1);

  await front.commit(revoke, { input: { invitation: inviteCustomer.invitation.id } });
  assert.deepEqual(invitations().edges.filter(({ node }) => node), []);
  front.close();
}

async function subscription(service) {
  const { events, list, query } = await import("./relay/EventList.js");
  const front = new Front(service);
  const root = await front.load(query, {});
  const { __id, edges } = front.read(list, root).auditEvents;
  const first = front.subscribe(events, { after: edges[0].node.id, connections: [__id] });
  service.happen();
  const { relationshipEvents } = await first;
  const [newest, ...others] = front.read(list, root).auditEvents.edges.map(({ node }) => node);
  assert.equal(newest.id, relationshipEvents.id);
  assert.deepEqual(newest.partner, relationshipEvents.partner);
  assert.deepEqual(others, edges.map(({ node }) => node));
  front.close();
}

/** Does what React would do with an environment, without React. */
class Front {
  constructor(service) {
    this.socket = createClient({
      url: service.socketUrl,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { Authorization: service.authorization },
    });
    const headers = {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      authorization: service.authorization,
    };
    const ask = async ({ text }, variables) => {
      const answer = await fetch(service.url, { method: "POST", headers, body: JSON.stringify({ query: text, variables }) });
      return await answer.json();
    };
    const listen = ({ text }, variables) => Observable.create((sink) => this.socket.subscribe({ query: text, variables }, sink));
    this.environment = new Environment({ network: Network.create(ask, listen), store: new Store(new RecordSource()) });
  }

  async load(query, variables) {
    const operation = createOperationDescriptor(getRequest(query), variables);
    this.environment.retain(operation);
    await fetchQuery(this.environment, query, variables, { fetchPolicy: "network-only" }).toPromise();
    return this.look(operation.fragment);
  }

  read(fragment, reference) {
    return this.look(getSingularSelector(fragment, reference));
  }

  look(selector) {
    const { data, isMissingData } = this.environment.lookup(selector);
    assert.equal(isMissingData, false);
    return data;
  }

  async loadMore(direction, count, fragment, reference) {
    const { connectionPathInFragmentData, identifierField, paginationMetadata, paginationRequest } = getPaginationMetadata(fragment, "loadMore");
    const selector = getSelector(fragment, reference);
    const { pageInfo } = getValueAtPath(this.look(selector), connectionPathInFragmentData);
    const cursor = direction === "forward" ? pageInfo.endCursor : pageInfo.startCursor;
    const base = { ...selector.owner.variables, ...selector.variables };
    const variables = getPaginationVariables(direction, count, cursor, base, {}, paginationMetadata);
    if (identifierField) variables.id = this.look(selector)[identifierField];
    await this.load(paginationRequest, variables);
  }

  commit(mutation, variables) {
    return new Promise((resolve, reject) => {
      const onCompleted = (data, errors) => (errors ? reject(errors) : resolve(data));
      commitMutation(this.environment, { mutation, variables, onCompleted, onError: reject });
    });
  }

  /** The first result of a subscription. */
  subscribe(subscription, variables) {
    return new Promise((onNext, onError) => requestSubscription(this.environment, { subscription, variables, onNext, onError }));
  }

  /** All objects with an id in the store, each under that id only. */
  objects() {
    const source = this.environment.getStore().getSource();
    const records = source.getRecordIDs().map((dataId) => [dataId, source.get(dataId)]);
    const objects = records.filter(([, record]) => record?.id).map(([dataId, record]) => ({ dataId, ...record }));
    for (const { dataId, id } of objects) assert.equal(dataId, id);
    return objects;
  }

  close() {
    return this.socket.dispose();
  }
}
