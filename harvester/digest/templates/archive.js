// Search, filters and order of all studies.  Nothing is fetched: the library is in this page.
(() => {
  const BATCH = 50; // studies written at a time; more would make each keystroke wait for the layout
  const data = JSON.parse(document.getElementById("library").textContent);
  const { studies, facets, journals, lines, editions, months } = data;
  // What stands where in a row; a row ends where nothing more is known.
  const [ID, TITLE, AUTHORS, JOURNAL, PUBLISHED, PEOPLE, RELEVANCE, EDITION, FACETS, LINE, PMID, DOI, TRIALS, FINDING,
    PLACE, BY_HAND] = Array(16).keys();
  const find = (id) => document.getElementById(id);
  const [form, words, from, to, sort, shown, here, hits, more] =
    ["tools", "words", "from", "to", "sort", "shown", "here", "hits", "more"].map(find);
  const selects = [...form.querySelectorAll("select[data-facet]")];
  const facet = Object.fromEntries(facets.map((one, place) => [one.name, { ...one, place }]));
  const held = (study, name) => study[FACETS]?.[facet[name].place] ?? [];
  const value = (study, name) => facet[name].values[held(study, name)[0]] ?? "";
  const labels = (study, name) => held(study, name).map((number) => facet[name].labels[number]);
  const all = `${studies.length.toLocaleString("en")} ${studies.length === 1 ? "study" : "studies"}`;
  const name = (study) => `S${String(study[ID]).padStart(7, "0")}`;

  // ---------------------------------------------------------------------------------------------------------
  // Words: in what the page shows, letter by letter; in abstracts, by the index.

  let texts = null;
  function readTexts() {
    texts ??= studies.map((study) =>
      fold([
        study[TITLE], study[AUTHORS], journals[study[JOURNAL] - 1], study[FINDING], study[DOI], study[PMID],
        study[TRIALS], name(study),
      ].filter(Boolean).join("\n")));
    return texts;
  }

  let index = null;
  function readIndex() {
    if (index) return index;
    const packed = JSON.parse(find("index").textContent);
    const bytes = Uint8Array.from(atob(packed.lists), (char) => char.charCodeAt(0));
    const tokens = packed.tokens ? packed.tokens.split(" ") : [];
    const starts = new Uint32Array(tokens.length);
    let place = 0;
    const number = () => {
      let sum = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[place++];
        sum |= (byte & 127) << shift;
        if (byte < 128) return sum;
      }
    };
    tokens.forEach((_, token) => {
      starts[token] = place;
      for (let left = number() >> 1; left; left--) number();
    });
    const mark = (token, marks) => {
      place = starts[token];
      const head = number();
      const other = head & 1 ? new Uint8Array(studies.length) : marks;
      for (let left = head >> 1, study = -1; left; left--) other[(study += number())] = 1;
      if (head & 1) other.forEach((lacks, study) => { if (!lacks) marks[study] = 1; });
    };
    index = { tokens, mark };
    return index;
  }

  const known = new Map(); // word: which studies have it
  function marksOf(word) {
    if (known.has(word)) return known.get(word);
    const marks = new Uint8Array(studies.length);
    readTexts().forEach((text, study) => { if (text.includes(word)) marks[study] = 1; });
    const parts = word.match(/[\p{L}\p{N}]+/gu) ?? [];
    if (parts.length && parts.every((part) => part.length > 2)) {
      const { tokens, mark } = readIndex();
      const found = parts.map((part) => {
        const own = new Uint8Array(studies.length);
        tokens.forEach((token, number) => { if (token.includes(part)) mark(number, own); });
        return own;
      });
      for (let study = 0; study < marks.length; study++) if (found.every((own) => own[study])) marks[study] = 1;
    }
    if (known.size > 50) known.clear();
    known.set(word, marks);
    return marks;
  }

  // ---------------------------------------------------------------------------------------------------------
  // Which studies, in which order.

  const newest = (a, b) => (a[PUBLISHED] < b[PUBLISHED] ? 1 : a[PUBLISHED] > b[PUBLISHED] ? -1 : b[ID] - a[ID]);
  const ORDERS = {
    "": newest,
    oldest: (a, b) => !a[PUBLISHED] - !b[PUBLISHED] || newest(b, a),
    relevance: (a, b) => (b[RELEVANCE] ?? 0) - (a[RELEVANCE] ?? 0) || newest(a, b),
    people: (a, b) => (b[PEOPLE] ?? 0) - (a[PEOPLE] ?? 0) || newest(a, b),
    added: (a, b) => b[ID] - a[ID],
  };

  const fits = (study, choice, name) => {
    return !choice || choice === "all" || held(study, name).includes(facet[name].values.indexOf(choice));
  };

  const fields = { q: words, from, to, sort, ...Object.fromEntries(selects.map((one) => [one.dataset.facet, one])) };
  let chosen = [];
  let aside = 0; // off-topic studies that the search finds beside them
  function choose() {
    const marks = fold(words.value).split(/\s+/).filter(Boolean).map(marksOf);
    const [first, last] = [from.value || "0", to.value || "9999"].map(Number);
    const fitting = studies.filter((study, number) => {
      if (!marks.every((mark) => mark[number])) return false;
      const year = Number((study[PUBLISHED] || "0").slice(0, 4));
      if ((from.value || to.value) && (year < first || year > last || !year)) return false;
      return selects.every((select) => fits(study, select.value, select.dataset.facet));
    });
    // What is off the topic is shown when it is asked for, and always counted.
    const wanted = fields.tier?.value ? fitting : fitting.filter((study) => value(study, "tier") !== "off-topic");
    aside = fitting.length - wanted.length;
    chosen = wanted.sort(ORDERS[sort.value] ?? newest);
  }

  // ---------------------------------------------------------------------------------------------------------
  // What is shown.  Text only ever goes in as text.

  const SEPARATOR = "\u00a0· ";
  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    for (const [key, given] of Object.entries(attributes)) made.setAttribute(key, given);
    return made;
  };
  const link = (text, href, attributes = {}) => element("a", text, { href, ...attributes });
  const dateWords = (iso) => {
    const [year, month, day] = iso.split("-").map(Number);
    return [day, month && months[month - 1], year].filter(Boolean).join("\u00a0");
  };
  function authors(text) {
    const all = (text || "").split("; ").filter(Boolean);
    return all.length < 3 ? all.join(" and ") : `${all[0]} … ${all[all.length - 1]}`;
  }

  // As harvester.paper.identifiers.doi_url writes it; an address for each study would be a megabyte in a large library.
  const doiHref = (doi) => `https://doi.org/${encodeURIComponent(doi).replace(/%(2F|3A|3B|28|29)/g, decodeURIComponent)
    .replace(/[!'*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)}`;

  function write(study) {
    const id = name(study);
    const article = element("article", "", { class: "study", id, tabindex: "-1" });
    const href = study[DOI] ? doiHref(study[DOI])
      : study[PMID] ? `https://pubmed.ncbi.nlm.nih.gov/${study[PMID]}/` : study[PLACE];
    const heading = element("h3", href ? "" : study[TITLE], { dir: "auto" });
    if (href) heading.append(link(study[TITLE], href));
    article.append(heading);
    const status = value(study, "status");
    if (data.inDoubt.includes(status)) {
      const flag = element("p");
      flag.append(element("strong", labels(study, "status")[0]));
      article.append(flag);
    }
    const facts = lines[study[LINE] - 1];
    if (facts) article.append(element("p", facts, { class: "facts" }));
    if (study[FINDING]) article.append(element("p", `“${study[FINDING]}”`));
    const special = data.special.includes(status) ? labels(study, "status")[0] : "";
    const imprint = element("p", [
      journals[study[JOURNAL] - 1], authors(study[AUTHORS]), study[PUBLISHED] && dateWords(study[PUBLISHED]),
      special.toLowerCase(), value(study, "tier") === "off-topic" ? "off the topic" : "",
    ].filter(Boolean).join(SEPARATOR), { class: "small imprint" });
    const add = (...parts) => imprint.append(imprint.hasChildNodes() ? SEPARATOR : "", ...parts);
    if (study[PMID]) add(link(`PubMed ${study[PMID]}`, `https://pubmed.ncbi.nlm.nih.gov/${study[PMID]}/`));
    if (study[DOI]) add(link(`doi:${study[DOI]}`, doiHref(study[DOI])));
    if (study[TRIALS]) add(study[TRIALS].replaceAll("; ", SEPARATOR));
    if (study[EDITION]) {
      const [place, title] = editions[study[EDITION] - 1];
      add(link(title, `${place}/index.html#${id}`));
    }
    add(link(id, `#${id}`, { "aria-label": `${id}, permanent link to: ${study[TITLE]}` }));
    article.append(imprint);
    if (study[BY_HAND]) article.append(element("p", study[BY_HAND], { class: "small" }));
    return article;
  }

  let written = 0;
  function writeMore() {
    const batch = chosen.slice(written, written + BATCH).map(write);
    hits.append(...batch);
    written += batch.length;
    const left = chosen.length - written;
    more.hidden = !left;
    more.textContent = `Show ${Math.min(left, BATCH)} more`;
    return batch;
  }

  function show() {
    choose();
    hits.replaceChildren();
    written = 0;
    writeMore();
    const hidden = aside ? `, ${aside.toLocaleString("en")} more off the topic` : "";
    shown.value = `${chosen.length.toLocaleString("en")} of ${all}${hidden}`;
  }

  // ---------------------------------------------------------------------------------------------------------
  // A search is its address: #q=suicid&design=rct.  #S0000012 is one study.

  function address() {
    const given = new URLSearchParams();
    for (const [key, field] of Object.entries(fields)) if (field.value) given.set(key, field.value);
    return `#${given}`;
  }

  function search() {
    show();
    here.href = address();
    // The address bar follows without a new step in the history; some browsers refuse that for files.
    try { history.replaceState(null, "", address()); } catch { /* the link above serves */ }
  }

  function follow() {
    const text = location.hash.slice(1);
    const wanted = /^S0*([1-9]\d*)$/.exec(text);
    const given = new URLSearchParams(wanted ? "" : text);
    for (const [key, field] of Object.entries(fields)) field.value = given.get(key) ?? "";
    show();
    here.href = wanted ? "#" : address();
    if (!wanted) return;
    chosen = studies.filter((study) => study[ID] === Number(wanted[1]));
    hits.replaceChildren();
    written = 0;
    const [article] = writeMore();
    shown.value = article ? `1 of ${all}` : `There is no study ${text}`;
    article?.focus();
    article?.scrollIntoView({ block: "center" });
  }

  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 150);
  });
  words.addEventListener("focus", () => setTimeout(() => { readTexts(); readIndex(); }), { once: true });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
  find("reset").addEventListener("click", () => {
    for (const field of Object.values(fields)) field.value = "";
    search();
    words.focus();
  });
  more.addEventListener("click", () => writeMore()[0]?.focus());
  addEventListener("hashchange", follow);
  form.hidden = false;
  follow();
})();
