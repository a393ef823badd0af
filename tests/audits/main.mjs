// Runs every check against a server, and reports which failed. A warning of a library makes a check fail.

import { heard, out } from "./quiet.mjs";
import { Service } from "./service.mjs";
import { checks as accept } from "./accept.mjs";
import { checks as apollo } from "./apollo.mjs";
import { checks as codegen } from "./codegen.mjs";
import { checks as differential } from "./differential.mjs";
import { checks as events } from "./events.mjs";
import { checks as http } from "./http.mjs";
import { checks as introspection } from "./introspection.mjs";
import { checks as lint } from "./lint.mjs";
import { checks as relay } from "./relay.mjs";
import { checks as urql } from "./urql.mjs";
import { checks as websocket } from "./websocket.mjs";

const program = process.argv[2];
let failed = 0;
// The first checks expect an empty database, and the last of them shuts the server down.
await ask([...http, ...accept, ...websocket, ...events], () => {});
await ask([...lint, ...codegen, ...introspection, ...relay, ...apollo, ...urql], (service) => service.book());
await ask(differential, (service) => service.book());
const late = heard();
if (late.length > 0) {
  failed += 1;
  out.error(`failed  no warnings after the checks\n${indented(late.join("\n"))}`);
}
if (failed > 0) {
  out.error(`${failed} checks failed`);
  process.exit(1);
}

/** Runs checks against their own server. */
async function ask(checks, prepare) {
  const service = await Service.start(program);
  try {
    prepare(service);
    for (const [name, check] of checks) await run(name, check, service);
  } finally {
    service.kill();
  }
}

async function run(name, check, service) {
  const start = Date.now();
  try {
    const note = await within(120_000, check(service));
    const said = heard();
    if (said.length > 0) throw new Error(`there were warnings:\n${said.join("\n")}`);
    out.log(`ok      ${name}${note ? `: ${note}` : ""} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    out.error(`failed  ${name}\n${indented([shown(error), ...heard()].join("\n"))}`);
  }
}

/** A client can fail with an error, with the event that closed its connection, or with GraphQL errors. */
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
    timer = setTimeout(() => reject(new Error(`not finished after ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
