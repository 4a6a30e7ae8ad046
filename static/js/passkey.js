// Whether this tablet knows passkeys, and how to use one.

import { NO_ANSWER } from "./api.js";

export const canUse = () => Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);
export const prove = (url, body) => import("./prove.js").then((all) => all.prove(url, body), () => ({ refusal: NO_ANSWER.data.message }));
