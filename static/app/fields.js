// Boxes that help while one types: searchable selects, rows of a formset, identity numbers, dates, money.
// The server asks every question again; what is here only saves a round trip.
"use strict";

(() => {
  // ---- a select of more than ten entries: search by Chinese, pinyin, initials (ARIA combobox with listbox)

  let listNumber = 0;
  const plain = (text) => text.toLowerCase().replace(/[\s'’·-]/g, "");

  const searchable = (select) => {
    if (select.dataset.ready || select.multiple) return;
    select.dataset.ready = "yes";
    const box = document.createElement("div");
    box.className = "combo";
    const input = document.createElement("input");
    const list = document.createElement("ul");
    list.id = `combo-${(listNumber += 1)}`;
    list.className = "combo-list";
    list.setAttribute("role", "listbox");
    list.hidden = true;
    input.type = "text";
    input.autocomplete = "off";
    input.className = select.className.replace("form-control", "form-select");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    const label = select.labels && select.labels[0];
    // The label now speaks of the box one types in; the select keeps name and value.
    input.id = select.id;
    select.id = `${select.id}_value`;
    if (label) label.htmlFor = input.id;
    input.disabled = select.disabled;
    select.before(box);
    box.append(input, select, list);
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");

    // "---------" says nothing; an empty entry with a word ("all") is shown.
    const shown = () => (select.selectedOptions[0] ? select.selectedOptions[0].label.replace(/^-+$/, "") : "");
    let found = [];
    let at = -1;

    const mark = (place) => {
      at = place;
      [...list.children].forEach((line, nth) => line.classList.toggle("at", nth === at));
      const line = list.children[at];
      if (line && found.length) {
        input.setAttribute("aria-activedescendant", line.id);
        line.scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const open = (word) => {
      const key = plain(word);
      found = [...select.options].filter((option) => {
        if (!key) return true;
        const keys = (option.dataset.keys || "").split(" ");
        return plain(option.label).includes(key) || keys.some((spelled, nth) => (nth ? spelled.startsWith(key) : spelled.includes(key)));
      });
      list.replaceChildren(...found.slice(0, 200).map((option, nth) => {
        const line = document.createElement("li");
        line.id = `${list.id}-${nth}`;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", option.selected);
        line.textContent = option.label;
        line.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(option);
        });
        return line;
      }));
      if (!found.length) {
        const line = document.createElement("li");
        line.className = "none";
        line.textContent = document.body.dataset.nothingFits || "—";
        list.append(line);
      }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      const chosen = found.findIndex((option) => option.selected);
      mark(key ? (found.length ? 0 : -1) : chosen);
    };
    const choose = (option) => {
      const changed = select.value !== option.value;
      select.value = option.value;
      input.value = shown();
      close();
      if (changed) select.dispatchEvent(new Event("change", { bubbles: true }));
    };

    input.value = shown();
    input.addEventListener("click", () => { if (list.hidden) { input.select(); open(""); } });
    input.addEventListener("input", (event) => { event.stopPropagation(); open(input.value); });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("blur", () => {
      // What is left in the box is what is chosen: emptied means none, if the list has an empty entry.
      if (!input.value.trim() && [...select.options].some((option) => option.value === "")) {
        if (select.value !== "") {
          select.value = "";
          select.dispatchEvent(new Event("change", { bubbles: true }));
        }
      }
      input.value = shown();
      close();
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open("");
        else if (found.length) mark((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % Math.min(found.length, 200));
      } else if (event.key === "Enter" && !list.hidden) {
        if (found[at]) { event.preventDefault(); choose(found[at]); }
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        input.value = shown();
        close();
      } else if (event.key === "Tab" && !list.hidden && found[at] && input.value !== shown()) {
        choose(found[at]);
      }
    });
    select.addEventListener("change", () => { input.value = shown(); });
    select.addEventListener("focus", () => input.focus());
  };

  // ---- rows of a formset, added and removed in place
  // <div data-formset="prefix"> rows: <… data-row>, <template data-empty-row>, <button data-add-row>

  const formset = (set) => {
    const prefix = set.dataset.formset;
    const total = set.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);
    const template = set.querySelector("template[data-empty-row]");
    const place = set.querySelector("[data-rows]");
    if (set.dataset.ready || !total || !template || !place) return;
    set.dataset.ready = "yes";
    const number = () => {
      [...place.querySelectorAll("[data-row]:not([hidden])")].forEach((row, nth) => {
        row.querySelectorAll("[data-row-number]").forEach((sign) => { sign.textContent = nth + 1; });
      });
    };
    set.addEventListener("click", (event) => {
      if (event.target.closest("[data-add-row]")) {
        const holder = document.createElement("template");
        holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
        const row = holder.content.querySelector("[data-row]");
        total.value = Number(total.value) + 1;
        place.append(holder.content);
        setUp(row);
        number();
        const first = row.querySelector("input:not([type=hidden]), select, textarea");
        if (first) first.focus();
        set.dispatchEvent(new Event("change", { bubbles: true }));
      }
      const remove = event.target.closest("[data-remove-row]");
      if (remove) {
        // A row is only marked: the server leaves out a new one and closes one that is on file.
        const row = remove.closest("[data-row]");
        const tick = row.querySelector(`input[name$="-DELETE"]`);
        if (!tick) return;
        tick.checked = !tick.checked;
        const saved = row.querySelector(`input[name$="-id"]`);
        if (saved && saved.value) {
          row.classList.toggle("leaving", tick.checked);
          remove.textContent = tick.checked ? remove.dataset.undo : remove.dataset.remove;
        } else {
          row.hidden = true;
          number();
        }
        tick.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
    number();
  };

  // ---- identity number: check character, and what it implies (GB 11643-1999)

  const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const CHECKS = "10X98765432";

  const readIdNumber = (text) => {
    let number = text.normalize("NFKC").replace(/[\s'‘’]/g, "").toUpperCase();
    if (/^[0-9]{15}$/.test(number)) {
      number = `${number.slice(0, 6)}19${number.slice(6)}`;
      number += CHECKS[[...number].reduce((sum, digit, nth) => sum + digit * WEIGHTS[nth], 0) % 11];
    }
    // A disability certificate is the holder's number with kind, degree and perhaps the issue behind it.
    if (/^[0-9]{17}[0-9X](?:[0-9]{2}){1,2}$/.test(number)) number = number.slice(0, 18);
    if (!/^[0-9]{17}[0-9X]$/.test(number)) return { fault: number.length === 18 ? "characters" : "length", length: number.length };
    const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)];
    const born = new Date(Date.UTC(year, month - 1, day));
    if (born.getUTCMonth() !== month - 1 || born.getUTCDate() !== Number(day) || year < 1800) return { fault: "birth" };
    const sum = [...number.slice(0, 17)].reduce((total, digit, nth) => total + digit * WEIGHTS[nth], 0);
    return {
      fits: CHECKS[sum % 11] === number[17],
      birth: `${year}-${month}-${day}`,
      sex: number[16] % 2 ? "男" : "女",
    };
  };

  const note = (input) => {
    let line = input.parentElement.querySelector(".live-note");
    if (!line) {
      line = document.createElement("div");
      line.className = "live-note";
      line.setAttribute("role", "status");
      input.after(line);
    }
    return line;
  };
  const say = (input, mood, words) => {
    const line = note(input);
    line.className = `live-note ${mood}`;
    line.textContent = words || "";
  };
  // The field of the same row of a formset (prefix-3-id_number → prefix-3-sex), or of the same form.
  const neighbour = (input, name) => {
    if (!name || !input.form) return null;
    const own = input.name.slice(0, input.name.lastIndexOf("-") + 1);
    return input.form.elements[own + name];
  };
  const fill = (field, value) => {
    if (!field || !value) return;
    if (field instanceof RadioNodeList) {
      if (field.value) return;
      field.value = value;
      field.forEach((radio) => { if (radio.checked) radio.dispatchEvent(new Event("change", { bubbles: true })); });
      return;
    }
    if (field.value) return;  // never over what somebody typed
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === value)) return;
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const idNumber = (input) => {
    const words = document.body.dataset;
    if (!input.value || input.value.includes("*")) return say(input, "", "");
    const read = readIdNumber(input.value);
    const finished = document.activeElement !== input || input.value.length >= 18;
    if (read.fault) {
      const text = { length: words.idLength, characters: words.idCharacters, birth: words.idBirth }[read.fault];
      return say(input, "bad", finished ? text.replace("{n}", read.length) : "");
    }
    fill(neighbour(input, input.dataset.fillsSex || "sex"), read.sex);
    fill(neighbour(input, input.dataset.fillsBirth || "birth_date"), read.birth);
    return read.fits
      ? say(input, "good", words.idFits.replace("{birth}", read.birth).replace("{sex}", document.documentElement.lang.startsWith("zh") ? read.sex : { 男: "male", 女: "female" }[read.sex]))
      : say(input, "bad", words.idCheck);
  };

  // ---- dates and money, written back the one way as soon as the box is left

  const readDate = (text) => {
    const cleaned = text.normalize("NFKC").replace(/\s/g, "");
    const parts = cleaned.match(/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$/) || cleaned.match(/^(\d{4})(\d{2})(\d{2})$/);
    if (!parts) return null;
    const [year, month, day] = parts.slice(1).map(Number);
    const when = new Date(Date.UTC(year, month - 1, day));
    if (when.getUTCMonth() !== month - 1 || when.getUTCDate() !== day) return null;
    return when.toISOString().slice(0, 10);
  };
  const readMoney = (text) => {
    const parts = text.normalize("NFKC").replace(/[\s,]/g, "").match(/^[¥￥]?(-?)(\d+(?:\.\d*)?|\.\d+)(亿元|亿|万元|万|千元|千|元)?$/);
    if (!parts) return null;
    const worth = { 亿元: 1e8, 亿: 1e8, 万元: 1e4, 万: 1e4, 千元: 1e3, 千: 1e3 }[parts[3]] || 1;
    const cents = Math.round(Number(parts[2]) * worth * 100);
    // Beyond this, binary numbers no longer count cents: leave it to the server as it was typed.
    if (!Number.isSafeInteger(cents) || (parts[2].split(".")[1] || "").length > 6) return null;
    const whole = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
    return `${parts[1] && cents ? "-" : ""}${whole}.${String(cents % 100).padStart(2, "0")}`;
  };

  document.addEventListener("focusout", (event) => {
    const input = event.target;
    if (!input.dataset || !input.dataset.kind) return;
    const tidy = { date: readDate, money: readMoney }[input.dataset.kind];
    const written = tidy && input.value ? tidy(input.value) : null;
    if (written && written !== input.value) {
      input.value = written;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (input.dataset.kind === "national-id") idNumber(input);
  });
  document.addEventListener("input", (event) => {
    if (event.target.dataset && event.target.dataset.kind === "national-id") idNumber(event.target);
  });
  // A hidden number is replaced as a whole or left as it is, never half.
  document.addEventListener("focusin", (event) => {
    const input = event.target;
    if (input.dataset && ["national-id", "phone", "account"].includes(input.dataset.kind) && input.value.includes("*")) input.select();
  });

  const setUp = (root) => {
    root.querySelectorAll("select[data-searchable]").forEach((select) => {
      if (!select.closest("template")) searchable(select);
    });
    root.querySelectorAll("[data-formset]").forEach(formset);
  };
  document.addEventListener("DOMContentLoaded", () => setUp(document));
  document.addEventListener("htmx:load", (event) => setUp(event.detail.elt));
})();
