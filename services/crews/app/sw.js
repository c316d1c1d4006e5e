// The app without network. VERSION and FILES stand above this line, put there by the service.
// Files of one version come from one folder, so an app is never put together from two.

const CACHE = `avariyka-${VERSION}`;
const PAPERS = "avariyka-papers"; // documents that the app has opened, for reading them without network
const FOLDER = `/app/assets/${VERSION}/`;

self.addEventListener("install", (event) => {
  const requests = FILES.map((name) => new Request(FOLDER + name, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/app/papers/")) {
    event.respondWith(paper(url.pathname));
  } else if (url.pathname.startsWith("/app/media/")) {
    event.respondWith(media(url.pathname.split("/").at(-1), event.request.headers.get("Range")));
  } else if (event.request.mode === "navigate" && url.pathname.startsWith("/app")) {
    event.respondWith(kept(`${FOLDER}index.html`, event.request));
  } else if (url.pathname.startsWith("/app/assets/")) {
    event.respondWith(kept(url.pathname, event.request));
  }
});

self.addEventListener("push", (event) => {
  event.waitUntil(wake(event.data?.json() ?? {}));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open());
});

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request ?? path);
}

async function paper(path) {
  const cache = await caches.open(PAPERS);
  return (await cache.match(path)) ?? new Response("", { status: 404 });
}

/** A photo or video from the service, the part that a player asks for: players cannot say whose phone they are on. */
async function media(id, range) {
  const session = await fact("session");
  const headers = { Authorization: `Bearer ${session?.access_token}`, ...(range && { Range: range }) };
  return fetch(`/v1/media/${id}/content`, { headers, cache: "no-store" }).catch(() => new Response("", { status: 504 }));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE && name !== PAPERS).map((name) => caches.delete(name)));
}

async function open() {
  const [window] = await self.clients.matchAll({ type: "window" });
  return window ? window.focus() : self.clients.openWindow("/app/");
}

/** A word that something has come; what it is, the app learns when it is opened. */
async function wake({ kind, id }) {
  const texts = await (await kept(`${FOLDER}texts/${(await fact("language")) ?? "ru"}.json`)).json();
  await self.registration.showNotification(texts[`push.${kind}`] ?? texts["app.title"], {
    tag: id,
    icon: `${FOLDER}icons/icon-192.png`,
    requireInteraction: kind === "offer",
    vibrate: [400, 150, 400],
  });
}

/** What the app has written down for itself under this name; undefined where there is nothing. */
function fact(name) {
  return new Promise((done) => {
    const opening = indexedDB.open("avariyka-crews");
    opening.onupgradeneeded = () => opening.transaction.abort(); // there is none: the app makes it, not this
    opening.onerror = () => done(undefined);
    opening.onsuccess = () => {
      const read = opening.result.transaction("facts").objectStore("facts").get(name);
      read.onsuccess = () => { opening.result.close(); done(read.result); };
      read.onerror = () => done(undefined);
    };
  });
}
