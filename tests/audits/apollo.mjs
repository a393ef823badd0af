// A front end on Apollo Client, without React.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

// Browsers have this global, and the link uses it to check the type of an error.
globalThis.WebSocket ??= WebSocket;

export const checks = [
  ["Apollo Client joins the pages of a list", pages],
  ["Apollo Client shows a change wherever the object is used, and why one is refused", mutation],
  ["Apollo Client handles errors with data according to each of its policies", policies],
  ["Apollo Client sends only the hash of a document that the server knows", persisted],
  ["Apollo Client receives events", subscription],
];

const CUSTOMERS = gql`
  query Customers($filter: CustomerFilter, $first: Int!, $after: String) {
    customers(filter: $filter, first: $first, after: $after) {
      totalCount
      edges {
        cursor
        node {
          id
          companyName
          subscriptions(first: 1) {
            nodes {
              id
              quantity
              version
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

async function pages(service) {
  const client = front(service);
  const variables = { filter: { country: { eq: "PL" } }, first: 8 };
  const list = client.watchQuery({ query: CUSTOMERS, variables });
  const shown = () => client.readQuery({ query: CUSTOMERS, variables }).customers;
  let watching;
  await new Promise((resolve, reject) => {
    watching = list.subscribe(({ error, loading }) => (error ? reject(error) : loading || resolve()));
  });
  for (const length of [16, 20]) {
    assert.equal(shown().pageInfo.hasNextPage, true);
    await list.fetchMore({ variables: { after: shown().pageInfo.endCursor } });
    assert.equal(shown().edges.length, length);
  }
  assert.equal(shown().pageInfo.hasNextPage, false);
  watching.unsubscribe();
  const names = shown().edges.map(({ node }) => node.companyName);
  assert.equal(new Set(names).size, 20);
  assert.deepEqual(names, names.toSorted());
  client.stop();
}

async function mutation(service) {
  const client = front(service);
  const variables = { first: 1 };
  await client.query({ query: CUSTOMERS, variables });
  const shown = () => client.readQuery({ query: CUSTOMERS, variables }).customers.edges[0].node.subscriptions.nodes[0];
  const { id, quantity, version } = shown();
  const change = gql`
    mutation Change($input: UpdateSubscriptionInput!) {
      updateSubscription(input: $input) {
        customerSubscription {
          id
          quantity
          version
        }
        userErrors {
          code
          field
        }
      }
    }
  `;
  const input = { subscription: { id }, quantity: quantity + 2, ifVersion: version };
  const done = await client.mutate({ mutation: change, variables: { input } });
  assert.deepEqual(done.data.updateSubscription.userErrors, []);
  assert.deepEqual([shown().quantity, shown().version], [quantity + 2, version + 1]);
  const stale = await client.mutate({ mutation: change, variables: { input } });
  assert.equal(stale.error, undefined);
  assert.deepEqual(stale.data.updateSubscription.userErrors.map(({ code }) => code), ["STALE_VERSION"]);
  client.stop();
}

async function policies(service) {
  const query = gql`
    query TooMany($first: Int!) {
      subscriptions(first: $first) {
        totalCount
      }
      viewer {
        userPrincipalName
      }
    }
  `;
  const ask = (errorPolicy) => front(service).query({ query, variables: { first: 101 }, errorPolicy });
  const data = { subscriptions: null, viewer: { __typename: "Viewer", userPrincipalName: "anna@northwind.example" } };
  const all = await ask("all");
  assert.deepEqual(all.data, data);
  assert.ok(CombinedGraphQLErrors.is(all.error));
  assert.deepEqual(all.error.errors.map(({ path, extensions }) => [path, extensions.code]), [[["subscriptions"], "BAD_PAGE_SIZE"]]);
  const ignored = await ask("ignore");
  assert.deepEqual([ignored.data, ignored.error], [data, undefined]);
  await assert.rejects(ask("none"), (error) => CombinedGraphQLErrors.is(error));
}

async function persisted(service) {
  for (const method of ["POST", "GET"]) {
    const query = gql`
      query ${`By${method}`}($first: Int!) {
        customers(first: $first) {
          totalCount
        }
      }
    `;
    const hashes = new PersistedQueryLink({
      sha256: (text) => createHash("sha256").update(text).digest("hex"),
      useGETForHashedQueries: method === "GET",
    });
    const sent = [];
    const noting = async (url, options) => {
      const hasText = new URL(url).searchParams.has("query") || "query" in JSON.parse(options.body ?? "{}");
      sent.push(`${options.method} ${hasText ? "text" : "hash"}`);
      return await fetch(url, options);
    };
    for (const expected of [[`${method} hash`, "POST text"], [`${method} hash`]]) {
      const { data } = await front(service, { hashes, fetch: noting }).query({ query, variables: { first: 1 } });
      assert.equal(data.customers.totalCount, 20);
      assert.deepEqual(sent.splice(0), expected);
    }
  }
}

async function subscription(service) {
  const socket = createClient({
    url: service.socketUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { Authorization: service.authorization },
  });
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
  const last = gql`
    query Last {
      auditEvents(first: 1) {
        nodes {
          id
        }
      }
    }
  `;
  const { data } = await client.query({ query: last });
  const query = gql`
    subscription Events($after: ID) {
      relationshipEvents(after: $after) {
        id
        operationType
        partner {
          id
          name
        }
      }
    }
  `;
  const variables = { after: data.auditEvents.nodes[0].id };
  const first = new Promise((next, error) => client.subscribe({ query, variables }).subscribe({ next, error }));
  service.happen();
  const event = await first;
  assert.equal(event.error, undefined);
  assert.equal(event.data.relationshipEvents.__typename, "AuditRecord");
  client.stop();
  await socket.dispose();
}

function front({ url, authorization }, { hashes, fetch } = {}) {
  const link = new HttpLink({ uri: url, headers: { authorization }, fetch });
  return new ApolloClient({
    link: hashes ? hashes.concat(link) : link,
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { customers: relayStylePagination(["filter", "orderBy"]) } } } }),
  });
}
