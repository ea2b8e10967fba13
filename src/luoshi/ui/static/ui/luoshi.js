/* Small helps on top of pages that work without them: drafts, sending once, "not sent yet", copying. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = JSON.parse(document.getElementById("luoshi-words")?.textContent || "{}");
  const store = {
    get(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* storage is closed: nothing was kept */ } },
  };
  const uuid = () => (crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((b, i) =>
    (i === 4 || i === 6 || i === 8 || i === 10 ? "-" : "") + b.toString(16).padStart(2, "0")).join(""));
  const draftKey = (form) => `luoshi:draft:${document.body.dataset.person || ""}:${form.dataset.draft}`;
  const kept = (element) => element.name && !["hidden", "file", "password", "submit", "button"].includes(element.type);

  function save(form) {
    const values = {};
    for (const element of form.elements) {
      if (!kept(element)) continue;
      if (element.type === "checkbox" || element.type === "radio") { if (element.checked) (values[element.name] ||= []).push(element.value); }
      else (values[element.name] ||= []).push(element.value);
    }
    const at = new Date();
    if (store.set(draftKey(form), { values, at: at.toISOString() })) tell(form, at);
  }
  function tell(form, at) {
    const place = form.querySelector("[data-draft-state]");
    if (place && words.draft) place.textContent = words.draft.replace("{time}", at.toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }));
  }
  function restore(form) {
    const draft = store.get(draftKey(form));
    if (!draft) return;
    const left = structuredClone(draft.values);
    for (const element of form.elements) {
      if (!kept(element)) continue;
      const values = left[element.name];
      if (element.type === "checkbox" || element.type === "radio") element.checked = !!values?.includes(element.value);
      else if (values?.length) element.value = values.shift();
    }
    tell(form, new Date(draft.at));
  }
  function output(range) {
    const place = range.id && (range.form || document).querySelector(`output[for="${CSS.escape(range.id)}"]`);
    if (place) place.textContent = range.value;
  }

  /* Sending: a form with data-send goes by fetch with its key; a failure keeps everything and offers to try again. */
  let waiting = null;
  const banner = () => document.getElementById("unsent");
  function unsent(form, submitter) {
    waiting = { form, submitter };
    const place = banner();
    if (place) place.hidden = false;
  }
  /* The answer has already been read, with its notes; show it instead of asking for it again. */
  const place = () => location.pathname + location.search;
  let shown = place();
  function arrive(url, text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    if (!page.querySelector("main") || page.body.querySelector("script[src]")) { location.assign(url); return; }
    history.pushState({ arrived: true }, "", url);
    shown = place();
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    document.body.replaceWith(page.body);
    begin(document);
    scrollTo(0, 0);
    document.querySelector("main").focus({ preventScroll: true });
  }
  /* Going back leads to another page than the one shown; a jump within the page (#…) does not and keeps what is typed. */
  window.addEventListener("popstate", () => { if (place() !== shown) location.reload(); });
  async function send(form, submitter) {
    const key = form.elements.idempotency_key;
    if (key && !key.value) key.value = uuid();
    const data = new FormData(form, submitter || undefined);
    const buttons = all("button, input[type=submit]", form);
    buttons.forEach((button) => { button.disabled = true; });
    try {
      const answer = await fetch(submitter?.getAttribute("formaction") || form.action, {
        method: "POST", body: data, credentials: "same-origin",
        headers: { "Idempotency-Key": key ? key.value : uuid(), "X-Requested-With": "luoshi" },
      });
      if (answer.status >= 502 || answer.status === 408 || answer.status === 429) { unsent(form, submitter); return; }
      banner()?.setAttribute("hidden", "");
      waiting = null;
      if (answer.redirected && answer.ok) {
        if (form.dataset.draft) store.drop(draftKey(form));
        arrive(answer.url, await answer.text());
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main");
      if (!main) { location.reload(); return; }
      document.querySelector("main").replaceWith(main);
      document.title = page.title;
      begin(main, false);
      (main.querySelector("[role=alert], h1") || main).scrollIntoView();
      main.querySelector("[aria-invalid=true]")?.focus();
    } catch {
      unsent(form, submitter);
    } finally {
      buttons.forEach((button) => { button.disabled = false; });
    }
  }

  /* Pages kept to be read without a line are one person's: any page that somebody else opens here clears them away. */
  function clearKept() {
    const own = `luoshi-kept:${document.body.dataset.person || ""}`;
    window.caches?.keys().then((names) => names.forEach((name) => { if (name.startsWith("luoshi-kept:") && name !== own) caches.delete(name); })).catch(() => {});
  }
  function begin(root, fresh = true) {
    if (root === document) clearKept();
    all("form[data-draft]", root).forEach((form) => {
      if (fresh && !form.querySelector("[aria-invalid=true]")) restore(form);
      let timer;
      form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => save(form), 300); });
    });
    all("input[name=idempotency_key]", root).forEach((input) => { if (!input.value) input.value = uuid(); });
    all("input[type=range]", root).forEach((range) => { output(range); range.addEventListener("input", () => output(range)); });
    all("[data-copy]", root).forEach((button) => { button.hidden = false; });
    all("[data-pick-all]", root).forEach((box) => { box.hidden = false; picked(box); });
    window.htmx?.process(root);
  }

  /* Lists to choose from: all at once, a stretch with Shift, the arrows from row to row; a count beside the acts. */
  const boxes = (inside) => all("tbody .c-pick input[type=checkbox]", inside.closest("form") || document);
  function picked(inside) {
    const rows = boxes(inside), on = rows.filter((box) => box.checked).length;
    const form = inside.closest("form"), head = form?.querySelector("[data-pick-all]"), place = form?.querySelector("[data-picked]");
    if (head) { head.checked = on > 0 && on === rows.length; head.indeterminate = on > 0 && on < rows.length; }
    if (place) { place.dataset.none ??= place.textContent; place.textContent = on ? `${on} ${form.dataset.pick || ""}` : place.dataset.none; }
  }
  let lastBox = null;
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-pick-all]")) { boxes(box).forEach((one) => { one.checked = box.checked; }); picked(box); }
    else if (box.matches("tbody .c-pick input[type=checkbox]")) picked(box);
  });
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.("tbody .c-pick input[type=checkbox]")) return;
    const rows = boxes(box);
    if (event.shiftKey && lastBox && rows.includes(lastBox)) {
      const [from, to] = [rows.indexOf(lastBox), rows.indexOf(box)].sort((a, b) => a - b);
      rows.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
      picked(box);
    }
    lastBox = box;
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || !box.matches?.("tbody .c-pick input[type=checkbox]")) return;
    const rows = boxes(box), next = rows[rows.indexOf(box) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { event.preventDefault(); next.focus(); next.scrollIntoView({ block: "nearest" }); }
  });

  // arrows go to the neighbour: in the wide table by row and column, on the map by where it lies; tab still visits all
  const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  function besideInTable(link, [across, down]) {
    const cell = link.closest("th, td"), table = link.closest("table");
    let row = cell.parentElement, column = cell.cellIndex;
    for (;;) {
      column += across;
      if (down) row = table.rows[row.rowIndex + down];
      const next = row?.cells[column];
      if (!next) return null;
      const found = next.querySelector("a");
      if (found) return found;
    }
  }
  function besideOnMap(link, [across, down]) {
    const middle = (one) => { const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; };
    const [x, y] = middle(link);
    let best = null, least = Infinity;
    all("a", link.closest("svg")).forEach((one) => {
      if (one === link) return;
      const [ox, oy] = middle(one);
      const ahead = (ox - x) * across + (oy - y) * down, aside = Math.abs((ox - x) * down) + Math.abs((oy - y) * across);
      if (ahead > 1 && ahead + 2 * aside < least) [best, least] = [one, ahead + 2 * aside];
    });
    return best;
  }
  document.addEventListener("keydown", (event) => {
    const step = STEPS[event.key], link = document.activeElement;
    if (!step || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const next = link.matches("table.heat a") ? besideInTable(link, step) : link.matches("svg.map a") ? besideOnMap(link, step) : null;
    if (next) { event.preventDefault(); next.focus(); next.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-send") || event.defaultPrevented) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  document.addEventListener("click", async (event) => {
    const target = event.target.closest("button, a");
    if (!target) return;
    if (target.dataset.copy) {
      const source = document.getElementById(target.dataset.copy);
      const text = source?.value ?? source?.textContent ?? "";
      try { await navigator.clipboard.writeText(text.trim()); } catch { source?.select?.(); document.execCommand("copy"); }
      const before = target.dataset.label || (target.dataset.label = target.textContent);
      target.textContent = words.copied || before;
      setTimeout(() => { target.textContent = before; }, 1600);
    } else if (target.hasAttribute("data-retry") && waiting) {
      send(waiting.form, waiting.submitter);
    } else if (target.hasAttribute("data-drop-draft")) {
      const form = target.closest("form");
      if (form?.dataset.draft) { store.drop(draftKey(form)); form.reset(); all("input[type=range]", form).forEach(output); }
    } else if (target.hasAttribute("data-print")) {
      window.print();
    } else if (target.dataset.toggle) {
      const details = document.getElementById(target.dataset.toggle);
      if (details) details.open = !details.open;
    }
  });
  document.addEventListener("click", (event) => { all("details.pick[open]").forEach((d) => { if (!d.contains(event.target)) d.open = false; }); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details.pick[open]").forEach((details) => { details.open = false; details.querySelector("summary").focus(); });
  });
  window.addEventListener("online", () => { if (waiting) send(waiting.form, waiting.submitter); });
  document.addEventListener("htmx:sendError", () => { const place = banner(); if (place) place.hidden = false; });
  document.addEventListener("htmx:afterSwap", (event) => begin(event.target, false));
  begin(document);
})();
