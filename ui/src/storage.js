/**
 * Local storage without request headers: GraphiQL's history keeps the headers of every operation, including any token,
 * even if `shouldPersistHeaders` is false.
 */
const NAMESPACE = "graphiql:";
const HISTORY = [`${NAMESPACE}queries`, `${NAMESPACE}favorites`];

export const storage = {
  getItem: (key) => localStorage.getItem(key),
  removeItem: (key) => localStorage.removeItem(key),
  setItem: (key, value) => localStorage.setItem(key, HISTORY.includes(key) ? withoutHeaders(value) : value),
  clear: () => ownKeys().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return ownKeys().length;
  },
};

function ownKeys() {
  return Object.keys(localStorage).filter((key) => key.startsWith(NAMESPACE));
}

function withoutHeaders(items) {
  return JSON.stringify(JSON.parse(items), (key, value) => (key === "headers" ? undefined : value));
}
