/**
 * The access token of this browser tab. It lives in session storage only: it ends with the tab, and no other tab sees it.
 * Every request reads it anew, so a changed token counts from the next request on.
 */
const KEY = "partnergraph:token";

// Session storage is missing where the browser forbids it; the token then lives as long as the page.
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
 * Gives whether there was one. A fragment never reaches the server, so the token is in no access log.
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
