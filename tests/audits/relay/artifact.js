// Replaces documents by compiled artifacts, as babel-plugin-relay does in a front end's source.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export function graphql([text]) {
  const [, name] = /^\s*(?:query|mutation|subscription|fragment)\s+(\w+)/.exec(text);
  return require(`./__generated__/${name}.graphql.js`);
}
