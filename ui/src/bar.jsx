import { useEffect, useState } from "react";
import { readToken, takeTokenFromAddress, writeToken } from "./token.js";

/** The bar above GraphiQL with the name and the access token. */
export function Bar() {
  const [token, setToken] = useState(readToken);
  const [shown, setShown] = useState(false);

  const change = (value) => {
    writeToken(value);
    setToken(value);
  };

  // A second link with a token, opened in a tab that already shows the page, changes only the fragment.
  useEffect(() => {
    const take = () => takeTokenFromAddress() && setToken(readToken());
    addEventListener("hashchange", take);
    return () => removeEventListener("hashchange", take);
  }, []);

  // Masked by style rather than by type="password": a password manager would offer to save the token beyond the lifetime of the tab.
  return (
    <header className="pg-bar">
      <h1>Partnergraph</h1>
      <label htmlFor="partnergraph-token">Access token</label>
      <input
        id="partnergraph-token"
        className={shown ? undefined : "pg-masked"}
        value={token}
        onChange={(event) => change(event.target.value)}
        placeholder="none: only the schema is readable"
        title="Sent with every request of this browser tab and forgotten when the tab closes."
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
      />
      <button type="button" aria-pressed={shown} aria-controls="partnergraph-token" onClick={() => setShown(!shown)}>
        {shown ? "Hide" : "Show"}
      </button>
      <button type="button" disabled={!token} onClick={() => change("")}>
        Clear
      </button>
    </header>
  );
}
