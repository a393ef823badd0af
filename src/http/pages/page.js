// What the pages share: the access token, requests, and the display of what a request answers.

/** Shared with GraphiQL in the same browser tab; gone when the tab closes. */
const TOKEN = "partnergraph:token";

// If the browser forbids session storage, values are kept here for the lifetime of the page.
const held = new Map();

export function remembered(key) {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return held.get(key) ?? "";
  }
}

export function remember(key, value) {
  held.set(key, value);
  try {
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  } catch {
    // `held` keeps it.
  }
}

export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** An element with these properties and children. Text is always text: nothing that is read becomes HTML. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function show(shown, ...others) {
  shown.hidden = false;
  for (const other of others) other.hidden = true;
}

export function focus(target) {
  if (!target.matches("input, select, textarea, button, a")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  target.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
}

/** A date for people, with the time zone of the browser. */
export function moment(text) {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" }).format(new Date(text));
}

export function partnerText({ name, mpnId, country }) {
  const more = [mpnId && `MPN ID ${mpnId}`, country].filter(Boolean).join(", ");
  return more ? `${name} (${more})` : name;
}

/** Fills a list of terms; entries without a value are left out. */
export function facts(list, entries) {
  const known = entries.filter(([, value]) => value !== null && value !== undefined && value !== "");
  list.replaceChildren(...known.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
}

/** Says what is going on, also to screen readers. */
export function status(text) {
  one("#status").textContent = text;
}

// Secrets in links -----------------------------------------------------------------------------------------------------------------

/** The token in a pasted link, or the pasted text itself. */
function tokenIn(text) {
  const fragment = text.includes("#") ? text.slice(text.indexOf("#") + 1) : text;
  return (new URLSearchParams(fragment).get("token") ?? fragment).trim();
}

/**
 * The field of the token from the link. The token is taken out of the address, so that neither the address bar nor the history has it,
 * and kept in session storage until it is used, so that the page can be loaded again.
 */
export function linkToken(key, changed) {
  const input = one("#link");
  const take = () => {
    const found = new URLSearchParams(location.hash.slice(1)).get("token");
    if (!found) return false;
    remember(key, found.trim());
    history.replaceState(history.state, "", location.pathname + location.search);
    return true;
  };
  const place = () => {
    const has = remembered(key) !== "";
    one("#link-known").hidden = !has;
    one("#link-field").hidden = has;
    input.value = "";
  };
  take();
  place();
  // A second link opened in the same tab changes only the fragment.
  addEventListener("hashchange", () => {
    if (!take()) return;
    place();
    changed();
  });
  one("#link-other").addEventListener("click", () => {
    remember(key, "");
    place();
    changed();
    input.focus();
  });
  return {
    read() {
      if (input.value.trim()) remember(key, tokenIn(input.value));
      return remembered(key);
    },
    place,
    forget: () => remember(key, ""),
  };
}

/** The field of the access token, with a button that shows what was typed. */
export function accessToken() {
  const input = one("#access");
  input.value = remembered(TOKEN);
  input.addEventListener("input", () => remember(TOKEN, bare(input.value)));
  const button = one("#access-show");
  button.addEventListener("click", () => {
    const shows = input.type === "password";
    input.type = shows ? "text" : "password";
    button.textContent = shows ? "Hide" : "Show";
    button.setAttribute("aria-label", `${button.textContent} the access token`);
  });
}

// People paste the whole header value; a second "Bearer" would make every request fail.
const bare = (text) => text.trim().replace(/^bearer\s+/i, "");

// Requests -------------------------------------------------------------------------------------------------------------------------

/** Why a request has no answer, as a sentence for people. */
export class Failure extends Error {
  constructor(code, message, field = []) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

const LONGEST_WAIT = 60_000;

/** Runs the documented operation of that name, whose text is on the page. */
export async function run(name, variables) {
  const document_ = one(`pre[data-operation="${name}"]`).textContent;
  // Only after a real change can it be unknown whether it was made.
  const changes = document_.startsWith("mutation") && variables.input?.validateOnly !== true;
  let response;
  let body;
  try {
    response = await fetch("/graphql", {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json",
        authorization: `Bearer ${remembered(TOKEN)}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ query: document_, operationName: name, variables }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(LONGEST_WAIT),
    });
    body = await response.json();
  } catch {
    if (response && response.status >= 400) throw refused(response, {});
    const unknown = changes ? " It is not known whether the change was saved: check again before you repeat it." : "";
    throw new Failure("NETWORK", `The server could not be reached. Check your connection and try again.${unknown}`);
  }
  const error = body.errors?.[0];
  if (error || !response.ok) throw refused(response, error ?? {});
  return body.data;
}

function refused(response, error) {
  const code = error.extensions?.code ?? "";
  const seconds = error.extensions?.retryAfter ?? response.headers.get("retry-after");
  const wait = seconds ? `Wait ${seconds} ${Number(seconds) === 1 ? "second" : "seconds"}, and try again.` : "Wait a little, and try again.";
  if (response.status === 401 || code === "UNAUTHENTICATED") {
    return new Failure(code, "The access token is wrong, or it has expired. Enter a valid one.", ["access"]);
  }
  if (response.status === 429) return new Failure(code, `There were too many requests with your token. Nothing was changed. ${wait}`);
  if (response.status === 503) return new Failure(code, `The server is busy. Nothing was changed. ${wait}`);
  if (code === "DOCUMENT_NOT_TRUSTED") {
    return new Failure(code, "This installation accepts only operations that it was configured with, and those of this page are not among them. Tell its operator.");
  }
  const id = error.extensions?.requestId ?? response.headers.get("x-request-id");
  const message = error.message ?? `The server answered with the status ${response.status}.`;
  return new Failure(code, id ? `${message} If this persists, report the request id ${id}.` : message);
}

// Errors ---------------------------------------------------------------------------------------------------------------------------

/** The field that a user error names: the longest part of its path that the form has. */
function fieldOf(form, path) {
  const names = path.filter((part) => !/^\d+$/.test(part));
  for (let length = names.length; length > 0; length -= 1) {
    const found = one(`[data-field="${names.slice(0, length).join(".")}"]`, form);
    if (found && !found.closest("[hidden]")) return found;
  }
  return null;
}

const target = (field) => (field.matches("fieldset") ? one("input, select, textarea", field) : field);

export function clearErrors() {
  one("#errors").hidden = true;
  for (const text of all(".error")) text.remove();
  for (const field of all("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    const known = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && !id.endsWith("-error"));
    if (known.length > 0) field.setAttribute("aria-describedby", known.join(" "));
    else field.removeAttribute("aria-describedby");
  }
}

/** The rule and the alternatives, after the message. */
function details(error) {
  const hints = (error.options ?? []).length > 0 ? element("ul", {}, ...error.options.map((option) => element("li", {}, option))) : null;
  const rule = error.rule ? element("span", { className: "rule" }, ` (rule ${error.rule})`) : null;
  return [rule, hints];
}

/** Puts a message beside its field. */
function mark(field, errors) {
  const input = target(field);
  const id = `${input.id}-error`;
  const text = element("p", { id, className: "error" }, errors.map((error) => error.message).join(" "));
  const after = field.matches("fieldset") ? null : (field.closest(".reveal, .choice") ?? field);
  if (after) after.after(text);
  else one("legend", field).after(text);
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
}

/** Shows all errors in a summary, which gets the focus, and each beside the field that it names. */
export function showErrors(title, errors, form = document) {
  clearErrors();
  const marked = new Map();
  const items = errors.map((error) => {
    const field = fieldOf(form, error.field ?? []);
    if (!field) return element("li", {}, error.message, ...details(error));
    marked.set(field, [...(marked.get(field) ?? []), error]);
    const link = element("a", { href: `#${target(field).id}` }, error.message);
    // The fragment of the address is for tokens only.
    link.addEventListener("click", (event) => {
      event.preventDefault();
      focus(target(field));
    });
    return element("li", {}, link, ...details(error));
  });
  for (const [field, own] of marked) mark(field, own);
  const summary = one("#errors");
  summary.replaceChildren(element("h2", {}, title), element("ul", {}, ...items));
  summary.hidden = false;
  focus(summary);
}

/** Shows why a request has no answer. */
function showFailure(failure) {
  if (!(failure instanceof Failure)) throw failure;
  if (failure.field[0] === "access") one("#ask").hidden = false;
  showErrors("That did not work", [failure]);
}

/** Folds the form with the access token once it has done its work; a button brings it back. */
export function foldAsk(folds) {
  one("#ask").hidden = folds;
  one("#again").hidden = !folds;
}

/** Moves the messages to where the eyes are: before that part of the page. */
export function messagesBefore(part) {
  part.before(one("#messages"));
}

// Work -----------------------------------------------------------------------------------------------------------------------------

let isBusy = false;

/** Does work once at a time; says that it is under way, and shows its failure. */
export async function work(text, doing) {
  if (isBusy) return;
  isBusy = true;
  clearErrors();
  one("#done").hidden = true;
  status(text);
  // Not `disabled`: a disabled button loses the focus.
  for (const button of all("button")) button.setAttribute("aria-disabled", "true");
  try {
    await doing();
  } catch (failure) {
    showFailure(failure);
  } finally {
    isBusy = false;
    status("");
    for (const button of all("button")) button.removeAttribute("aria-disabled");
  }
}

/** Shows what came of it, with the focus. */
export function showDone(title, sentences, kind = "good") {
  const done = one("#done");
  done.className = `notice ${kind}`;
  done.replaceChildren(element("h2", {}, title), ...sentences.map((text) => element("p", {}, text)));
  done.hidden = false;
  focus(done);
}

/** A form that runs `doing` when it is submitted. */
export function onSubmit(form, doing) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    doing();
  });
}

/** The page works: shows the forms, and folds the explanation for engineers. */
export function start() {
  one("#app").hidden = false;
  one("#engineers").open = false;
}
