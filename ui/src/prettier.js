/*
 * The build replaces `prettier/standalone` with this file. GraphiQL formats operations and, with a full JavaScript parser,
 * the JSON of variables and headers. For JSON, the parser that the editor already includes is enough.
 */
import { applyEdits, format as jsonEdits } from "jsonc-parser";
import { format as prettierFormat } from "prettier/standalone.mjs";

export async function format(text, options) {
  if (options.parser !== "jsonc") return prettierFormat(text, options);
  return applyEdits(text, jsonEdits(text, undefined, { tabSize: 2, insertSpaces: true }));
}
