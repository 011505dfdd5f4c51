"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;

  const theme = document.getElementById("theme");
  if (theme) {
    theme.hidden = false;
    theme.addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
    });
  }

  // What is linked to is shown, also inside something that is folded.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open]):not(.observations)");
    folded.forEach((d) => { d.open = true; });
    for (const table of all(".matrix")) table.style.setProperty("--fit", Math.min(0.62, 1400 / table.scrollWidth));
  });
  addEventListener("afterprint", () => folded.forEach((d) => { d.open = false; }));

  for (const box of all(".picture")) {
    const names = box.querySelector(".names");
    box.addEventListener("scroll", () => names.setAttribute("transform", `translate(${box.scrollLeft})`), {passive: true});
  }

  for (const button of all(".copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent).then(
        () => { button.textContent = "copied"; }, () => { button.textContent = "not allowed"; });
    });
  }

  const form = document.getElementById("filter");
  if (!form) return;
  form.hidden = false;
  const rows = all(".matrix tbody tr");
  const heads = all(".matrix thead th.col");
  const words = document.getElementById("find");

  const columnsOf = (row) => [...row.children].slice(1);

  // Words choose rows; where no row has them they choose columns, and then the
  // rows of which these columns say something.
  const apply = () => {
    const verdicts = new Set(all("input[name=verdict]:checked", form).map((i) => i.value));
    const text = words.value.trim().toLowerCase();
    const has = (e) => e.dataset.find.includes(text);
    const wanted = rows.filter((r) => verdicts.has(r.dataset.verdict));
    let shown = wanted.filter(has);
    let columns = heads.map(() => true);
    if (text && shown.length === 0) {
      columns = heads.map(has);
      shown = wanted.filter((r) => columnsOf(r).some((c, i) => columns[i] && c.textContent));
    } else if (text || wanted.length < rows.length) {
      columns = heads.map((_, i) => shown.some((r) => columnsOf(r)[i].textContent));
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
    all(".matrix .scn td").forEach((c, i) => { c.hidden = !columns[i]; });
    for (const r of all("details.requirement")) r.hidden = !verdicts.has(r.dataset.verdict);
    document.getElementById("nomatch").hidden = shown.length > 0;
    document.getElementById("matches").textContent =
      `${shown.length} of ${rows.length} requirements, ${columns.filter(Boolean).length} of ${heads.length} scenarios`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (e) => e.preventDefault());
  apply();
})();
