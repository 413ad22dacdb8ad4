// A visit written down on the telephone. Every stroke is kept in the browser; a visit that is finished waits there until it
// has arrived. It bears a key from the first letter on, so that the office keeps it once, however often it is sent.

const root = document.querySelector("[data-visits]");
const form = root.querySelector("[data-visit]");
const words = JSON.parse(document.getElementById("words").textContent);
const { drafts, facts, signedIn } = await import(root.dataset.pageOfDrafts);
const { drawOn } = await import(root.dataset.pageOfSigning);

const PATIENCE = 4000;  // milliseconds for who sits here to be told
const LATER = 120000;  // milliseconds until a visit that failed is tried again
const AGAIN = 20000;  // milliseconds until it is sent again
const LONGEST_SIDE = 1600;  // pixels of a photograph
const DAY = 24 * 60 * 60 * 1000;
const MOST_TIMES = 99;
const FEW = 8;  // households that need no search

const one = (selector, within = root) => within.querySelector(selector);
const all = (selector, within = root) => [...within.querySelectorAll(selector)];
const say = (text, values = {}) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);
const make = (tag, text = "", css = "") => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (css) made.className = css;
  return made;
};

const newKey = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));  // without a secure connection there is no randomUUID
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((byte, nth) => ([4, 6, 8, 10].includes(nth) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
};
const today = () => {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
};

let owner = null;  // whose telephone page this is
let list = [];  // the own households
let draft = null;  // what is on the page
let shown = [];  // photographs on the page

// ---- messages

const tell = (text, { kind = "note", link = "", once = "" } = {}) => {
  const place = one("[data-messages]");
  if (once) all(`[data-once="${once}"]`, place).forEach((box) => box.remove());
  if (!text) return;
  const box = make("div", "", `box box-${kind}`);
  box.setAttribute("role", kind === "bad" ? "alert" : "status");
  if (once) box.dataset.once = once;
  const said = link ? make("a", text) : make("span", text);
  if (link) said.href = link;
  box.append(said);
  place.prepend(box);
};

const line = () => {
  const state = document.querySelector("[data-line]");
  state.textContent = navigator.onLine ? words.online : words.offline;
  state.classList.toggle("off", !navigator.onLine);
};

// ---- asking the office

class SignedOut extends Error {}

/** A JSON answer. Throws SignedOut where the sign-in page would come, and whatever fetch throws. */
const ask = async (address, options = {}) => {
  const answer = await fetch(address, { credentials: "same-origin", redirect: "manual", ...options });
  if (answer.type === "opaqueredirect" || answer.status === 403) throw new SignedOut();
  // A gateway that finds nobody behind it is a connection that is lost.
  if ([502, 503, 504].includes(answer.status)) throw new TypeError(`answered ${answer.status}`);
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  return answer.json();
};

// ---- households

const showFamilies = (families, none) => {
  const place = one("[data-families]");
  place.replaceChildren(...families.map((family) => {
    const button = make("button");
    button.type = "button";
    const last = family.last ? say(words.lastVisited, { day: family.last }) : words.neverVisited;
    button.append(make("b", family.name), make("span", `${family.code} · ${last}`, "soft"));
    button.addEventListener("click", () => choose(family));
    return button;
  }));
  if (!families.length) place.append(make("p", none, "soft"));
};

const narrowed = (word) => list.filter((family) => !word || family.name.includes(word) || family.code.toUpperCase().startsWith(word.toUpperCase()));

const fetchFamilies = async (word = "") => {
  if (/\d{7}/.test(word)) word = "";  // a number of a person goes into no address
  const told = await ask(`${root.dataset.households}?q=${encodeURIComponent(word)}`);
  await isOwner(told.owner);
  if (!word) {
    list = told.households;
    // Only a helper's own few households lie in the telephone; an office asks for what it needs.
    await facts.set("households", told.own ? { at: Date.now(), list } : null);
  }
  return told;
};

const loadFamilies = async () => {
  const kept = await facts.get("households");
  if (kept && Date.now() - kept.at < Number(root.dataset.listDays) * DAY) list = kept.list;
  let none = words.noList;
  try {
    await fetchFamilies();
    none = words.noHouseholds;
    tell("", { once: "sign-in" });
  } catch (error) {
    if (error instanceof SignedOut) askToSignIn();
  }
  one("[data-find]").hidden = list.length <= FEW;
  showFamilies(list, none);
};

let asking = 0;
one("[data-find]").addEventListener("input", async (event) => {
  const word = event.target.value.trim();
  const found = narrowed(word);
  showFamilies(found, words.nobody);
  asking += 1;
  const mine = asking;
  if (!word || found.length) return;
  try {
    const told = await fetchFamilies(word);  // by pinyin, or of a longer list
    if (mine === asking) showFamilies(told.households, words.nobody);
  } catch { /* the list that is here has to do */ }
});

const choose = (family) => {
  draft.family = { enrolment: family.enrolment, name: family.name, code: family.code };
  if (!form.signed_by.value) form.signed_by.value = family.name;
  showChosen();
  keep();
};
const showChosen = () => {
  const { family } = draft;
  one("[data-chooser]").hidden = Boolean(family);
  one("[data-chosen]").hidden = !family;
  if (family) {
    one("[data-chosen-name]").textContent = family.name;
    one("[data-chosen-code]").textContent = family.code;
  }
};
one("[data-other]").addEventListener("click", () => {
  if (form.signed_by.value === draft.family.name) form.signed_by.value = "";
  draft.family = null;
  showChosen();
  showFamilies(list, words.noHouseholds);
  keep();
});

// ---- what was done

const services = all("[data-service]").map((part) => ({
  kind: part.dataset.service,
  tick: one("input", part),
  stepper: one(".stepper", part),
  times: one("output", part),
  less: one("[data-less]", part),
  more: one("[data-more]", part),
}));
const showService = (service) => {
  service.stepper.hidden = !service.tick.checked;
  if (service.kind === root.dataset.problem) one("[data-problem-part]").hidden = !service.tick.checked;
};
services.forEach((service) => {
  const step = (by) => {
    service.times.value = Math.min(MOST_TIMES, Math.max(1, Number(service.times.value) + by));
    keep();
  };
  service.tick.addEventListener("change", () => showService(service));
  service.less.addEventListener("click", () => step(-1));
  service.more.addEventListener("click", () => step(1));
});
form.solved.addEventListener("change", () => { one("[data-solution-part]").hidden = !form.solved.checked; });

// ---- photographs

const smaller = async (file) => {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.8);
  });
};
const address = (blob) => new Promise((resolve, reject) => {
  const reader = new FileReader();  // the page allows no blob: addresses
  reader.onload = () => resolve(reader.result);
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(blob);
});
const showShots = async () => {
  const figures = await Promise.all(shown.map(async (blob, nth) => {
    const figure = make("figure");
    const image = make("img");
    image.src = await address(blob);
    image.alt = "";
    const remove = make("button", "×");
    remove.type = "button";
    remove.setAttribute("aria-label", words.remove);
    remove.addEventListener("click", () => {
      shown = shown.filter((_blob, at) => at !== nth);
      showShots();
      keep();
    });
    figure.append(image, remove);
    return figure;
  }));
  one("[data-shots]").replaceChildren(...figures);
};
one("[data-camera]").addEventListener("change", async (event) => {
  const files = [...event.target.files];
  event.target.value = "";
  const most = Number(root.dataset.photos);
  for (const file of files) {
    if (shown.length >= most) {
      tell(say(words.manyPictures, { n: most }), { kind: "bad", once: "many" });
      break;
    }
    try {
      const blob = await smaller(file);
      if (blob.size > Number(root.dataset.photoBytes)) tell(say(words.largePicture, { name: file.name }), { kind: "bad" });
      else shown.push(blob);
    } catch {
      tell(say(words.noPicture, { name: file.name }), { kind: "bad" });
    }
  }
  await showShots();
  await keep();
});

// ---- the signature

const board = drawOn(one("[data-board]"), () => keep());
one("[data-wipe]").addEventListener("click", board.wipe);

// ---- keeping what is typed

const fresh = () => ({ key: newKey(), owner, state: "typing", at: Date.now(), family: null, fields: {}, services: {}, photos: [], signature: null });

const fieldNames = ["visited_on", "situation", "companions", "signed_by", "problem", "solution"];
const collect = async (draft) => {
  draft.fields = Object.fromEntries(fieldNames.map((name) => [name, form[name].value]));
  draft.fields.occasion = form.occasion.value;
  draft.fields.solved = form.solved.checked;
  draft.services = Object.fromEntries(services.filter((s) => s.tick.checked).map((s) => [s.kind, Number(s.times.value)]));
  draft.photos = shown;
  draft.signature = board.isEmpty() ? null : await board.blob();
  draft.at = Date.now();
};
const isBlank = () => !draft.family && !shown.length && board.isEmpty() && !Object.keys(draft.services).length
  && !draft.fields.situation && !draft.fields.companions && !draft.fields.problem;

// One after the other: what was typed later must not be overtaken by what was typed before.
let writing = Promise.resolve();
let opening = false;  // a visit is being laid onto the page: half of it is not what was typed
const keep = () => {
  if (opening) return writing;
  writing = writing.then(async () => {
    const mine = draft;
    await collect(mine);
    if (mine !== draft || mine.state !== "typing") return;
    if (isBlank()) await drafts.remove(mine.key);
    else await drafts.put(mine);
  }).catch(() => { tell(words.noStore, { kind: "bad", once: "store" }); });
  return writing;
};
form.addEventListener("input", keep);
form.addEventListener("change", keep);

const open = async (opened) => {
  opening = true;
  draft = opened;
  form.reset();
  const { fields } = draft;
  fieldNames.forEach((name) => { form[name].value = fields[name] || ""; });
  form.visited_on.value = fields.visited_on || today();
  form.visited_on.max = today();
  if (fields.occasion) form.occasion.value = fields.occasion;
  form.solved.checked = Boolean(fields.solved);
  one("[data-solution-part]").hidden = !fields.solved;
  services.forEach((service) => {
    service.tick.checked = service.kind in draft.services;
    service.times.value = draft.services[service.kind] || 1;
    showService(service);
  });
  shown = [...draft.photos];
  await showShots();
  board.clear();
  if (draft.signature) await board.show(draft.signature);
  showChosen();
  opening = false;
};

// ---- sending

const packed = (sent) => {
  const { fields } = sent;
  const data = new FormData();
  data.set("key", sent.key);
  data.set("enrolment", sent.family.enrolment);
  ["visited_on", "occasion", "situation", "companions"].forEach((name) => data.set(name, fields[name] || ""));
  const rows = Object.entries(sent.services);
  data.set("items-TOTAL_FORMS", rows.length);
  data.set("items-INITIAL_FORMS", 0);
  rows.forEach(([kind, times], nth) => {
    data.set(`items-${nth}-kind`, kind);
    data.set(`items-${nth}-times`, times);
    if (kind !== root.dataset.problem) return;
    data.set(`items-${nth}-note`, fields.problem || "");
    if (fields.solved) {
      data.set(`items-${nth}-solved_on`, fields.visited_on);
      data.set(`items-${nth}-solution`, fields.solution || "");
    }
  });
  sent.photos.forEach((blob, nth) => data.append("photos", blob, `photo-${nth + 1}.jpg`));
  if (sent.signature) {
    data.set("signature", sent.signature, "signature.png");
    data.set("signed_by", fields.signed_by || "");
  }
  Object.entries(sent.answers || {}).forEach(([name, value]) => data.set(name, value));
  return data;
};

const askToSignIn = () => tell(words.signIn, { kind: "warn", link: root.dataset.signIn, once: "sign-in" });

const sendOne = async (sent) => {
  const { owner: now, token } = await ask(root.dataset.ready);
  await isOwner(now);
  if (sent.owner !== now) return;
  tell("", { once: "sign-in" });
  sent.tried = true;  // from here on it may have arrived, whatever comes back
  await drafts.put(sent);
  const told = await ask(root.dataset.send, { method: "POST", body: packed(sent), headers: { "X-CSRFToken": token } });
  if (told.state === "kept") {
    await drafts.remove(sent.key);
    const changed = told.again && sent.edited;
    tell(say(changed ? words.sentBefore : words.sent, { name: sent.family.name, day: sent.fields.visited_on }), { kind: changed ? "warn" : "good", link: told.address });
    return;
  }
  sent.state = told.state;  // "asked" or "refused"
  sent.told = told.sentences || [];
  sent.doubts = told.doubts || [];
  await drafts.put(sent);
};

const failed = new Map();  // key of a visit → when it is tried again
let sending = false;
let asked = false;  // something was written while the others were being sent
const sendAll = async () => {
  asked = sending;
  if (sending || !owner) return;
  sending = true;
  const deed = async () => {
    let fault = null;
    for (const sent of await mine()) {
      if (sent.state !== "ready" || (failed.get(sent.key) || 0) > Date.now()) continue;
      try {
        await sendOne(sent);
      } catch (error) {
        if (error instanceof SignedOut || error instanceof TypeError) throw error;
        failed.set(sent.key, Date.now() + LATER);  // the others are not held up by it
        fault = error;
      }
    }
    if (fault) throw fault;
    tell("", { once: "fault" });
  };
  try {
    // Two pages of one telephone: one of them sends.
    if (navigator.locks) await navigator.locks.request("visits-send", { ifAvailable: true }, async (lock) => { if (lock) await deed(); });
    else await deed();
  } catch (error) {
    if (error instanceof SignedOut) askToSignIn();
    else if (navigator.onLine && !(error instanceof TypeError)) tell(words.fault, { kind: "warn", once: "fault" });
  } finally {
    sending = false;
    await showWaiting();
  }
  if (asked) await sendAll();
};

const mine = async () => (await drafts.all()).filter((kept) => kept.owner === owner).sort((a, b) => a.at - b.at);

const button = (text, deed, css = "btn-quiet") => {
  const made = make("button", text, `btn ${css}`);
  made.type = "button";
  made.addEventListener("click", deed);
  return made;
};

/** What the office asks about a visit, each to be ticked with a reason. */
const questions = (sent) => sent.doubts.map((doubt, nth) => {
  const part = make("div");
  const tick = make("label", "", "tick");
  const box = make("input");
  box.type = "checkbox";
  box.value = doubt.value;
  box.name = doubt.tick;
  tick.append(box, doubt.sentence);
  const label = make("label", words.reason);
  const reason = make("input", "", "form-control");
  reason.type = "text";
  reason.maxLength = 200;
  reason.name = doubt.reason;
  reason.id = label.htmlFor = `reason-${sent.key}-${nth}`;
  part.append(tick, label, reason);
  return part;
});

const showOne = (sent) => {
  const item = make("li");
  const state = words[sent.state];
  const name = sent.family ? sent.family.name : "";
  item.append(make("b", name), make("span", ` ${sent.fields.visited_on || ""} · ${state}`, "soft"));
  (sent.told || []).forEach((sentence) => item.append(make("p", sentence)));
  const asked = sent.state === "asked" ? questions(sent) : [];
  item.append(...asked);
  const actions = make("div", "", "actions");
  if (sent.state === "asked") {
    actions.append(button(words.again, async () => {
      sent.answers = {};
      asked.forEach((part) => all("input", part).forEach((box) => {
        if (box.type !== "checkbox" || box.checked) sent.answers[box.name] = box.value;
      }));
      sent.state = "ready";
      await drafts.put(sent);
      await sendAll();
    }, "btn-primary"));
  }
  actions.append(
    button(words.open, async () => {
      await keep();
      sent.state = "typing";
      sent.edited = sent.tried || false;
      sent.told = [];
      sent.doubts = [];
      sent.answers = {};
      await drafts.put(sent);
      await open(sent);
      await showWaiting();
      form.scrollIntoView();
    }),
    button(words.discard, async () => {
      if (!window.confirm(words.sure)) return;
      await drafts.remove(sent.key);
      await showWaiting();
    }),
  );
  item.append(actions);
  return item;
};

const showWaiting = async () => {
  const kept = await drafts.all();
  const others = kept.filter((one) => one.owner !== owner && one.state !== "typing").length;
  tell(others ? say(words.others, { n: others }) : "", { once: "others" });
  const waiting = (await mine()).filter((sent) => sent.key !== draft.key);
  const unsent = waiting.filter((sent) => sent.state !== "typing").length;
  one("[data-waiting]").hidden = !waiting.length;
  one("[data-waiting-title]").textContent = say(words.waiting, { n: unsent });
  one("[data-waiting-list]").replaceChildren(...waiting.map(showOne));
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await keep();
  tell("", { once: "refused" });
  if (!draft.family) {
    tell(words.chooseHousehold, { kind: "bad", once: "refused" });
    window.scrollTo(0, 0);
    return;
  }
  if (draft.signature && !draft.fields.signed_by.trim()) {
    tell(words.signer, { kind: "bad", once: "refused" });
    form.signed_by.focus();
    return;
  }
  draft.state = "ready";
  await drafts.put(draft);
  await open(fresh());
  window.scrollTo(0, 0);
  await showWaiting();
  await sendAll();
});

// ---- beginning

const isOwner = async (now) => {
  await signedIn(now);
  if (owner === now) return;
  const changed = owner !== null;
  owner = now;
  if (changed) window.location.reload();  // another person signed in beside this page
};

window.addEventListener("online", () => { line(); sendAll(); });
window.addEventListener("offline", line);
document.addEventListener("visibilitychange", () => { if (!document.hidden) sendAll(); });
setInterval(async () => { if ((await mine()).some((sent) => sent.state === "ready")) sendAll(); }, AGAIN);

line();
if ("serviceWorker" in navigator) navigator.serviceWorker.register(root.dataset.worker).catch(() => {});
try {
  // Nothing of anybody is shown before it is known who sits here; only without a connection the one
  // who sat here last is taken for the same.
  try {
    await isOwner((await ask(root.dataset.ready, { signal: AbortSignal.timeout(PATIENCE) })).owner);
  } catch (error) {
    if (!(error instanceof TypeError || error.name === "TimeoutError")) throw error;
    owner = (await facts.get("owner")) || null;
    if (!owner) throw error;
  }
  const begun = (await mine()).filter((kept) => kept.state === "typing").pop();
  await open(begun || fresh());
  root.hidden = false;
  root.dataset.begun = "yes";
  await showWaiting();
  await loadFamilies();
  await sendAll();
} catch (error) {
  root.hidden = false;
  if (error instanceof SignedOut) askToSignIn();
  else tell(error instanceof TypeError ? words.noList : words.noStore, { kind: "bad", once: "store" });
}
