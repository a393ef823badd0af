/** Tells Monaco where its workers are: beside this file, because nothing is loaded from another host. */
const FILES = { graphql: "graphql.worker.js", json: "json.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(new URL(FILES[label] ?? "editor.worker.js", import.meta.url), { type: "module" }),
};
