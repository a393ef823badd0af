// Runs every check against a server of its own, and says which failed.

import { Service } from "./service.mjs";
import { checks as differential } from "./differential.mjs";
import { checks as events } from "./events.mjs";
import { checks as http } from "./http.mjs";
import { checks as websocket } from "./websocket.mjs";

const program = process.argv[2];
const service = await Service.start(program);
let failed = 0;
try {
  for (const [name, check] of [...http, ...websocket, ...events, ...differential]) {
    try {
      const note = await within(120_000, check(service));
      console.log(`ok      ${name}${note ? `: ${note}` : ""}`);
    } catch (error) {
      failed += 1;
      console.error(`failed  ${name}\n${indented(shown(error))}`);
    }
  }
} finally {
  service.kill();
}
if (failed > 0) {
  console.error(`${failed} checks failed`);
  process.exit(1);
}

/** A client may fail with an error, with the event that closed its connection, or with GraphQL errors. */
function shown(reason) {
  if (reason instanceof Error) return reason.stack;
  return reason?.code ? `closed with ${reason.code} ${reason.reason}` : JSON.stringify(reason);
}

function indented(text) {
  return text.replace(/^/gm, "          ");
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
