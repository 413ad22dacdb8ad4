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

const begin = async () => {
  const { anything, forget, signedIn, unsent } = await import(address);
  if (!(await anything())) return;
  await signedIn(owner);
  const n = await unsent(owner);
  tell(n);
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-sign-out]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (n && !window.confirm(ask.replace("{n}", n))) return;
    await forget(owner);
    form.submit();
  }, true);
};

if ("indexedDB" in window) begin().catch(() => {});  // a browser that keeps nothing has nothing to forget
