import { createClient } from "graphql-ws";
import { readToken } from "./token.js";

/** Creates GraphiQL's fetcher: subscriptions over a WebSocket, everything else by POST. */
export function createFetcher({ endpoint, wsEndpoint }) {
  return (params, { headers = {}, documentAST } = {}) => {
    if (isSubscription(documentAST, params.operationName)) return subscribe(wsEndpoint, params, withToken(headers));
    if (params.operationName === "IntrospectionQuery") return introspect(endpoint, params, headers);
    return post(endpoint, params, withToken(headers));
  };
}

/** The headers editor overrides the token field, so that one tab can send requests as a different user. */
function withToken(headers) {
  const token = readToken();
  const named = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
  return !token || named ? headers : { ...headers, Authorization: `Bearer ${token}` };
}

/** The schema needs no token, and an expired one must not hide the documentation. If the server refuses, retry with the token. */
async function introspect(endpoint, params, headers) {
  const open = await post(endpoint, params, headers);
  return open?.data || !readToken() ? open : post(endpoint, params, withToken(headers));
}

async function post(endpoint, params, headers) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { Accept: "application/graphql-response+json, application/json;q=0.9", "Content-Type": "application/json", ...headers },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${response.status} ${response.statusText}: ${text.slice(0, 500) || "empty answer"}`);
  }
}

/** One connection for each subscription, so that each one is opened with the current token. */
function subscribe(wsEndpoint, params, connectionParams) {
  return {
    subscribe(sink) {
      const client = createClient({ url: webSocketUrl(wsEndpoint), connectionParams, retryAttempts: 0 });
      const stop = client.subscribe(params, { ...sink, error: (reason) => fail(sink, reason) });
      return { unsubscribe: stop };
    },
  };
}

/** graphql-ws reports refused operations as a list, a closed socket as an event and everything else as an error. */
function fail(sink, reason) {
  if (Array.isArray(reason)) {
    sink.next({ errors: reason });
    sink.complete();
  } else if (reason instanceof CloseEvent) {
    sink.error(new Error(`The connection was closed: ${reason.code} ${reason.reason}`.trim()));
  } else {
    sink.error(reason instanceof Error ? reason : new Error("The connection failed."));
  }
}

function webSocketUrl(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function isSubscription(documentAST, operationName) {
  const operations = documentAST?.definitions.filter(({ kind }) => kind === "OperationDefinition") ?? [];
  const chosen = operationName ? operations.find(({ name }) => name?.value === operationName) : operations[0];
  return chosen?.operation === "subscription";
}
