// A front end on urql, without React.

import assert from "node:assert/strict";

import { cacheExchange, createClient, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient as createSocket } from "graphql-ws";
import WebSocket from "ws";

export const checks = [
  ["urql reads page after page, by POST and by GET", pages],
  ["urql refetches what a mutation changed", mutation],
  ["urql returns data together with errors", errors],
  ["urql receives events over a socket and over an event stream", subscription],
];

const SUBSCRIPTIONS = gql`
  query Subscriptions($first: Int!, $after: String) {
    subscriptions(first: $first, after: $after) {
      totalCount
      nodes {
        id
        quantity
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

async function pages(service) {
  for (const preferGetMethod of [false, "force"]) {
    const client = front(service, { preferGetMethod });
    const found = new Set();
    let after = null;
    let page;
    do {
      page = await data(client.query(SUBSCRIPTIONS, { first: 25, after }));
      page.subscriptions.nodes.forEach(({ id }) => found.add(id));
      after = page.subscriptions.pageInfo.endCursor;
    } while (page.subscriptions.pageInfo.hasNextPage);
    assert.deepEqual([found.size, page.subscriptions.totalCount], [60, 60]);
  }
}

async function mutation(service) {
  const client = front(service);
  const seen = [];
  const changed = new Promise((resolve) => {
    const listening = client.query(SUBSCRIPTIONS, { first: 1 }).subscribe((result) => {
      if (!result.stale) seen.push(result.data.subscriptions.nodes[0]);
      if (seen.length === 2) resolve(listening);
    });
  });
  const [{ id, quantity }] = (await data(client.query(SUBSCRIPTIONS, { first: 1 }))).subscriptions.nodes;
  const change = gql`
    mutation Change($input: UpdateSubscriptionInput!) {
      updateSubscription(input: $input) {
        customerSubscription {
          id
          quantity
        }
        userErrors {
          code
          field
        }
      }
    }
  `;
  const input = { subscription: { id }, quantity: quantity + 1 };
  const { updateSubscription } = await data(client.mutation(change, { input }));
  assert.deepEqual(updateSubscription.userErrors, []);
  (await changed).unsubscribe();
  assert.deepEqual(seen.map((one) => one.quantity), [quantity, quantity + 1]);
  const refused = await data(client.mutation(change, { input: { ...input, ifVersion: 0 } }));
  assert.deepEqual(refused.updateSubscription.userErrors.map(({ code }) => code), ["STALE_VERSION"]);
}

async function errors(service) {
  const query = gql`
    query TooMany($first: Int!) {
      customers(first: $first) {
        totalCount
      }
      viewer {
        userPrincipalName
      }
    }
  `;
  const { data, error } = await front(service).query(query, { first: 101 });
  assert.deepEqual([data.customers, data.viewer.userPrincipalName], [null, "anna@northwind.example"]);
  assert.deepEqual(error.graphQLErrors.map(({ path, extensions }) => [path, extensions.code]), [[["customers"], "BAD_PAGE_SIZE"]]);
  const refused = await front(service, { authorization: "Bearer wrong" }).query(query, { first: 1 });
  assert.equal(refused.error.response.status, 401);
  assert.deepEqual(refused.error.graphQLErrors.map(({ extensions }) => extensions.code), ["UNAUTHENTICATED"]);
}

async function subscription(service) {
  const socket = createSocket({
    url: service.socketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: service.authorization },
  });
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  });
  const last = gql`
    query Last {
      auditEvents(first: 1) {
        nodes {
          id
        }
      }
    }
  `;
  const events = gql`
    subscription Events($after: ID) {
      relationshipEvents(after: $after) {
        id
        operationType
      }
    }
  `;
  const [{ id }] = (await data(front(service).query(last, {}))).auditEvents.nodes;
  service.happen();
  const heard = [];
  for (const client of [
    front(service, { exchanges: [cacheExchange, subscriptionExchange({ forwardSubscription }), fetchExchange] }),
    front(service, { fetchSubscriptions: true }),
  ]) {
    const first = await new Promise((resolve) => {
      const listening = client.subscription(events, { after: id }).subscribe((result) => {
        resolve(result);
        queueMicrotask(() => listening.unsubscribe());
      });
    });
    assert.equal(first.error, undefined);
    heard.push(first.data.relationshipEvents);
  }
  assert.deepEqual(heard[0], heard[1]);
  await socket.dispose();
}

async function data(asked) {
  const { data, error } = await asked;
  assert.equal(error, undefined);
  return data;
}

function front({ url, authorization }, options) {
  return createClient({
    url,
    exchanges: [cacheExchange, fetchExchange],
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: options?.authorization ?? authorization } },
    ...options,
  });
}
