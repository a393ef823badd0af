/**
 * The page's configuration from the server: a JSON data block in `index.html`, because the content security policy allows no inline script.
 *
 * `endpoint` accepts queries and mutations over HTTP, `wsEndpoint` subscriptions over a WebSocket; both are paths of this host.
 * `examples` are named operations, each with its variables as JSON text.
 */
export function readConfig() {
  const { endpoint = "/graphql", wsEndpoint = "/graphql/ws", examples = [] } = parsed();
  return { endpoint, wsEndpoint, examples };
}

function parsed() {
  try {
    return JSON.parse(document.getElementById("partnergraph-config").textContent);
  } catch {
    // The file was opened without the server that fills in the block: the usual paths are the best guess.
    console.warn("No configuration in the page: the default endpoints are used and there are no examples.");
    return {};
  }
}
