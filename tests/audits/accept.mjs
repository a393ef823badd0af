// Content negotiation, compared with the library that most Node.js servers use.

import Negotiator from "negotiator";

const JSON_TYPE = "application/json;charset=utf-8";
const GRAPHQL = "application/graphql-response+json;charset=utf-8";
const EVENTS = "text/event-stream;charset=utf-8";

/** The media types on offer, in the server's order, and ranges to request them. A stream has to be requested by name: a wildcard does not match it. */
const FAMILIES = [
  { served: [JSON_TYPE, GRAPHQL, EVENTS], wildcards: ["application/*", "text/*"] },
  { served: [JSON_TYPE, GRAPHQL], wildcards: ["application/*", "*/*"] },
];
const FOREIGN = ["text/html", "image/webp", "application/xml", "text/plain", "application/json5"];

export const checks = [
  ["four hundred Accept headers select what negotiator selects", async (service) => {
    const random = sequence(20_261_130);
    let refused = 0;
    for (let round = 0; round < 400; round += 1) {
      const { served, wildcards } = FAMILIES[round % FAMILIES.length];
      const accept = header(random, [...served, ...wildcards, ...FOREIGN]);
      const wanted = new Negotiator({ headers: { accept } }).mediaType(served);
      const response = await fetch(service.url, {
        method: "POST",
        headers: { accept, authorization: `Bearer ${service.token}`, "content-type": "application/json" },
        body: '{"query":"{__typename}"}',
      });
      await response.text();
      const type = essence(response.headers.get("content-type"));
      if (wanted === undefined ? response.status !== 406 : response.status !== 200 || type !== essence(wanted)) {
        throw new Error(`Accept: ${accept}\nnegotiator selects ${wanted}, the server responded with ${response.status} ${type}`);
      }
      refused += wanted === undefined ? 1 : 0;
    }
    if (refused === 0 || refused === 400) throw new Error(`${refused} of 400 headers had to be refused`);
    return `${refused} refused`;
  }],
];

/** Up to six ranges with different weights, because with equal weights either is correct (RFC 9110, 12.5.1). */
function header(random, ranges) {
  const weights = shuffled(random, [...Array(11).keys()]);
  return shuffled(random, ranges)
    .slice(0, 1 + random(6))
    .map((range, place) => [spelled(random, range), weights[place]])
    .map(([range, weight]) => (weight === 10 ? range : `${range}${random(2) ? "; " : ";"}q=${weight / 10}`))
    .join(random(2) ? ", " : ",");
}

function spelled(random, range) {
  const bare = random(2) ? range : essence(range);
  return random(3) === 0 ? bare.toUpperCase().replace("CHARSET=UTF-8", "charset=utf-8") : bare;
}

function essence(type) {
  return type?.split(";")[0].trim();
}

/** Pseudo-random numbers that are the same in each run (mulberry32). */
function sequence(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function shuffled(random, items) {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
