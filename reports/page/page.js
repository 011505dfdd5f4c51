"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  const theme = byId("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // What passed is packed: HTML in chunks, each base64 of a deflate stream, in parts that
  // end with the character 0x1e. A place for it names its part, as "chunk.part".
  const chunks = new Map();
  const unpack = async (n) => {
    const bytes = Uint8Array.from(atob(byId(`chunk-${n}`).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return (await new Response(stream).text()).split("\x1e");
  };
  const chunk = (n) => {
    if (!chunks.has(n)) chunks.set(n, unpack(n));
    return chunks.get(n);
  };
  // A place is filled when it is about to be seen, which what is folded never is.
  const near = new IntersectionObserver((seen) => {
    for (const s of seen) if (s.isIntersecting) fill(s.target);
  }, {rootMargin: "300px"});
  // A letter of the matrix leads to the scenario of its column.
  const linkLetters = (table) => {
    const columns = all("thead th.col a", table).map((a) => a.hash);
    for (const row of all("tbody tr", table)) {
      [...row.cells].slice(1).forEach((cell, i) => {
        if (cell.firstElementChild) cell.firstElementChild.href = columns[i];
      });
    }
  };
  const fill = async (place) => {
    if (!place.dataset.part) return;
    near.unobserve(place);
    const [n, i] = place.dataset.part.split(".");
    try {
      const html = (await chunk(n))[i];
      if (!place.dataset.part) return; // somebody else was faster
      place.innerHTML = html;
      for (const table of all(".matrix", place)) linkLetters(table);
    } catch (problem) {
      place.textContent = `This browser cannot unpack what belongs here (${problem.message}). The timelines beside this file hold the same evidence.`;
    }
    place.removeAttribute("data-part");
  };
  all(".later").forEach((p) => near.observe(p));
  // Fills all places in e that are not inside something folded there.
  const fillIn = (e) => Promise.all(all(".later[data-part]", e).filter((p) => {
    const fold = p.closest("details");
    return !fold || fold.open || !e.contains(fold);
  }).map(fill));

  // What is linked to is shown, also inside something that is folded or packed. An
  // observation is in its scenario; scn-a~2 is the second attempt at a.
  const owner = (id) => {
    const scenario = id.replace(/^obs-(.*)\.\d+$/, "scn-$1");
    return byId(scenario) || byId(scenario.replace(/~\d+$/, ""));
  };
  const show = async (id) => {
    const outer = byId(id) || owner(id);
    if (!outer) return;
    for (let e = outer; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    await fillIn(outer);
    const target = byId(id) || outer;
    for (let e = target; e; e = e.parentElement) {
      if (e.tagName === "DETAILS") e.open = true;
      if (e.hidden) e.hidden = false; // the filter had left it out
    }
    target.scrollIntoView();
  };
  const follow = () => show(decodeURIComponent(location.hash.slice(1)));
  addEventListener("hashchange", follow);
  if (location.hash) follow();
  document.addEventListener("click", (e) => {
    const link = e.target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) follow(); // no hashchange then
  });

  addEventListener("beforeprint", () => {
    for (const table of all(".matrix")) table.style.setProperty("--fit", Math.min(0.62, 1400 / table.scrollWidth));
  });

  document.addEventListener("scroll", (e) => {
    const names = e.target.classList?.contains("picture") && e.target.querySelector(".names");
    if (names) names.setAttribute("transform", `translate(${e.target.scrollLeft})`);
  }, {capture: true, passive: true});

  // A mark in a picture says in full what its row in the table says, and a letter of the
  // matrix where it stands.
  document.addEventListener("pointerover", (e) => {
    const letter = e.target.closest?.(".matrix td a:not([title])");
    if (letter) {
      const row = letter.closest("tr");
      const column = all(".matrix thead th.col")[letter.parentElement.cellIndex - 1];
      letter.title = `${row.querySelector("th a").textContent} in ${column.querySelector("a").title}`;
    }
    const mark = e.target.closest?.(".picture [data-n]");
    if (!mark || mark.querySelector("title")) return;
    const row = all(".observations tbody tr", mark.closest(".scenario")).find((r) => r.cells[0].textContent === mark.dataset.n);
    if (!row) return;
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = [...row.cells].filter((c) => c.className !== "raw").map((c) => c.textContent).filter(Boolean).join("  ");
    mark.prepend(title);
  });

  root.classList.toggle("copies", Boolean(navigator.clipboard));
  document.addEventListener("click", (e) => {
    const button = e.target.closest(".copy");
    if (!button) return;
    navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent).then(
      () => { button.textContent = "copied"; }, () => { button.textContent = "not allowed"; });
  });

  const scenarios = all("details.scenario");
  const tour = byId("tour");
  if (tour && scenarios.length) {
    const fails = scenarios.filter((s) => s.matches(".fail, .error"));
    tour.hidden = fails.length === 0;
    for (const says of all(".keys")) says.hidden = fails.length === 0;
    const place = tour.querySelector("output");
    place.textContent = fails.length === 1 ? "1 fail" : `${fails.length} fails`;
    let at = -1;
    const go = (by) => {
      const shown = fails.filter((s) => !s.hidden);
      if (!shown.length) return;
      at = at < 0 && by < 0 ? shown.length - 1 : (Math.min(at, shown.length - 1) + by + shown.length) % shown.length;
      place.textContent = `${at + 1} of ${shown.length}`;
      const next = shown[at];
      history.replaceState(null, "", `#${next.id}`);
      show(next.id).then(() => next.querySelector("summary").focus({preventScroll: true}));
    };
    tour.addEventListener("click", (e) => { if (e.target.value) go(Number(e.target.value)); });
    document.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches?.("input:not([type=checkbox]), textarea, select")) return;
      if (e.key === "n") go(1);
      if (e.key === "p") go(-1);
    });
  }

  const form = byId("filter");
  if (!form) return;
  form.hidden = false;
  const words = byId("find");
  const columnsOf = (row) => [...row.children].slice(1);
  const chosen = (name) => new Set(all(`input[name=${name}]:checked`, form).map((i) => i.value));
  const findable = scenarios.map((s) =>
    `${s.querySelector("summary").textContent} ${s.id} ${s.dataset.tags || ""} ${s.closest(".group").querySelector("h3").textContent}`.toLowerCase());

  // Words choose rows of the matrix; where no row has them they choose columns, and then
  // the rows of which these columns say something.
  const applyToMatrix = (text, verdicts, outcomes) => {
    const rows = all(".matrix tbody tr");
    const heads = all(".matrix thead th.col");
    const ends = all(".matrix .scn td");
    const has = (e) => e.dataset.find.includes(text);
    const allowed = heads.map((_, i) => [...outcomes].some((o) => ends[i].classList.contains(o)));
    const wanted = rows.filter((r) => verdicts.has(r.dataset.verdict));
    let shown = wanted.filter(has);
    let columns = allowed;
    if (text && shown.length === 0) {
      columns = heads.map((h, i) => allowed[i] && has(h));
      shown = wanted.filter((r) => columnsOf(r).some((c, i) => columns[i] && c.textContent));
    } else if (text || wanted.length < rows.length) {
      columns = allowed.map(() => false);
      for (const r of shown) columnsOf(r).forEach((c, i) => { if (allowed[i] && c.textContent) columns[i] = true; });
    }
    const keep = new Set(shown);
    for (const r of rows) {
      r.hidden = !keep.has(r);
      columnsOf(r).forEach((c, i) => { c.hidden = !columns[i]; });
    }
    heads.forEach((h, i) => { h.hidden = !columns[i]; });
    let column = 0;
    for (const g of all(".matrix .group")) {
      const span = columns.slice(column, column += Number(g.dataset.span)).filter(Boolean).length;
      g.hidden = span === 0;
      if (span) g.colSpan = span;
    }
    ends.forEach((c, i) => { c.hidden = !columns[i]; });
    byId("nomatch").hidden = shown.length > 0;
    return `${shown.length} of ${rows.length} requirements`;
  };
  const apply = async () => {
    await fillIn(byId("matrix"));
    const text = words.value.trim().toLowerCase();
    const verdicts = chosen("verdict");
    const outcomes = chosen("outcome");
    const said = applyToMatrix(text, verdicts, outcomes);
    for (const r of all("details.requirement")) {
      r.hidden = !verdicts.has(r.dataset.verdict);
    }
    scenarios.forEach((s, i) => { s.hidden = !outcomes.has(s.dataset.verdict) || !findable[i].includes(text); });
    for (const g of all("#scenarios .group")) g.hidden = !g.querySelector("details.scenario:not([hidden])");
    byId("matches").textContent = `${said}, ${scenarios.filter((s) => !s.hidden).length} of ${scenarios.length} scenarios`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (e) => e.preventDefault());
})();
