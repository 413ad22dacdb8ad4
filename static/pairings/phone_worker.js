// Keeps one page and its own files in the telephone, so that it opens where there is no signal. Nothing else: no other
// page of the office passes through here, and neither do the lists that the page asks for.
//
// `KEPT` (addresses, the page's own first) and `CACHE` (a name that changes with them) stand in the file that loads this.
"use strict";

const WAIT = 4000;  // a signal so bad counts as none

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(KEPT.map(async (address) => {
      const answer = await fetch(address, { cache: "no-cache", redirect: "manual" });
      if (!answer.ok) throw new Error(`${address} ${answer.status}`);
      await cache.put(address, answer);
    }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("visits-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

const withinTime = (promise) => Promise.race([
  promise,
  new Promise((_resolve, reject) => { setTimeout(() => reject(new Error("no signal")), WAIT); }),
]);

const fromNetworkFirst = async (request, address) => {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(address);
  const coming = fetch(request);
  try {
    const answer = await (kept ? withinTime(coming) : coming);
    // A sign-in page that comes instead is shown, not kept.
    if (answer.ok && !answer.redirected && answer.type === "basic") await cache.put(address, answer.clone());
    return answer;
  } catch (error) {
    coming.catch(() => {});
    if (kept) return kept;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || !KEPT.includes(url.pathname)) return;
  event.respondWith(fromNetworkFirst(request, url.pathname));
});
