// /invitation: who invites and what for, and the answer.

import {
  accessToken, clearErrors, element, facts, foldAsk, focus, linkToken, messagesBefore, moment, onSubmit, one, partnerText, run, show, showDone, showErrors, start, work,
} from "./page.js";

const TITLES = {
  PARTNERSHIP: "A request for a partnership",
  CUSTOMER: "An invitation to a reseller relationship",
  JOINT_CUSTOMER: "A joint invitation by a reseller and its provider",
  DELEGATED_ADMIN: "A request for delegated administration privileges",
};

const STATES = {
  DRAFT: ["Waiting for your answer", "warn"],
  DONE: ["Waiting for your answer", "warn"],
  ACCEPTED: ["Accepted", "good"],
  DECLINED: ["Declined", "bad"],
  EXPIRED: ["Expired", "bad"],
  REVOKED: ["Revoked", "bad"],
};

/** Plain words for refusals whose messages are for programs: the box that they are about is on the page. */
const PLAIN = {
  CONFIRMATION_MISSING: "Tick the box to confirm that you authorise the provider.",
  CUSTOMER_AGREEMENT_MISSING: "Tick the box to accept the Microsoft Customer Agreement, and enter who accepts it.",
  INTERNAL_USE_NOT_CONFIRMED: "Tick the box to confirm whose internal use your tenant serves. If it does not, decline the invitation.",
};

const link = linkToken("partnergraph:invitation", reset);
const form = one("#answer-form");
const decline = one("#decline");
let invitation = null;

const isPartnership = () => invitation.kind === "PARTNERSHIP";
const isOpen = () => invitation.state === "DRAFT" || invitation.state === "DONE";

/** What an acceptance does, one sentence each. */
function effects({ kind, inviter, jointProvider, delegatedAdmin, providerDelegatedAdmin, reseller, internalUseOfMpnId, agreementRequired }) {
  if (kind === "PARTNERSHIP") {
    return [
      `${inviter.name} appears in your list of indirect providers, and you in its list of indirect resellers.`,
      `${inviter.name} can order and add subscriptions for your customers. You do not get the customers of ${inviter.name}.`,
      `${inviter.name} gets administrator access to your partner account. You can remove that access at any time.`,
    ];
  }
  const sentences = [];
  if (kind === "CUSTOMER") sentences.push(`${inviter.name} becomes your reseller: it can sell to you, and manage what you buy from it.`);
  if (kind === "JOINT_CUSTOMER") {
    sentences.push(`${inviter.name} becomes your reseller and ${jointProvider?.name ?? "its provider"} its indirect provider. You accept both or neither.`);
  }
  if (kind === "DELEGATED_ADMIN") sentences.push(`${inviter.name} is your reseller already, and remains so.`);
  const holders = [delegatedAdmin && inviter.name, providerDelegatedAdmin && jointProvider?.name].filter(Boolean);
  sentences.push(
    holders.length > 0
      ? `Delegated administration privileges in your tenant, for Azure Active Directory and Office 365, go to ${holders.join(" and ")}. You can remove them at any time.`
      : "Nobody gets administrator rights in your tenant.",
  );
  if (reseller) {
    sentences.push(`${partnerText(reseller)} is associated with your account: it manages what you buy from ${inviter.name} on your behalf, and gets administrator access to your subscriptions and services.`);
  }
  if (internalUseOfMpnId) sentences.push(`Your tenant is marked as serving the internal use of the partner with MPN ID ${internalUseOfMpnId}.`);
  sentences.push(
    agreementRequired
      ? "Your company accepts the Microsoft Customer Agreement in the same step."
      : "Your company has accepted the Microsoft Customer Agreement before, and is not asked again.",
  );
  return sentences;
}

/** Why a closed invitation can no longer be answered. */
function closed({ state, expiresAt, inviter }) {
  const again = `Ask ${inviter.name} for a new invitation.`;
  return {
    ACCEPTED: "Your organisation has already accepted this invitation. There is nothing left to do.",
    DECLINED: `Your organisation has already declined this invitation. If that was a mistake: ${again}`,
    EXPIRED: `This invitation expired on ${moment(expiresAt)}. ${again}`,
    REVOKED: `${inviter.name} has revoked this invitation. ${again}`,
  }[state];
}

function reset() {
  invitation = null;
  clearErrors();
  one("#done").hidden = true;
  foldAsk(false);
  show(one("#ask"), one("#found"), one("#answer"));
  messagesBefore(one("#ask"));
}

function present() {
  one("#found-title").textContent = TITLES[invitation.kind];
  const [text, kind] = STATES[invitation.state];
  facts(one("#found-facts"), [
    ["From", partnerText(invitation.inviter)],
    ["Together with", invitation.jointProvider && partnerText(invitation.jointProvider)],
    ["Can be answered until", moment(invitation.expiresAt)],
    ["State", element("span", { className: `badge ${kind}` }, text)],
    ["Who can answer", isPartnership() ? "A Global admin or an Admin agent of your reseller account" : "A Global admin of your company's tenant"],
  ]);
  one("#found-effects").replaceChildren(...effects(invitation).map((text) => element("li", {}, text)));
  one("#effects").hidden = !isOpen();
  const why = isOpen() ? null : closed(invitation);
  one("#closed").hidden = !why;
  one("#closed").textContent = why ?? "";
  show(one("#found"));
  one("#answer").hidden = !isOpen();
  one("#partnership-fields").hidden = !isPartnership();
  one("#customer-fields").hidden = isPartnership();
  one("#agreement").hidden = !invitation.agreementRequired;
  one("#own-use").hidden = !invitation.internalUseOfMpnId;
  one("#own-use-mpn").textContent = invitation.internalUseOfMpnId ?? "";
  one("#partnership-inviter").textContent = invitation.inviter.name;
  one("#decline-text").textContent = `${invitation.inviter.name} sees that you declined. You cannot take it back; ${invitation.inviter.name} would have to invite you again.`;
}

/** The input of the acceptance. Whether something is missing, the server says. */
function acceptance(validateOnly, completed = false) {
  const token = link.read();
  const is = (id) => completed || one(id).checked;
  if (isPartnership()) return ["AcceptPartnership", { token, confirm: is("#confirm"), validateOnly }];
  const value = (id) => one(id).value.trim();
  const person = { firstName: value("#first-name"), lastName: value("#last-name"), email: value("#email") };
  const input = {
    token,
    acceptCustomerAgreement: invitation.agreementRequired && one("#accept-agreement").checked ? person : null,
    confirmInternalUseOf: invitation.internalUseOfMpnId && is("#confirm-own-use") ? { mpnId: invitation.internalUseOfMpnId } : null,
    companyName: value("#company-name") || null,
    validateOnly,
  };
  return ["AcceptInvitation", input];
}

/** Runs the mutation, and returns its payload, or null if it was refused. */
async function answered(title, [name, input]) {
  const data = await run(name, { input });
  const payload = Object.values(data)[0];
  if (payload.userErrors.length === 0) return payload;
  showErrors(title, payload.userErrors.map((error) => ({ ...error, message: PLAIN[error.code] ?? error.message })), form);
  return null;
}

/** What stands against an acceptance whatever is entered in the form, such as the caller's role. */
async function obstacles() {
  const [name, input] = acceptance(true, true);
  const data = await run(name, { input });
  return Object.values(data)[0].userErrors.filter((error) => error.field[0] !== "acceptCustomerAgreement");
}

one("#again button").addEventListener("click", () => {
  reset();
  focus(one("#access"));
});

onSubmit(one("#ask-form"), () =>
  work("Asking who invites you…", async () => {
    const token = link.read();
    if (!one("#access").value.trim()) return showErrors("Something is missing", [{ message: "Enter your access token.", field: ["access"] }]);
    if (!token) return showErrors("Something is missing", [{ message: "Enter the link of the invitation, or its token.", field: ["token"] }]);
    const { receivedInvitation } = await run("ReceivedInvitation", { token });
    if (!receivedInvitation) {
      reset();
      const message = "There is no invitation for your organisation with this link. Check that the link is complete, and that your access token is one of the organisation that was invited.";
      return showErrors("No such invitation", [{ message, field: ["token"] }]);
    }
    invitation = receivedInvitation;
    let against = [];
    try {
      if (isOpen()) against = await obstacles();
    } finally {
      link.place();
      present();
      foldAsk(true);
      messagesBefore(one("#answer"));
    }
    if (against.length > 0) showErrors("As things are, you cannot accept", against, form);
    else focus(one("#found-title"));
  }));

one("#check").addEventListener("click", () =>
  work("Checking, without saving anything…", async () => {
    const done = await answered("This would be refused", acceptance(true));
    if (done) showDone("Everything is in order", ["You can accept. Nothing has been saved yet."]);
  }));

onSubmit(form, () =>
  work("Accepting…", async () => {
    const payload = await answered("The acceptance was refused; nothing was saved", acceptance(false));
    if (payload) end("You have accepted the invitation", accepted(payload), "ACCEPTED");
  }));

/** What has come of the acceptance. */
function accepted({ partnership, relationships }) {
  const name = invitation.inviter.name;
  if (partnership) {
    const admin = partnership.providerAdminAccess ? `${name} has administrator access to your partner account.` : null;
    return [`You and ${name} are partners now.`, admin].filter(Boolean);
  }
  const names = [invitation.inviter, invitation.jointProvider].filter(Boolean).map((partner) => partner.name);
  const holders = (relationships ?? []).filter((related) => related.delegatedAdmin?.granted).length;
  return [
    `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} now connected with your company.`,
    holders > 0 ? "Delegated administration privileges are granted, as requested in the invitation." : "Nobody got administrator rights by it.",
    invitation.agreementRequired ? "The acceptance of the Microsoft Customer Agreement is recorded." : null,
  ].filter(Boolean);
}

function end(title, sentences, state) {
  link.forget();
  link.place();
  invitation = { ...invitation, state };
  present();
  one("#closed").hidden = true;
  messagesBefore(one("#found"));
  showDone(title, sentences);
}

one("#decline-open").addEventListener("click", (event) => {
  if (event.currentTarget.getAttribute("aria-disabled") === "true") return;
  decline.showModal();
});
one("#decline-no").addEventListener("click", () => decline.close());
one("#decline-yes").addEventListener("click", () => {
  decline.close();
  work("Declining…", async () => {
    const done = await answered("You cannot decline", ["DeclineInvitation", { token: link.read(), validateOnly: false }]);
    if (done) end("You have declined the invitation", [`${invitation.inviter.name} sees that you declined. Nothing else has changed.`], "DECLINED");
  });
});

accessToken();
start();
