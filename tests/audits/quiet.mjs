// Libraries warn on the console and through the process: what was said during a check makes it fail.

import { format } from "node:util";

const said = [];

/** The console as it was, for the audits themselves. */
export const out = { log: console.log.bind(console), error: console.error.bind(console) };

for (const method of ["log", "info", "debug", "warn", "error", "trace"]) {
  console[method] = (...words) => said.push(`console.${method}: ${format(...words)}`);
}
process.on("warning", (warning) => said.push(warning.stack));
process.on("unhandledRejection", (reason) => said.push(`unhandled: ${reason?.stack ?? reason}`));

/** What was said since the last call. */
export function heard() {
  return said.splice(0);
}
