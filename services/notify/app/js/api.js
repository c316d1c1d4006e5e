// Calls of the API, with the token kept fresh. The token is the dispatchers' console's: where both pages come
// from one address, who is in there is in here.

const KEPT = "avariyka.console";
let session = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
let language = localStorage.getItem("avariyka.language") ?? (navigator.language.startsWith("kk") ? "kk" : "ru");

export const inLanguage = () => language;
export const isIn = () => session !== null;

const EDITORS = ["senior_dispatcher", "master", "administrator"];
export const mayEdit = () => (session?.roles ?? []).some((role) => EDITORS.includes(role));

export function speak(chosen) {
  language = chosen;
  localStorage.setItem("avariyka.language", chosen);
}

export function logOut() {
  session = null;
  sessionStorage.removeItem(KEPT);
}

function keep(token) {
  session = token;
  sessionStorage.setItem(KEPT, JSON.stringify(token));
}

/** {status, body, tag}; status 0: no answer. An expired token is renewed once. */
export async function call(method, path, { body, tag } = {}) {
  let answer = await send(method, path, body, tag);
  if (answer.status === 401 && (await renew())) answer = await send(method, path, body, tag);
  return answer;
}

export async function logIn(login, password) {
  const answer = await send("POST", "/v1/login", { login, password });
  if (answer.status === 200) keep(answer.body);
  return answer;
}

async function renew() {
  if (!session?.refresh_token) return false;
  const answer = await send("POST", "/v1/login/refresh", { refresh_token: session.refresh_token });
  if (answer.status === 200) keep(answer.body);
  return answer.status === 200;
}

async function send(method, path, body, tag) {
  try {
    const response = await fetch(path, { method, headers: headers(body, tag), body: body && JSON.stringify(body), cache: "no-store" });
    const isJson = /[/+]json/.test(response.headers.get("Content-Type") ?? "");
    return { status: response.status, body: isJson ? await response.json() : null, tag: response.headers.get("ETag") };
  } catch {
    return { status: 0, body: null, tag: null };
  }
}

function headers(body, tag) {
  return {
    "Accept-Language": language,
    ...(session && { Authorization: `Bearer ${session.access_token}` }),
    ...(body && { "Content-Type": "application/json" }),
    ...(tag && { "If-Match": tag }),
  };
}
