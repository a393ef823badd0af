// /verify: the two questions to the primary contact of an enrolment.

import { accessToken, all, clearErrors, linkToken, onSubmit, one, run, show, showDone, showErrors, start, work } from "./page.js";

const link = linkToken("partnergraph:verification", reset);
const form = one("#verify-form");

const chosen = (name) => one(`input[name="${name}"]:checked`)?.value ?? null;
const rejects = () => chosen("signed-up") === "no" || chosen("belongs") === "no";

function reset() {
  clearErrors();
  show(form, one("#done"));
}

/** What the form lacks. The API takes only yes or no, so an answer that is missing cannot be sent. */
function missing() {
  const answer = (name, field) => (chosen(name) ? null : { message: "Choose yes or no.", field: [field] });
  return [
    one("#access").value.trim() ? null : { message: "Enter your access token.", field: ["access"] },
    link.read() ? null : { message: "Enter the link from the email, or its token.", field: ["token"] },
    answer("signed-up", "signedUp"),
    answer("belongs", "emailBelongsToCompany"),
  ].filter(Boolean);
}

/** Sends the answers, and returns the payload, or null if they are missing or refused. */
async function send(title, validateOnly) {
  const lacking = missing();
  if (lacking.length > 0) return showErrors("Something is missing", lacking, form);
  const input = {
    token: link.read(),
    signedUp: chosen("signed-up") === "yes",
    emailBelongsToCompany: chosen("belongs") === "yes",
    validateOnly,
  };
  const { verifyPrimaryContact } = await run("VerifyPrimaryContact", { input });
  if (verifyPrimaryContact.userErrors.length === 0) return verifyPrimaryContact;
  const errors = verifyPrimaryContact.userErrors.map((error) => (error.code === "NOT_FOUND" ? { ...error, message: UNKNOWN } : error));
  return showErrors(title, errors, form);
}

const UNKNOWN = "There is no open verification with this link. Check that the link is complete, and that it is the one from the newest email. It can be used once.";

for (const input of all('input[type="radio"]', form)) {
  input.addEventListener("change", () => {
    one("#rejects").hidden = !rejects();
  });
}

one("#check").addEventListener("click", () =>
  work("Checking, without saving anything…", async () => {
    const result = rejects() ? "With these answers, the enrolment would be rejected." : "With these answers, the enrolment would go to its review.";
    if (await send("This would be refused", true)) showDone("The answers can be sent", [result, "Nothing has been saved yet."]);
  }));

onSubmit(form, () =>
  work("Sending the answers…", async () => {
    if (!(await send("The answers were refused; nothing was saved", false))) return;
    link.forget();
    link.place();
    form.hidden = true;
    if (rejects()) {
      showDone("The enrolment is rejected", ["Thank you for your answers. A Global admin of the company can enrol again."], "warn");
    } else {
      showDone("Thank you, the answers are saved", ["An operator now reviews the enrolment. The primary contact gets an email with the decision."]);
    }
  }));

accessToken();
start();
