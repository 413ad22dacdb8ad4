// Helps while a file is entered: the income per person as one types, and doubts between the boxes of one member.
// The server asks all of it again.
"use strict";

(() => {
  // ---- income per person

  const amount = (text) => {
    const parts = text.normalize("NFKC").replace(/[\s,]/g, "").match(/^[¥￥]?(-?)(\d+(?:\.\d*)?|\.\d+)(亿元|亿|万元|万|千元|千|元)?$/);
    if (!parts) return null;
    const worth = { 亿元: 1e8, 亿: 1e8, 万元: 1e4, 万: 1e4, 千元: 1e3, 千: 1e3 }[parts[3]] || 1;
    return (parts[1] ? -1 : 1) * Number(parts[2]) * worth;
  };
  const box = (part, name) => {
    const field = part.querySelector(`[name="${name}"], [name$="-${name}"]`);
    return field && field.value.trim() ? amount(field.value) : null;
  };
  const perCapita = (part) => {
    const persons = box(part, "persons");
    const stated = box(part, "stated_net");
    const gains = ["wages", "business", "property", "transfers"].map((name) => box(part, name));
    const line = part.querySelector("[data-per-capita]");
    if (!persons || persons < 1 || (stated === null && gains.every((gain) => gain === null))) {
      line.textContent = "—";
      return;
    }
    const net = stated !== null ? stated : gains.reduce((sum, gain) => sum + (gain || 0), 0) - (box(part, "operating_costs") || 0);
    const each = (net / persons).toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ",");
    line.textContent = `${each} ${part.dataset.unit}`;
  };

  // ---- relation against sex, age against schooling

  const note = (field, words) => {
    const holder = field.closest(".field");
    let line = holder.querySelector(".live-note");
    if (!line) {
      if (!words) return;
      line = document.createElement("div");
      line.setAttribute("role", "status");
      holder.append(line);
    }
    line.className = words ? "live-note bad" : "live-note";
    line.textContent = words;
  };
  const doubts = (family, row) => {
    const field = (name) => row.querySelector(`select[name$="-${name}"], input[name$="-${name}"]`);
    const [relation, sex, born, stage] = ["relation", "sex", "birth_date", "study_stage"].map(field);
    if (!relation || !sex || !born || !stage) return;
    const implied = JSON.parse(family.dataset.sexes)[relation.value];
    note(relation, implied && sex.value && implied !== sex.value ? family.dataset.sexWords : "");
    const usual = JSON.parse(family.dataset.ages)[stage.value];
    const day = born.value.match(/^(\d{4})(?:-(\d{2})-(\d{2}))?/);
    let words = "";
    if (usual && day) {
      const now = new Date();
      const before = (now.getMonth() + 1) * 100 + now.getDate() < Number(day[2] || 1) * 100 + Number(day[3] || 1);
      const age = now.getFullYear() - Number(day[1]) - (before ? 1 : 0);
      if (age < usual[0] || age > usual[1]) words = family.dataset.ageWords;
    }
    note(stage, words);
  };

  const look = (event) => {
    const part = event.target.closest("[data-income]");
    if (part) perCapita(part);
    const row = event.target.closest("[data-family] [data-row]");
    if (row) doubts(row.closest("[data-family]"), row);
  };
  document.addEventListener("input", look);
  document.addEventListener("change", look);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-income]").forEach(perCapita);
  });
})();
