{# The service worker of the visits; plain text, escaped by nothing, so that only addresses of the house stand in it. #}{% autoescape off %}/* {{ version }} */
"use strict";
const OFFLINE = "{{ offline|escapejs }}";
importScripts("{{ queue|escapejs }}");
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

/* --- The line is back ----------------------------------------------------------------------------------------------- */
const { queue, alone, pause, TAG } = self.luoshiVisits;
const FEW = 4;
const PAGE_HAS = 20_000;
/* Who is signed in now; nobody's record is sent in somebody else's name. */
async function who() {
  const answer = await fetch("/api/v1/me", { credentials: "same-origin", cache: "no-store" });
  if (answer.status >= 500) throw new Error("no line");
  return answer.ok ? (await answer.json()).username : "";
}
const token = async () => (await self.cookieStore?.get("csrftoken"))?.value || "";
const pages = async () => (await self.clients.matchAll({ type: "window", includeUncontrolled: true }))
  .filter((client) => client.url.startsWith(self.registration.scope));
async function send() {
  const person = await who();
  if (!person || !(await token())) return; /* the page asks for a new sign-in; until then everything stays */
  const { mine, drain } = queue({ person, token });
  const waits = async () => (await mine()).some((record) => record.state === "waiting");
  /* A page that is open sends by itself, and shows what differs. */
  for (let at = 0; at < PAGE_HAS && (await pages()).length && await waits(); at += 1_000) await pause(1_000);
  if (!(await waits())) return;
  const said = await alone(() => drain(FEW));
  for (const page of await pages()) page.postMessage(TAG);
  if (said === "no_line" || (said === "" && await waits())) throw new Error("tried again later, when the browser sees fit");
}
self.addEventListener("sync", (event) => { if (event.tag === TAG) event.waitUntil(send()); });
