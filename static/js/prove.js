// Passkeys: the server asks, the authenticator signs its answer, the server checks it. Nothing of it is kept here. Fetched when
// somebody uses one.

import { isDone, post, words } from "./api.js";
import { t } from "./words.js";

// Both answer with {answer} to send on, or with {refusal} in words.
export const prove = (url, body) => ask(url, body, async (options) => navigator.credentials.get({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
}));

export const make = (url, body) => ask(url, body, async (options) => navigator.credentials.create({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
}));

async function ask(url, body, authenticator) {
  const asked = await post(url, body);
  if (!isDone(asked)) return { refusal: words(asked.data) };
  try {
    const made = await authenticator(asked.data.options);
    return { answer: { challenge: asked.data.challenge, response: made.toJSON() } };
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // who cancels, or has none, is no fault
    return { refusal: t("No passkey was used.") };
  }
}
