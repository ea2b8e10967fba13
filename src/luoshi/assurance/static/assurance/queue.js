/* Records of visits that wait on the telephone, and how they are sent: the pages use it, and the worker does when the
   line is back and no page is open. Each is sent with the key of its visit, so that one sent twice counts once. */
((scope) => {
  "use strict";
  const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

  /* --- The store ---------------------------------------------------------------------------------------------------- */
  let opened = null;
  function store() {
    opened ||= new Promise((resolve, reject) => {
      const asked = indexedDB.open("luoshi-visits", 1);
      asked.onupgradeneeded = () => { asked.result.createObjectStore("records", { keyPath: "id" }); };
      asked.onsuccess = () => { asked.result.onversionchange = () => { asked.result.close(); opened = null; }; resolve(asked.result); };
      asked.onerror = () => { opened = null; reject(asked.error); };
    });
    return opened;
  }
  /* "strict": the record is on the disk before the page says so, whatever becomes of the battery. */
  async function change(work) {
    const base = await store();
    return new Promise((resolve, reject) => {
      const act = base.transaction("records", "readwrite", { durability: "strict" });
      act.oncomplete = () => resolve();
      act.onabort = act.onerror = () => reject(act.error);
      work(act.objectStore("records"));
    });
  }
  async function read(work) {
    const base = await store();
    return new Promise((resolve, reject) => {
      const asked = work(base.transaction("records").objectStore("records"));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  /* --- Sending ------------------------------------------------------------------------------------------------------ */
  const BATCH = 20, LANES = 3, GIVE_UP = 12, BYTES = 24_000;
  const DIFFERS = new Set(["visit_recorded", "visit_withdrawn", "visit_concluded", "visit_criteria_changed", "stale_version"]);
  class Lost extends Error {}
  class Out extends Error {}

  /* The queue of one person. ``token`` gives what the site wants to see of a form; ``changed`` is told of each batch. */
  function queue({ person, token, changed = () => {} }) {
    const idOf = (key) => `${person}:${key}`;
    const one = (key) => read((records) => records.get(idOf(key)));
    const mine = async () => (await read((records) => records.getAll(IDBKeyRange.bound(`${person}:`, `${person}:\uffff`))))
      .sort((a, b) => (a.saved_at < b.saved_at ? -1 : 1));
    const keep = (record) => change((records) => records.put(record));
    const drop = (key) => change((records) => records.delete(idOf(key)));
    /* Only if it still says what was sent: somebody may have written anew meanwhile. */
    const settle = (record, next) => change((records) => {
      const asked = records.get(record.id);
      asked.onsuccess = () => {
        if (!asked.result || asked.result.saved_at !== record.saved_at) return;
        if (next) records.put({ ...asked.result, ...next }); else records.delete(record.id);
      };
    });

    async function ask(address, options, patience) {
      try {
        const answer = await fetch(address, {
          credentials: "same-origin", ...options, signal: AbortSignal.timeout(patience),
          headers: { "X-CSRFToken": await token(), "X-Requested-With": "luoshi", ...options.headers },
        });
        const body = await answer.json();
        if (answer.status >= 502 || answer.status === 408 || answer.status === 429) throw new Lost();
        return { status: answer.status, body };
      } catch {
        throw new Lost();
      }
    }
    async function upload(record) {
      for (const [at, photo] of record.photos.entries()) {
        if (photo.digest) continue;
        const form = new FormData();
        form.append("file", photo.blob, photo.name);
        const answer = await ask("/api/v1/files", {
          method: "POST", body: form, headers: { "Idempotency-Key": `${record.key}-${photo.id}` },
        }, 60_000 + photo.blob.size / 5);
        if (answer.status === 401 || answer.status === 403) throw new Out();
        if (answer.status !== 200) return answer.body;
        photo.digest = answer.body.digest;
        record.photos[at] = photo;
        await settle(record, { photos: record.photos });
      }
      return null;
    }
    const told = (record) => ({
      ...record.body, key: record.key, version: record.version, occurred_at: record.occurred_at,
      sent_at: new Date().toISOString(), photos: record.photos.map(({ digest, name }) => ({ digest, name })),
    });
    async function answered(record, problem) {
      if (!problem) { await settle(record, null); return; }
      if (problem.code === "being_changed") { await settle(record, { not_before: Date.now() + 1_500 }); return; }
      await settle(record, { state: DIFFERS.has(problem.code) ? "differs" : "refused", problem });
    }
    /* Throws Lost when the line did not carry it, and Out when nobody is signed in. */
    async function sendBatch(batch) {
      const ready = [];
      for (const record of batch) {
        const refused = record.photos.length ? await upload(record) : null;
        if (refused) await settle(record, { state: "refused", problem: refused }); else ready.push(record);
      }
      if (!ready.length) return;
      const body = JSON.stringify({ records: ready.map(told) });
      const answer = await ask("/api/v1/visits/records", {
        method: "POST", body, headers: { "Content-Type": "application/json" },
      }, 15_000 + body.length / 2);
      if (answer.status === 401 || answer.status === 403) throw new Out();
      if (answer.status === 200) {
        const known = new Map(answer.body.records.map((row) => [row.key, row.problem]));
        for (const record of ready) await answered(record, known.get(record.key));
      } else if (ready.length > 1) {
        for (const record of ready) await sendBatch([record]);
      } else if (answer.status >= 500) {
        await settle(ready[0], { not_before: Date.now() + 60_000 });
      } else {
        await settle(ready[0], { state: "refused", problem: answer.body });
      }
    }
    function cut(records) {
      const batches = [];
      let batch = [], bytes = 0;
      for (const record of records) {
        const size = JSON.stringify(record.body).length * 2 + 300;
        if (record.photos.length) { batches.push([record]); continue; }
        if (batch.length && (batch.length >= BATCH || bytes + size > BYTES)) { batches.push(batch); batch = []; bytes = 0; }
        batch.push(record);
        bytes += size;
      }
      if (batch.length) batches.push(batch);
      return batches;
    }
    /* Send what waits; says what it came to: nothing, "signed_out" or "no_line". */
    async function drain(giveUp = GIVE_UP) {
      for (;;) {
        const records = (await mine()).filter((record) => record.state === "waiting" && !(record.not_before > Date.now()));
        if (!records.length) return "";
        const batches = cut(records);
        let failures = 0, out = false;
        const lane = async () => {
          while (batches.length && failures < giveUp && !out) {
            const batch = batches.shift();
            try {
              await sendBatch(batch);
              failures = 0;
              changed();
            } catch (error) {
              if (error instanceof Out) { out = true; return; }
              if (!(error instanceof Lost)) throw error;
              failures += 1;
              batches.push(batch);
              await pause(Math.min(4_000, 150 * 2 ** failures) * (0.5 + Math.random()));
            }
          }
        };
        await Promise.all(Array.from({ length: Math.min(LANES, batches.length) }, lane));
        if (out) return "signed_out";
        if (failures >= giveUp) return "no_line";
      }
    }
    return { idOf, one, mine, keep, drop, drain };
  }

  /* One sends at a time, whether it is a page or the worker. */
  const alone = (work, options = {}) => (navigator.locks
    ? navigator.locks.request("luoshi-visits", options, (lock) => (lock ? work() : "elsewhere"))
    : work());

  scope.luoshiVisits = { queue, alone, pause, TAG: "luoshi-visits" };
})(self);
