// Calls of the dispatchers' API, with the token kept fresh, and the live stream.

const KEPT = "avariyka.console";
let session = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
let language = localStorage.getItem("avariyka.language") ?? (navigator.language.startsWith("kk") ? "kk" : "ru");

export const inLanguage = () => language;
export const isIn = () => session !== null;

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
export async function call(method, path, { body, tag, key } = {}) {
  let answer = await send(method, path, body, tag, key);
  if (answer.status === 401 && (await renew())) answer = await send(method, path, body, tag, key);
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

async function send(method, path, body, tag, key) {
  try {
    const response = await fetch(path, { method, headers: headers(body, tag, key), body: body && JSON.stringify(body), cache: "no-store" });
    const isJson = /[/+]json/.test(response.headers.get("Content-Type") ?? "");
    return { status: response.status, body: isJson ? await response.json() : null, tag: response.headers.get("ETag") };
  } catch {
    return { status: 0, body: null, tag: null };
  }
}

function headers(body, tag, key) {
  return {
    "Accept-Language": language,
    ...(session && { Authorization: `Bearer ${session.access_token}` }),
    ...(body && { "Content-Type": "application/json" }),
    ...(tag && { "If-Match": tag }),
    ...(key && { "Idempotency-Key": key }),
  };
}

/** Follow the stream until `over` aborts: `tell(event, data)` for each event, `state(isLive)` when it comes and goes. */
export async function follow(tell, state, over) {
  let last = null;
  while (!over.aborted) {
    try {
      const response = await fetch("/v1/stream", { headers: { ...headers(), ...(last && { "Last-Event-ID": last }) }, signal: over });
      if (response.status === 401 && !(await renew())) return tell("login", null);
      if (response.ok) {
        state(true);
        await read(response.body.pipeThrough(new TextDecoderStream()).getReader(), (event) => {
          last = event.id ?? last;
          if (event.data) tell(event.event, JSON.parse(event.data));
        });
      }
    } catch {
      // cut off: again in a moment, from where it was
    }
    state(false);
    await new Promise((done) => setTimeout(done, 1500 + Math.random() * 1000));
  }
}

async function read(reader, tell) {
  let rest = "";
  for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) tell(fields(block));
  }
}

function fields(block) {
  const found = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) found[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
  }
  return found;
}
