// What a page does beside htmx, which follows the runs: it sorts tables, and fits cards to their height.
"use strict";

function sort(table, column, header) {
  const rising = header.getAttribute("aria-sort") !== "ascending";
  const value = (row) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(text.replaceAll(",", ""));
    return text !== "" && !Number.isNaN(number) ? number : text.toLowerCase();
  };
  const order = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
  const rows = [...table.tBodies[0].rows].sort((a, b) => order(value(a), value(b)) * (rising ? 1 : -1));
  table.tBodies[0].append(...rows);
  for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", rising ? "ascending" : "descending");
}

function prepare(root) {
  for (const table of root.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      if (header.querySelector("button, .hidden")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      button.addEventListener("click", () => sort(table, column, header));
      header.replaceChildren(button);
    });
  }
  for (const table of root.querySelectorAll("table.labelled")) {
    const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent);
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, column) => { if (column) cell.dataset.head = heads[column]; });
    }
  }
  for (const report of root.querySelectorAll("details.report")) {
    report.addEventListener("toggle", () => {
      if (!report.open || report.querySelector("iframe")) return;
      const frame = document.createElement("iframe");
      frame.className = "card";
      frame.title = report.querySelector("summary").textContent;
      frame.src = report.dataset.src;
      report.append(frame);
    });
  }
}

addEventListener("message", (event) => {
  const frame = [...document.querySelectorAll("iframe.card")].find((each) => each.contentWindow === event.source);
  if (frame && Number.isFinite(event.data?.cardHeight)) frame.height = Math.min(event.data.cardHeight, 60000);
  // A card may lead to a run, and only when somebody has just clicked.
  if (frame && navigator.userActivation.isActive && /^\/runs\/\w/.test(event.data?.wanted)) location.assign(event.data.wanted);
});

// A part that is asked for again is left as it is while nobody looks, somebody works in it, or nothing is new.
const shown = new Map([...document.querySelectorAll("[hx-trigger]")].map((part) => [part.id, part.innerHTML]));

addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden || event.detail.elt.querySelector(":focus, :checked")) event.preventDefault();
});

addEventListener("htmx:beforeSwap", (event) => {
  const { serverResponse, target } = event.detail;
  const now = new DOMParser().parseFromString(serverResponse, "text/html").getElementById(target.id);
  event.detail.shouldSwap = Boolean(now) && now.innerHTML !== shown.get(target.id);
  if (now) shown.set(target.id, now.innerHTML);
});

addEventListener("htmx:load", (event) => {
  prepare(event.detail.elt);
  for (const frame of event.detail.elt.querySelectorAll("iframe.card")) frame.contentWindow.postMessage("cardHeight", "*");
});
