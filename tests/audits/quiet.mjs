// Libraries warn on the console and through the process; a warning during a check makes it fail.

import { format } from "node:util";

const said = [];

/** The original console, for the audits themselves. */
export const out = { log: console.log.bind(console), error: console.error.bind(console) };

for (const method of ["log", "info", "debug", "warn", "error", "trace"]) {
  console[method] = (...words) => said.push(`console.${method}: ${format(...words)}`);
}
process.on("warning", (warning) => said.push(warning.stack));
process.on("unhandledRejection", (reason) => said.push(`unhandled: ${reason?.stack ?? reason}`));

/** The warnings since the last call. */
export function heard() {
  return said.splice(0);
}
