// What babel-plugin-relay does to a front end's source: in the place of a document stands what the compiler made of it.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export function graphql([text]) {
  const [, name] = /^\s*(?:query|mutation|subscription|fragment)\s+(\w+)/.exec(text);
  return require(`./__generated__/${name}.graphql.js`);
}
