// The pages of units, staff and programmes. Without this file one types a unit's code or whole name, and sees all fields
// of a form, also those that do not matter for the choice made.
"use strict";

(() => {
  // ---- the box of a unit: suggestions while one types; the server searches name, pinyin, initials and code

  let number = 0;

  const picker = (input) => {
    if (input.dataset.ready) return;
    input.dataset.ready = "yes";
    const box = document.createElement("div");
    box.className = "combo";
    const list = document.createElement("ul");
    list.id = `units-${(number += 1)}`;
    list.className = "combo-list";
    list.setAttribute("role", "listbox");
    list.hidden = true;
    input.before(box);
    box.append(input, list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);

    let at = -1;
    let found = [];
    let asked = null;
    let waiting = 0;

    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (place) => {
      at = place;
      [...list.children].forEach((line, nth) => line.classList.toggle("at", nth === at));
      if (list.children[at] && found.length) {
        input.setAttribute("aria-activedescendant", list.children[at].id);
        list.children[at].scrollIntoView({ block: "nearest" });
      }
    };
    const choose = (unit) => {
      input.value = unit.text;
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const show = (units) => {
      found = units;
      list.replaceChildren(...units.map((unit, nth) => {
        const line = document.createElement("li");
        line.id = `${list.id}-${nth}`;
        line.setAttribute("role", "option");
        line.textContent = unit.text;
        if (unit.place) {
          const place = document.createElement("small");
          place.className = "soft";
          place.textContent = `  ${unit.place}`;
          line.append(place);
        }
        line.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(unit);
        });
        return line;
      }));
      if (!units.length) {
        const line = document.createElement("li");
        line.className = "none";
        line.textContent = document.body.dataset.nothingFits || "—";
        list.append(line);
      }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(units.length && input.value ? 0 : -1);
    };
    const address = input.dataset.unitPicker + (input.dataset.unitPicker.includes("?") ? "&" : "?");
    const ask = async (word) => {
      if (asked) asked.abort();
      asked = new AbortController();
      try {
        const answer = await fetch(`${address}q=${encodeURIComponent(word)}`, {
          signal: asked.signal,
          headers: { Accept: "application/json" },
        });
        if (answer.ok && document.activeElement === input) show((await answer.json()).units);
      } catch (refusal) {
        if (refusal.name !== "AbortError") close();
      }
    };

    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => { if (list.hidden) ask(""); });
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => ask(input.value.trim()), 180);
    });
    input.addEventListener("blur", () => { clearTimeout(waiting); close(); });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) ask(input.value.trim());
        else if (found.length) mark((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
      } else if (event.key === "Enter" && !list.hidden && found[at]) {
        event.preventDefault();
        choose(found[at]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === "Tab" && !list.hidden && found[at] && input.value) {
        choose(found[at]);
      }
    });
  };

  // ---- a field that matters for some answers only: data-show-when="basis=share", "kind=village|enterprise"

  const showWhen = (field) => {
    const [name, wanted] = field.dataset.showWhen.split("=");
    const place = field.closest("[data-field]");
    const asked = () => new FormData(field.form).get(name);
    const show = () => { place.hidden = !wanted.split("|").includes(asked()); };
    if (!field.form || !place || field.dataset.watched) return;
    field.dataset.watched = "yes";
    field.form.addEventListener("change", show);
    show();
  };

  const setUp = (root) => {
    root.querySelectorAll("input[data-unit-picker]").forEach(picker);
    root.querySelectorAll("[data-show-when]").forEach(showWhen);
  };
  document.addEventListener("DOMContentLoaded", () => setUp(document));
  document.addEventListener("htmx:load", (event) => setUp(event.detail.elt));
})();
