// On every page: visits that wait in this browser are named, and signing out leaves nothing of a person behind.

const own = document.querySelector("script[data-unsent]");
const { owner, drafts: address, phone, waiting, ask } = own.dataset;

const tell = (n) => {
  const place = document.querySelector("main .page-inner, main");
  if (!n || !place || document.querySelector(".unsent")) return;
  const box = document.createElement("div");
  box.className = "box box-warn unsent no-print";
  box.setAttribute("role", "status");
  const link = document.createElement("a");
  link.href = phone;
  link.textContent = waiting.replace("{n}", n);
  box.append(link);
  place.prepend(box);
};

const PATIENCE = 3000;  // ms for a browser's store
const within = (work) => Promise.race([work, new Promise((_done, fail) => { setTimeout(() => fail(new Error("slow")), PATIENCE); })]);

const begin = async () => {
  const { anything, forget, signedIn, unsent } = await import(address);
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-sign-out]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // Counted now: another page of this browser may have written since this one was opened.
    const n = await within(unsent(owner, true)).catch(() => 0);
    if (n && !window.confirm(ask.replace("{n}", n))) return;
    await within(forget(owner)).catch(() => {});  // whatever the browser says, one can sign out
    form.submit();
  }, true);
  if (!(await anything())) return;
  await signedIn(owner);
  tell(await unsent(owner));
};

if ("indexedDB" in window) begin().catch(() => {});  // a browser that keeps nothing has nothing to forget
