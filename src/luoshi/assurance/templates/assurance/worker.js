{# The service worker of the visits; plain text, escaped by nothing, so that only addresses of the house stand in it. #}{% autoescape off %}/* {{ version }} */
"use strict";
const OFFLINE = "{{ offline|escapejs }}";
{% endautoescape %}const SHELL = "luoshi-shell";
const KEPT = "luoshi-kept:";
const PATIENCE = 4000;
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL);
    await shell.put(OFFLINE, await fetch(OFFLINE, { credentials: "omit", cache: "no-store" }));
    await self.skipWaiting();
  })());
});
self.addEventListener("activate", (event) => { event.waitUntil(self.clients.claim()); });

/* A kept page belongs to one person; whoever signs in next has cleared it away before. */
async function kept(address) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(KEPT)) continue;
    const found = await (await caches.open(name)).match(address, { ignoreSearch: true, ignoreVary: true });
    if (found) return found;
  }
  return null;
}
async function page(request) {
  const asked = fetch(request);
  asked.catch(() => {});
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE, null); });
  try {
    const answer = await Promise.race([asked, late]);
    if (answer && ![502, 503, 504].includes(answer.status)) return answer;
    return (await kept(request.url)) || (answer ?? await asked);
  } catch {
    return (await kept(request.url)) || (await caches.match(OFFLINE)) || Response.error();
  }
}
async function part(request) {
  const shell = await caches.open(SHELL);
  const found = await shell.match(request.url, { ignoreVary: true });
  if (found && HASHED.test(new URL(request.url).pathname)) return found;
  try { return await fetch(request); } catch { return found || Response.error(); }
}
self.addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && request.url.startsWith(self.registration.scope)) event.respondWith(page(request));
  else if (["script", "style", "image", "font"].includes(request.destination)) event.respondWith(part(request));
});
