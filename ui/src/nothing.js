/*
 * The build replaces parts of prettier with this file: its JavaScript parser and printer, which are not needed because of `prettier.js`,
 * and all of prettier in the GraphQL worker, which never formats.
 */
export const parsers = {};
export const printers = {};
export default { parsers, printers };
