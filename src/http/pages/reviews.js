// /reviews: an operator decides the review of an enrolment (E-09, E-17); whoever enrols sees how the own one stands.

import { accessToken, all, clearErrors, element, facts, foldAsk, focus, messagesBefore, moment, onSubmit, one, run, show, showDone, showErrors, start, work } from "./page.js";

const TYPES = { INDIRECT_RESELLER: "Indirect reseller", INDIRECT_PROVIDER: "Indirect provider", DIRECT_BILL: "Direct-bill partner" };
const PAGE = 20;

const form = one("#decide-form");
let partners = [];
let after = null;
/** The enrolment that is open. */
let current = null;

const waitsForContact = (partner) => partner.vettingSubStatus === "EMAIL_OWNERSHIP" || partner.vettingSubStatus === "EMAIL_DOMAIN";
const badge = (kind, text) => element("span", { className: `badge ${kind}` }, text);
const standing = (partner) => (waitsForContact(partner) ? badge("warn", "Waiting for its primary contact") : badge("good", "Ready for a decision"));
const needsReason = ({ review }) => review?.placeholder && review.namesMatch !== true;
const decision = () => one('input[name="decision"]:checked')?.value ?? null;

// The list ---------------------------------------------------------------------------------------------------------------------------

async function read(more = false) {
  const { partnerReviews } = await run("PartnerReviews", { first: PAGE, after: more ? after : null });
  partners = more ? [...partners, ...partnerReviews.nodes] : partnerReviews.nodes;
  after = partnerReviews.pageInfo.endCursor;
  one("#list-title").textContent = `Enrolments under review: ${partnerReviews.totalCount}`;
  one("#list-none").hidden = partners.length > 0;
  one("#more").hidden = !partnerReviews.pageInfo.hasNextPage;
  one("#rows").replaceChildren(...partners.map((partner, at) => element("li", {}, row(partner, at + 1))));
  show(one("#list"), one("#review"), one("#own"));
  foldAsk(true);
  messagesBefore(one("#list"));
}

function row(partner, place) {
  const { placeholder } = partner.review ?? {};
  const details = [partner.mpnId && `MPN ID ${partner.mpnId}`, TYPES[partner.type], partner.country].filter(Boolean).join(", ");
  const takes = placeholder ? `Takes over ${count(placeholder.customers, "customer")} and ${count(placeholder.subscriptions, "subscription")}` : "Takes over nothing";
  const button = element(
    "button", { type: "button", id: `review-${place}` },
    element("strong", {}, partner.name), element("small", {}, details), element("small", {}, takes), element("span", {}, standing(partner)),
  );
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") open(partner);
  });
  return button;
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

// One enrolment ----------------------------------------------------------------------------------------------------------------------

function open(partner) {
  current = partner;
  clearErrors();
  one("#done").hidden = true;
  form.reset();
  one("#review-title").textContent = partner.name;
  const { review, primaryContact: contact } = partner;
  const match = review?.namesMatch;
  facts(one("#review-facts"), [
    ["State", standing(partner)],
    ["Claimed name", review?.claimedName],
    ["Registered company", review?.registeredCompany ?? "The register has no name for this MPN ID"],
    ["Registered country", review?.registeredCountry],
    ["Company name", match === true ? badge("good", "Matches") : match === false ? badge("bad", "Does not match") : badge("warn", "Cannot be compared")],
    ["MPN ID", partner.mpnId],
    ["Type", TYPES[partner.type]],
    ["Country", partner.country],
    ["Tenant id", partner.tenantId],
    ["Primary contact", contact && [[contact.firstName, contact.lastName].filter(Boolean).join(" "), contact.email].filter(Boolean).join(", ")],
    ["Enrolled on", moment(partner.createdAt)],
  ]);
  const placeholder = review?.placeholder;
  one("#takes-over").hidden = !placeholder;
  one("#takes-nothing").hidden = Boolean(placeholder);
  if (placeholder) {
    one("#takes-over-text").textContent = `Imports recorded this under MPN ID ${partner.mpnId}, which no account has yet:`;
    facts(one("#takes-over-facts"), [
      ["Providers", String(placeholder.providers)], ["Customers", String(placeholder.customers)],
      ["Subscriptions", String(placeholder.subscriptions)], ["Licences", String(placeholder.licenses)],
    ]);
  }
  arrange();
  messagesBefore(form.closest(".card"));
  show(one("#review"), one("#list"));
  focus(one("#review-title"));
}

/** Shows the fields that the decision has. */
function arrange() {
  const takesOver = decision() === "AUTHORIZE" && Boolean(current.review?.placeholder);
  one("#takeover-fields").hidden = !takesOver;
  one("#reason-field").hidden = !needsReason(current);
  const differs = current.review?.namesMatch === false;
  one("#reason-hint").textContent = `${differs ? "The register has another name for this MPN ID" : "The register has no name for this MPN ID"}. Only operators can read the reason.`;
  one("#ground-field").hidden = decision() !== "REJECT";
}

for (const input of all('input[name="decision"]')) input.addEventListener("change", arrange);

async function decide(title, validateOnly) {
  if (!decision()) return showErrors("Something is missing", [{ message: "Choose a decision.", field: ["decision"] }], form);
  const input = { partner: { id: current.id }, decision: decision(), note: one("#note").value.trim() || null, validateOnly };
  if (decision() === "REJECT") input.ground = one("#ground").value;
  else if (current.review?.placeholder) {
    input.confirmTakeover = one("#confirm-takeover").checked;
    if (needsReason(current)) input.takeoverReason = one("#takeover-reason").value.trim() || null;
  }
  const { reviewPartner } = await run("ReviewPartner", { input });
  if (reviewPartner.userErrors.length === 0) return reviewPartner;
  return showErrors(title, reviewPartner.userErrors, form);
}

one("#check").addEventListener("click", () =>
  work("Checking, without saving anything…", async () => {
    const done = await decide("This would be refused", true);
    if (done) showDone("The decision can be saved", ["Nothing has been saved yet."]);
  }));

onSubmit(form, () =>
  work("Saving the decision…", async () => {
    const done = await decide("The decision was refused; nothing was saved", false);
    if (!done) return;
    const { name, mpnId, review } = current;
    const authorizes = decision() === "AUTHORIZE";
    const news = authorizes
      ? [`The account now has MPN ID ${mpnId}.`, review?.placeholder ? "It has taken over what was recorded under it." : null]
      : ["Nothing was taken over. A Global admin of the company can enrol again."];
    await read();
    const title = authorizes ? `${name} is authorised` : `${name} is rejected`;
    showDone(title, [...news.filter(Boolean), "The primary contact gets an email."], authorizes ? "good" : "warn");
  }));

one("#back").addEventListener("click", () =>
  work("Reading the list…", async () => {
    await read();
    focus(one("#list-title"));
  }));

one("#more-button").addEventListener("click", () =>
  work("Reading more…", async () => {
    const known = partners.length;
    await read(true);
    const next = all("#rows button")[known];
    if (next) focus(next);
  }));

// Who asks ---------------------------------------------------------------------------------------------------------------------------

const STATUSES = {
  NONE: ["Not under review", "warn", "There is no enrolment of this account."],
  AUTHORIZED: ["Authorised", "good", "A Global admin of the company can now accept the Microsoft Partner Agreement, unless that has been done."],
  PENDING: ["Under review", "warn", "An operator decides. The primary contact gets an email with the decision."],
  REJECTED: ["Rejected", "bad", "A Global admin of the company can enrol again."],
};

const REASONS = {
  EMAIL_OWNERSHIP: "The primary contact did not confirm signing up.",
  EMAIL_DOMAIN: "The primary contact's email address does not belong to the company.",
  EMPLOYMENT_VERIFICATION: "It could not be confirmed that the person who enrolled may act for the company.",
  BUSINESS_VERIFICATION: "No established profile of the company was found.",
};

function showOwn(partner) {
  const [text, kind, next] = STATUSES[partner.vettingStatus] ?? STATUSES.NONE;
  const isRejected = partner.vettingStatus === "REJECTED";
  const isWaiting = partner.vettingStatus === "PENDING" && waitsForContact(partner);
  facts(one("#own-facts"), [
    ["Account", partner.name],
    ["MPN ID", partner.mpnId],
    ["State", badge(kind, text)],
    ["Reason", isRejected ? REASONS[partner.vettingSubStatus] : null],
  ]);
  one("#own-next").textContent = isWaiting
    ? "The primary contact has to answer the verification email first. The review continues after that."
    : next;
  show(one("#own"), one("#list"), one("#review"));
  foldAsk(true);
  focus(one("#own-title"));
}

one("#again button").addEventListener("click", () => {
  clearErrors();
  foldAsk(false);
  show(one("#ask"), one("#own"), one("#list"), one("#review"), one("#done"));
  messagesBefore(one("#ask"));
  focus(one("#access"));
});

onSubmit(one("#ask-form"), () =>
  work("Reading the reviews…", async () => {
    show(one("#ask"), one("#own"), one("#list"), one("#review"));
    messagesBefore(one("#ask"));
    if (!one("#access").value.trim()) return showErrors("Something is missing", [{ message: "Enter your access token.", field: ["access"] }]);
    const { viewer } = await run("EnrolmentStatus", {});
    if (viewer.roles.includes("OPERATOR")) {
      await read();
      return focus(one("#list-title"));
    }
    if (viewer.organization?.__typename === "Partner") return showOwn(viewer.organization);
    const message = "Only operators can review enrolments, and this access token is not an operator's. To see how your own enrolment stands, use a token of the company that is enrolling.";
    return showErrors("This token cannot see any reviews", [{ message, field: ["access"] }]);
  }));

accessToken();
start();
