/*
 * The build puts this file in the place of `prettier/standalone`. GraphiQL formats operations and, by way of a whole JavaScript
 * parser, the JSON of variables and headers; for JSON the parser that the editor has already is enough.
 */
import { applyEdits, format as jsonEdits } from "jsonc-parser";
import { format as prettierFormat } from "prettier/standalone.mjs";

export async function format(text, options) {
  if (options.parser !== "jsonc") return prettierFormat(text, options);
  return applyEdits(text, jsonEdits(text, undefined, { tabSize: 2, insertSpaces: true }));
}
