/*
 * The build puts this file in the place of parts of prettier: its JavaScript parser and printer, which `prettier.js` makes needless,
 * and the whole of it in the GraphQL worker, which is never asked to format.
 */
export const parsers = {};
export const printers = {};
export default { parsers, printers };
