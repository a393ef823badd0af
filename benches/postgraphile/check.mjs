// Queries both servers for the customers of one reseller and compares the responses, value by value. Exits with 0 if they are the same.
//
//   PARTNERGRAPH_TOKEN=... node check.mjs PARTNERGRAPH_URL POSTGRAPHILE_URL MPN_ID [FIRST]      URLs include /graphql; FIRST defaults to 50

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const [ours, theirs, mpnId, first = "50"] = process.argv.slice(2);
const token = process.env.PARTNERGRAPH_TOKEN;
if (!ours || !theirs || !mpnId || !token) {
  console.error("usage: PARTNERGRAPH_TOKEN=... node check.mjs PARTNERGRAPH_URL POSTGRAPHILE_URL MPN_ID [FIRST]");
  process.exit(2);
}
const variables = { mpnId, first: Number(first) };

async function ask(url, operation, headers = {}) {
  const query = readFileSync(new URL(operation, import.meta.url), "utf8");
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${url} answered ${response.status}: ${text}`);
  const { data, errors } = JSON.parse(text);
  assert.equal(errors, undefined, `${url} answered with errors: ${text.slice(0, 1000)}`);
  return { data, bytes: text.length };
}

// PostGraphile's times have no time zone. The database stores UTC.
const moment = (text) => new Date(/(Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`).toISOString();
const partner = (of) => of && { mpnId: of.mpnId, name: of.name };
const page = (of) => ({ hasNextPage: of.hasNextPage, hasPreviousPage: of.hasPreviousPage });

/** The part of a response that must be the same, in one form for both servers. */
function values(customers, contact) {
  const cursors = customers.edges.map((edge) => edge.cursor);
  assert.equal(new Set(cursors).size, customers.nodes.length, "two edges have the same cursor");
  assert.equal(customers.pageInfo.startCursor, cursors.at(0) ?? null);
  assert.equal(customers.pageInfo.endCursor, cursors.at(-1) ?? null);
  return {
    totalCount: customers.totalCount,
    pageInfo: page(customers.pageInfo),
    nodes: customers.nodes.map(({ id, region, indirectResellers, subscriptions, ...customer }) => ({
      ...customer,
      createdAt: moment(customer.createdAt),
      updatedAt: moment(customer.updatedAt),
      indirectResellers: indirectResellers.nodes.map(partner),
      subscriptions: {
        totalCount: subscriptions.totalCount,
        nodes: subscriptions.nodes.map(({ id, partnerOfRecord, supportContact, contactIsDefault, ...subscription }) => ({
          ...subscription,
          partnerOfRecord: partner(partnerOfRecord),
          supportContact: contact(supportContact, contactIsDefault),
        })),
      },
    })),
  };
}

async function compare() {
  const [one, other] = await Promise.all([
    ask(ours, "../customers_of_reseller/operation.graphql", { Authorization: `Bearer ${token}` }),
    ask(theirs, "operation.graphql"),
  ]);
  assert.ok(other.data.resellerByMpnId, `PostGraphile does not know the reseller ${mpnId}`);
  const expected = values(one.data.customers, (contact) => contact);
  const actual = values(other.data.resellerByMpnId.customers, (contact, isDefault) => ({
    supportTenantId: contact?.tenantId ?? null,
    supportMpnId: contact?.mpnId ?? null,
    name: contact?.name ?? null,
    isDefault,
  }));
  assert.ok(expected.nodes.length > 0, `${mpnId} has no customers, so there is nothing to compare`);
  assert.deepStrictEqual(actual, expected);
  const count = (list) => expected.nodes.reduce((sum, node) => sum + list(node).length, 0);
  console.log(
    `Same response: ${expected.nodes.length} of ${expected.totalCount} customers, ${count((node) => node.subscriptions.nodes)} subscriptions, ` +
      `${count((node) => node.indirectResellers)} resellers; ${one.bytes} and ${other.bytes} characters`,
  );
}

try {
  await compare();
} catch (difference) {
  // In a difference, lines with + are PostGraphile's and lines with - are Partnergraph's.
  console.error(`error: ${difference.message}`);
  process.exit(1);
}
