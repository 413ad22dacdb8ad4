// Visits that are being written or wait to be sent, and the list of one's own households: they lie in this browser until
// they have arrived, or somebody signs out. One store for drafts by key, one for small facts by name.

const NAME = "povertyaid-visits";
const DAY = 24 * 60 * 60 * 1000;
const KEEP_DAYS = 30;  // a visit that nobody sends

let opening = null;

const open = () => {
  opening = opening || new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("drafts", { keyPath: "key" });
      asked.result.createObjectStore("facts");
    };
    asked.onsuccess = () => {
      const db = asked.result;
      db.onversionchange = () => { db.close(); opening = null; };
      db.onclose = () => { opening = null; };
      resolve(db);
    };
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("blocked"));
  });
  opening.catch(() => { opening = null; });
  return opening;
};

const within = async (store, mode, deed) => {
  const db = await open();
  return new Promise((resolve, reject) => {
    const work = db.transaction(store, mode, { durability: "strict" });
    const asked = deed(work.objectStore(store));
    work.oncomplete = () => resolve(asked.result);
    work.onerror = () => reject(work.error);
    work.onabort = () => reject(work.error || new Error("aborted"));
  });
};

export const drafts = {
  all: () => within("drafts", "readonly", (store) => store.getAll()),
  get: (key) => within("drafts", "readonly", (store) => store.get(key)),
  put: (draft) => within("drafts", "readwrite", (store) => store.put(draft)),
  remove: (key) => within("drafts", "readwrite", (store) => store.delete(key)),
  clear: () => within("drafts", "readwrite", (store) => store.clear()),
};

export const facts = {
  get: (name) => within("facts", "readonly", (store) => store.get(name)),
  set: (name, value) => within("facts", "readwrite", (store) => store.put(value, name)),
  clear: () => within("facts", "readwrite", (store) => store.clear()),
};

/** Somebody is signed in here: another person's list goes, and what nobody has sent for a month. */
export const signedIn = async (owner) => {
  if (await facts.get("owner") !== owner) {
    await facts.clear();
    await facts.set("owner", owner);
  }
  const now = Date.now();
  for (const draft of await drafts.all()) {
    if (now - draft.at > KEEP_DAYS * DAY) await drafts.remove(draft.key);
  }
};

/** How many of a person's visits have not arrived; with those still being written, where asked. */
export const unsent = async (owner, typingToo = false) =>
  (await drafts.all()).filter((draft) => draft.owner === owner && (typingToo || draft.state !== "typing")).length;

/** Whether anything of a person lies here at all. */
export const anything = async () => Boolean(await facts.get("owner")) || (await drafts.all()).length > 0;

/** Signing out: nothing of a person stays behind in this browser. */
export const forget = async (owner) => {
  await facts.clear();
  for (const draft of await drafts.all()) {
    if (!owner || draft.owner === owner) await drafts.remove(draft.key);
  }
  if ("serviceWorker" in navigator) {
    for (const one of await navigator.serviceWorker.getRegistrations()) {
      if (new URL(one.scope).pathname.endsWith("/visits/phone/")) await one.unregister();
    }
  }
  if ("caches" in window) {
    for (const name of await caches.keys()) {
      if (name.startsWith("visits-")) await caches.delete(name);
    }
  }
};
