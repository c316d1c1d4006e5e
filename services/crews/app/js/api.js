// One HTTP call of the crew API. No network is an answer too: status 0.

const PATIENCE_MS = 15000;
let skew = 0;

/** The service's clock in milliseconds, as well as its last answer tells it. */
export const serverNow = () => Date.now() + skew;

/** {status, body}: sends `body` as JSON, or the piece `bytes` of an upload that begins at `from`. `body` is null unless the answer is JSON, or the file that was wanted; status is 0 when there was none. */
export async function call(method, path, { body, bytes, from, key, token, language, wantsFile = false } = {}) {
  try {
    const response = await fetch(path, {
      method,
      headers: headers({ key, token, language, from, hasBody: body !== undefined }),
      body: bytes ?? (body === undefined ? undefined : JSON.stringify(body)),
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    noteClock(response);
    return { status: response.status, body: wantsFile && response.ok ? await response.blob() : await json(response) };
  } catch {
    return { status: 0, body: null };
  }
}

function headers({ key, token, language, from, hasBody }) {
  return {
    ...(from !== undefined && { "Content-Type": "application/octet-stream", "Upload-Offset": String(from) }),
    ...(hasBody && { "Content-Type": "application/json" }),
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(key && { "Idempotency-Key": key }),
    ...(language && { "Accept-Language": language }),
  };
}

async function json(response) {
  const type = response.headers.get("Content-Type") ?? "";
  return /[/+]json/.test(type) ? response.json() : null;
}

function noteClock(response) {
  const told = Date.parse(response.headers.get("Date") ?? "");
  if (!Number.isNaN(told)) skew = told - Date.now();
}
