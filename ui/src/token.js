/**
 * The access token of this browser tab. It is kept only in session storage: it is gone when the tab closes, and other tabs cannot see it.
 * Every request reads it again, so a changed token applies from the next request on.
 */
const KEY = "partnergraph:token";

// If the browser forbids session storage, the token is kept here for the lifetime of the page.
let held = "";

export function readToken() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return held;
  }
}

export function writeToken(value) {
  held = withoutScheme(value);
  try {
    if (held) sessionStorage.setItem(KEY, held);
    else sessionStorage.removeItem(KEY);
  } catch {
    // `held` keeps it.
  }
}

/**
 * Takes the token out of `#token=…`, so that a link can carry it, and removes the fragment from the address bar and the history entry.
 * Returns whether there was one. A fragment never reaches the server, so the token is in no access log.
 */
export function takeTokenFromAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.has("token")) return false;
  writeToken(fragment.get("token"));
  history.replaceState(history.state, "", location.pathname + location.search);
  return true;
}

// People paste the whole header value; a second "Bearer" would make every request fail.
function withoutScheme(value) {
  return value.trim().replace(/^bearer\s+/i, "");
}
