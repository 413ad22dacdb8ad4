// The frame and the forms. Everything here makes a working page more comfortable; nothing here is needed for it to
// work. Words come from the page (data- attributes), so that they are translated where all words are.
"use strict";

(() => {
  const each = (selector, root, deed) => root.querySelectorAll(selector).forEach(deed);

  // ---- navigation on a narrow screen; without this file the link jumps to it

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-toggle-navigation]");
    if (!button) return;
    event.preventDefault();
    const open = document.getElementById("navigation").classList.toggle("open");
    button.setAttribute("aria-expanded", open);
  });

  // ---- menus close when one looks elsewhere

  document.addEventListener("click", (event) => {
    each("details.menu[open]", document, (menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    each("details.menu[open]", document, (menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // ---- printing

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
  window.addEventListener("beforeprint", () => {
    each("details[data-print-open]", document, (part) => { part.open = true; });
  });

  // ---- forms: ask before leaving, Ctrl+S saves, Enter never sends a half-filled form, one press is one press

  const snapshot = (form) => {
    const text = [];
    for (const [name, value] of new FormData(form)) {
      if (!name.startsWith("_") && name !== "csrfmiddlewaretoken") {
        text.push(`${name}=${value instanceof File ? value.name : value}`);
      }
    }
    return text.join("\n");
  };
  const before = new WeakMap();
  let leaving = false;

  const isChanged = (form) => before.has(form) && before.get(form) !== snapshot(form);

  window.addEventListener("load", () => {
    // A form that came back with errors holds what is not saved: it counts as changed from the start.
    each("form[data-guard]", document, (form) => {
      const unsaved = document.querySelector("[data-focus-me], [data-draft]");
      before.set(form, unsaved ? null : snapshot(form));
    });
    const first = document.querySelector("[data-focus-me]");
    if (first) first.focus();
  });
  window.addEventListener("pageshow", (event) => {
    // Back from the next page: the buttons that were switched off work again.
    if (event.persisted) {
      leaving = false;
      each("form[data-sent]", document, (form) => release(form));
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (leaving) return;
    const changed = [...document.querySelectorAll("form[data-guard]")].some(isChanged);
    if (changed) event.preventDefault();
  });

  const release = (form) => {
    delete form.dataset.sent;
    each("button[aria-disabled]", form, (button) => button.removeAttribute("aria-disabled"));
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    leaving = true;
    // aria-disabled and not disabled: a disabled button would not send its own name and value.
    each("button:not([type=button])", form, (button) => button.setAttribute("aria-disabled", "true"));
    // A download answers without a new page; give the button back after a moment.
    if (form.hasAttribute("data-download")) setTimeout(() => { release(form); leaving = false; }, 3000);
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      const form = (document.activeElement && document.activeElement.closest("form[data-guard]"))
        || document.querySelector("form[data-guard]");
      if (form) {
        event.preventDefault();
        form.requestSubmit(form.querySelector("button.btn-primary"));
      }
      return;
    }
    if (event.key !== "Enter" || event.defaultPrevented || event.isComposing) return;
    const box = event.target;
    if (!box.matches || !box.matches("form[data-guard] input:not([type=checkbox]):not([type=radio]):not([type=file])")) return;
    const form = box.closest("form");
    const boxes = [...form.querySelectorAll("input:not([type=hidden]):not([type=file]), select, textarea")]
      .filter((other) => other.offsetParent !== null && !other.disabled && other.tabIndex >= 0);
    if (boxes.length < 4 && !form.hasAttribute("data-long")) return;
    event.preventDefault();  // Enter goes on to the next box, as in a spreadsheet
    const next = boxes[boxes.indexOf(box) + 1];
    if (next) next.focus();
  });

  // ---- lists: choose rows, or in words all that match

  const updateBatch = () => {
    const bar = document.querySelector("form[data-batch]");
    if (!bar) return;
    const ticks = [...document.querySelectorAll('input[name="pk"][form="batch"]')];
    const chosen = ticks.filter((tick) => tick.checked);
    const all = bar.querySelector('input[name="all"]');
    ticks.forEach((tick) => {
      tick.disabled = all.checked;
      tick.closest("tr").classList.toggle("chosen", tick.checked || all.checked);
    });
    const words = bar.querySelector("[data-chosen]");
    words.textContent = all.checked || !chosen.length ? "" : words.dataset.words.replace("{n}", chosen.length);
    bar.hidden = !chosen.length && !all.checked;
    const head = document.querySelector("[data-tick-page]");
    head.checked = ticks.length > 0 && chosen.length === ticks.length;
    head.indeterminate = chosen.length > 0 && chosen.length < ticks.length;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-page]")) {
      each('input[name="pk"][form="batch"]', document, (tick) => { tick.checked = event.target.checked; });
    }
    if (event.target.matches('[data-tick-page], input[name="pk"][form="batch"], form[data-batch] input[name="all"]')) {
      updateBatch();
    }
  });

  // ---- HTMX: an address without empty conditions; new rows are set up like old ones

  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.matches("form[data-tidy]")) return;
    const asked = event.detail.parameters;
    for (const name of [...Object.keys(asked)]) {
      if (asked[name] === "") delete asked[name];
    }
  });
  // A part that does not come is said in words, and taken back when the next one comes.
  const failed = (shown) => {
    const box = document.querySelector("[data-failure]");
    if (box) box.hidden = !shown;
  };
  document.addEventListener("htmx:responseError", () => failed(true));
  document.addEventListener("htmx:sendError", () => failed(true));
  document.addEventListener("htmx:afterSwap", () => {
    failed(false);
    updateBatch();
  });
  document.addEventListener("DOMContentLoaded", () => updateBatch());

  // ---- an unattended desk: a word before the session ends

  const idle = document.querySelector("[data-idle-seconds]");
  if (idle) {
    const seconds = Number(idle.dataset.idleSeconds);
    const notice = Math.min(120, seconds / 4);
    let since = Date.now();
    const show = (over) => {
      idle.hidden = false;
      idle.querySelector("[data-idle-soon]").hidden = over;
      idle.querySelector("[data-idle-over]").hidden = !over;
      idle.querySelector("[data-idle-continue]").hidden = over;
    };
    setInterval(() => {
      const passed = (Date.now() - since) / 1000;
      if (passed > seconds) show(true);
      else if (passed > seconds - notice) show(false);
    }, 5000);
    const restart = () => { since = Date.now(); idle.hidden = true; };
    // A part that asks by itself how far it is does not mean that somebody is there.
    document.addEventListener("htmx:afterRequest", (event) => {
      if (!event.detail.elt.hasAttribute("data-by-itself")) restart();
    });
    idle.querySelector("[data-idle-continue]").addEventListener("click", async () => {
      const answer = await fetch(idle.dataset.stillHere, { redirect: "manual", credentials: "same-origin" });
      if (answer.status === 204) restart();
      else show(true);
    });
  }
})();
