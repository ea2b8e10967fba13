/* Visits without a line: forms are kept on the telephone, records wait in a store that outlives a restart and are sent
   with the key of the visit, so that one sent twice counts once. Nothing here knows where anybody is for longer than it
   takes to say near or far. */
(() => {
  "use strict";
  const root = document.getElementById("visits");
  if (!root) return;
  const words = JSON.parse(document.getElementById("visit-words").textContent);
  const person = document.body.dataset.person || "";
  const { list, worker, login } = root.dataset;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const put = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
  function make(tag, text, attributes = {}, ...inside) {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside.filter(Boolean));
    return made;
  }

  /* --- The queue, which the worker sends from too ------------------------------------------------------------------- */
  const { queue, alone, pause, TAG } = window.luoshiVisits;
  const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "";
  const { idOf, one, mine, keep, drop, drain } = queue({ person, token, changed: () => { show(); } });

  /* --- Sending ------------------------------------------------------------------------------------------------------ */
  let sending = false, said = "", next = null, waits = 5_000;
  /* Where the browser can: it wakes the worker when the line is back, also when this page has been shut. */
  async function whenBack() {
    try { await (await navigator.serviceWorker?.getRegistration(list))?.sync?.register(TAG); } catch { /* not allowed: the page sends */ }
  }
  async function send() {
    if (sending) return;
    sending = true;
    clearTimeout(next);
    const before = (await mine()).length;
    try {
      if (before && !navigator.onLine) said = "no_line";
      else {
        said = before ? "sending" : "";
        show();
        said = await alone(async () => {
          if (!token()) await fetch(list, { credentials: "same-origin", cache: "no-store" }).catch(() => {});
          return drain();
        }, { ifAvailable: true });
      }
    } finally {
      sending = false;
    }
    const left = await mine();
    if (left.some((record) => record.state === "waiting") && said !== "signed_out") {
      whenBack();
      next = setTimeout(send, waits);
      waits = Math.min(60_000, waits * 2);
    } else waits = 5_000;
    if (before && !left.length) said = "sent";
    await show();
    if (left.length < before) await renew();
  }

  /* --- What waits, and what differs --------------------------------------------------------------------------------- */
  function version(head, record) {
    const holds = (value) => (value ? words.holds : words.fails);
    const verdict = record.outcome === "unreachable" ? words.unreachable : record.outcome === "done" ? holds(record.holds) : words.nothing;
    return make("div", "", { class: "version" }, make("h3", head), make("p", verdict, { class: "verdict" }),
      record.criteria?.length ? make("ol", "", {}, ...record.criteria.map((one_) =>
        make("li", `${one_.text}: ${one_.holds === null || one_.holds === undefined ? "" : holds(one_.holds)} ${one_.words || ""}`))) : null,
      record.words ? make("p", record.words) : null,
      record.photos?.length ? make("p", put(words.photos, { count: record.photos.length })) : null);
  }
  function button(text, act, kind = "btn big") {
    const made = make("button", text, { type: "button", class: kind });
    made.addEventListener("click", act);
    return made;
  }
  function choice(record) {
    const differs = record.state === "differs", { problem } = record;
    const box = make("div", "", { class: "one", "data-record": record.key },
      make("h2", `${record.name}: ${differs ? words.differs : words.refused}`), make("p", problem.detail || ""));
    const acts = make("div", "", { class: "acts" });
    const again = async (next_) => {
      await keep({ ...record, state: "waiting", problem: null, not_before: 0, saved_at: new Date().toISOString(), ...next_ });
      waits = 5_000;
      send();
    };
    if (differs && problem.params?.recorded) {
      const { recorded } = problem.params;
      const yours = { ...record.body, photos: record.photos };
      box.append(make("div", "", { class: "two" }, version(words.theirs, recorded), version(words.mine, yours)));
      const why = make("textarea", "", { class: "in", rows: "2", maxlength: "4000" });
      box.append(make("label", "", { class: "f" }, make("span", words.why), why));
      acts.append(
        button(words.keep, async () => { await drop(record.key); show(); }),
        button(words.replace, () => {
          if (!why.value.trim()) { why.setAttribute("aria-invalid", "true"); why.placeholder = words.why_missing; why.focus(); return; }
          again({ version: recorded.version, body: { ...record.body, corrects: why.value.trim() } });
        }),
      );
    } else {
      box.append(version(words.mine, { ...record.body, photos: record.photos }));
      if (problem.code === "stale_version") acts.append(button(words.again, () => again({ version: problem.params.version })));
      else if (!differs) acts.append(button(words.again, () => again({})));
      acts.append(make("a", words.open, { class: "btn big", href: `${list}${record.key}/` }),
        button(words.throw_away, async () => { if (confirm(words.sure)) { await drop(record.key); show(); } }));
    }
    box.append(acts);
    return box;
  }
  async function show() {
    const records = await mine();
    const waiting = records.filter((record) => record.state === "waiting");
    all("[data-key].stop").forEach((stop) => {
      const record = records.find((one_) => one_.key === stop.dataset.key), tag = stop.querySelector("[data-waits]");
      tag.hidden = !record;
      tag.textContent = record ? { waiting: words.waits, differs: words.differs, refused: words.refused }[record.state] : "";
    });
    const box = document.getElementById("queue");
    if (!box) return;
    box.hidden = !records.length && said !== "sent";
    const chosen = records.filter((record) => record.state !== "waiting");
    /* A choice that somebody is writing into is left alone. */
    if (box.contains(document.activeElement) && document.activeElement.matches("textarea")) return;
    box.replaceChildren();
    if (waiting.length) {
      box.append(make("p", "", {}, make("b", put(words.waiting, { count: waiting.length }))));
      box.dataset.waiting = waiting.length;
    } else box.dataset.waiting = "0";
    if (said && words[said]) box.append(make("p", words[said]));
    if (said === "signed_out") box.append(make("a", words.signed_out, { class: "btn big", href: login }));
    else if (waiting.length) box.append(make("div", "", { class: "acts" }, button(words.send, () => { waits = 5_000; send(); }, "btn p big")));
    box.append(...chosen.map(choice));
  }

  /* --- Kept pages --------------------------------------------------------------------------------------------------- */
  async function fresh(address) {
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
    return answer.ok && !answer.redirected ? answer : null;
  }
  async function keepPages() {
    const line = document.getElementById("kept");
    if (!window.caches || !line || !person || !navigator.onLine) return;
    try {
      const cache = await caches.open(`luoshi-kept:${person}`), shell = await caches.open("luoshi-shell");
      const wanted = [list, ...all("a[data-keep]").map((link) => link.getAttribute("href"))];
      const parts = all("link[rel=stylesheet], script[src], link[rel=icon]").map((node) => node.href || node.src);
      for (const address of parts) {
        if (await shell.match(address) && /\.[0-9a-f]{12}\.\w+$/.test(address)) continue;
        const part = await fresh(address);
        if (part) await shell.put(address, part);
      }
      let count = 0;
      for (const address of wanted) {
        const page = await fresh(address);
        if (!page) return;
        await cache.put(address, page);
        count += address !== list;
      }
      const names = new Set(wanted.map((address) => new URL(address, location.href).href));
      for (const request of await cache.keys()) if (!names.has(request.url)) await cache.delete(request);
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });
      line.textContent = put(words.kept, { count, time });
      line.hidden = false;
      line.dataset.done = String(count);
    } catch { /* no line, or no room: what was kept before stays */ }
  }
  /* After sending, the list says what is recorded now. */
  async function renew() {
    const stops = document.getElementById("stops");
    if (!stops) return;
    try {
      const page = await fresh(list);
      const found = page && new DOMParser().parseFromString(await page.text(), "text/html").getElementById("stops");
      if (found) { stops.replaceWith(found); await show(); await keepPages(); }
    } catch { /* the line went again: the list as it was is good enough */ }
  }

  /* --- The form of one visit ---------------------------------------------------------------------------------------- */
  const form = document.getElementById("visit-form");
  let shots = [];
  const SIDE = 1600;
  async function smaller(file) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = make("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.8); });
    return { canvas, blob };
  }
  function wrong(text) {
    const line = form.querySelector("[data-wrong]");
    line.textContent = text || "";
    line.hidden = !text;
    if (text) line.scrollIntoView({ block: "center" });
  }
  function drawShots() {
    const place = form.querySelector("[data-shots]");
    if (!place) return;
    place.replaceChildren(...shots.map((shot) => make("li", "", {}, shot.canvas || make("span", shot.name),
      button(words.remove, () => { shots = shots.filter((one_) => one_ !== shot); drawShots(); }, "btn"))));
  }
  async function addShots(files) {
    for (const file of files) {
      if (shots.length >= Number(form.dataset.photos)) { wrong(put(words.photo_limit, { limit: form.dataset.photos })); break; }
      try {
        const { canvas, blob } = await smaller(file);
        const id = [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        shots.push({ id, name: `${id}.jpg`, blob, canvas });
        drawShots();
      } catch { wrong(file.name); }
    }
  }
  const EARTH = 6_371_000, rad = Math.PI / 180;
  function metres(east, north, toEast, toNorth) {
    const half = Math.sin((toNorth - north) * rad / 2) ** 2
      + Math.cos(north * rad) * Math.cos(toNorth * rad) * Math.sin((toEast - east) * rad / 2) ** 2;
    return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(half)));
  }
  function compare(box) {
    const line = box.querySelector("[data-compared]");
    line.textContent = words.looking;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const away = metres(coords.longitude, coords.latitude, Number(box.dataset.east), Number(box.dataset.north));
      const near = away <= Number(box.dataset.metres) + Math.min(coords.accuracy || 0, 2_000);
      form.elements.place.value = near ? "near" : "far";
      line.textContent = near ? words.near : words.far;
    }, () => { form.elements.place.value = ""; line.textContent = words.no_place; }, { timeout: 20_000, maximumAge: 0 });
  }
  function there() {
    form.querySelector("[data-there]").hidden = form.elements.outcome.value === "unreachable";
  }
  function answerOf() {
    const value = (name) => form.elements[name]?.value?.trim() || "";
    const outcome = value("outcome");
    if (!outcome) return [null, words.verdict];
    const criteria = [];
    if (outcome === "done") {
      for (const [at, box] of all("[data-criterion]", form).entries()) {
        const held = value(`holds_${at + 1}`);
        if (!held) return [null, `${box.querySelector("legend").textContent.trim()}: ${words.criterion}`];
        criteria.push({ text: box.querySelector("legend").lastChild.textContent.trim(), holds: held === "yes", words: value(`words_${at + 1}`) });
      }
      if (!value("holds")) return [null, words.verdict];
      if (value("holds") === "yes" && criteria.some((one_) => !one_.holds)) return [null, words.contradicts];
    }
    const body = {
      outcome, holds: outcome === "done" ? value("holds") === "yes" : null, criteria, words: value("words"),
      place: value("place"), corrects: value("corrects"),
    };
    if (!body.words && !criteria.some((one_) => one_.words)) return [null, words.words];
    if (form.elements.corrects && !body.corrects) return [null, words.why_missing];
    return [body, ""];
  }
  async function record() {
    const [body, missing] = answerOf();
    wrong(missing);
    if (!body) return;
    try {
      await keep({
        id: idOf(form.dataset.key), key: form.dataset.key, person, name: form.dataset.name,
        version: Number(form.elements.version.value), body, photos: shots.map(({ id, name, blob, digest }) => ({ id, name, blob, digest })),
        occurred_at: new Date().toISOString(), saved_at: new Date().toISOString(), state: "waiting", problem: null, not_before: 0,
      });
    } catch (error) {
      wrong(error?.name === "QuotaExceededError" ? words.full : words.no_store);
      return;
    }
    navigator.storage?.persist?.().catch(() => {});
    await Promise.race([Promise.all([whenBack(), pause(350)]), pause(1_500)]); /* a draft that is just being written down is down by then */
    try { localStorage.removeItem(`luoshi:draft:${person}:${form.dataset.draft}`); } catch { /* there was none */ }
    location.assign(list);
  }
  async function beginForm() {
    let waiting = null;
    try { waiting = await one(form.dataset.key); } catch { return; /* nothing can be kept: the form goes the plain way */ }
    form.addEventListener("submit", (event) => { event.preventDefault(); record(); });
    form.addEventListener("change", (event) => {
      if (event.target.name === "outcome") there();
      if (event.target.type === "file") { addShots([...event.target.files]); event.target.value = ""; }
    });
    const box = form.querySelector("[data-place]");
    if (box && navigator.geolocation) { box.hidden = false; box.querySelector("[data-compare]").addEventListener("click", () => compare(box)); }
    if (waiting) {
      const { body } = waiting, yes = (value) => (value === null || value === undefined ? "" : value ? "yes" : "no");
      form.elements.outcome.value = body.outcome;
      form.elements.holds.value = yes(body.holds);
      form.elements.words.value = body.words;
      body.criteria.forEach((one_, at) => {
        if (!form.elements[`holds_${at + 1}`]) return;
        form.elements[`holds_${at + 1}`].value = yes(one_.holds);
        form.elements[`words_${at + 1}`].value = one_.words;
      });
      shots = waiting.photos;
      for (const shot of shots) if (shot.blob) { try { shot.canvas = (await smaller(shot.blob)).canvas; } catch { /* only its name is shown */ } }
      drawShots();
      const line = document.getElementById("queued");
      line.replaceChildren(make("p", "", {}, make("b", { waiting: words.waits, differs: words.differs, refused: words.refused }[waiting.state])));
      line.hidden = false;
    }
    there();
  }

  /* --- Begin -------------------------------------------------------------------------------------------------------- */
  navigator.serviceWorker?.register(worker, { scope: list }).catch(() => { /* without it only what is on line is there */ });
  /* The worker has sent something while this page was open. */
  navigator.serviceWorker?.addEventListener("message", ({ data }) => { if (data === TAG) show().then(renew); });
  window.addEventListener("online", () => { waits = 5_000; send(); });
  if (form) beginForm();
  else show().then(keepPages).then(send).catch(() => {});
})();
