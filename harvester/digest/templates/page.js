// Search, filters and export.  Without this script the page is complete; it only narrows what is shown.
(() => {
  const data = JSON.parse(document.getElementById("studies").textContent);
  const form = document.getElementById("tools");
  const words = document.getElementById("words");
  const shown = document.getElementById("shown");
  const facets = [...form.querySelectorAll("select[data-facet]")];

  const studies = [...document.querySelectorAll("article[data-study]")].map((element) => {
    const id = element.dataset.study;
    const box = document.createElement("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", `Select ${id}`);
    box.addEventListener("change", count);
    const label = document.createElement("label");
    label.className = "choose";
    label.append(box, "select");
    element.querySelector(".imprint").append("\u00a0· ", label);
    return { id, element, box, fields: data[id], text: fold(element.textContent) };
  });
  const sections = [...document.querySelectorAll("section")].filter((part) => part.querySelector("article")).reverse();

  function narrow() {
    const wanted = fold(words.value).split(/\s+/).filter(Boolean);
    for (const study of studies) {
      const named = wanted.every((word) => study.text.includes(word));
      const fits = facets.every((facet) => !facet.value || (study.fields[facet.dataset.facet] || []).includes(facet.value));
      study.element.hidden = !(named && fits);
    }
    for (const part of sections) part.hidden = !part.querySelector("article:not([hidden])");
    count();
  }

  function chosen() {
    const visible = studies.filter((study) => !study.element.hidden);
    const ticked = visible.filter((study) => study.box.checked);
    const unique = new Map((ticked.length ? ticked : visible).map((study) => [study.id, study]));
    return { list: [...unique.values()], ticked: ticked.length > 0 };
  }

  function count() {
    const { list, ticked } = chosen();
    const noun = list.length === 1 ? "study" : "studies";
    shown.value = `${list.length} ${noun} ${ticked ? "selected" : "shown"}`;
  }

  const abstract = (study) =>
    [...study.element.querySelectorAll(".abstract p")].map((part) => part.textContent.trim()).join(" ");

  // A person is [family, given, suffix], a group its name.
  const name = (author) => (Array.isArray(author) ? author.join(", ") : author);

  function ris(list) {
    const lines = [];
    for (const study of list) {
      const { fields } = study;
      const add = (tag, value) => value && lines.push(`${tag}  - ${value}`);
      add("TY", "JOUR");
      add("TI", fields.title);
      for (const author of fields.authors || []) add("AU", name(author));
      add("JO", fields.journal);
      add("PY", (fields.published || "").slice(0, 4));
      add("DA", (fields.published || "").replace(/-/g, "/"));
      add("VL", fields.volume);
      add("IS", fields.issue);
      const pages = /^([^-\s]+)-(\S+)$/.exec(fields.pages || "");
      add("SP", pages ? pages[1] : fields.pages);
      add("EP", pages && pages[2]);
      add("DO", fields.doi);
      add("AN", fields.pmid);
      add("C2", fields.pmcid);
      add("UR", fields.url);
      add("AB", abstract(study));
      lines.push("ER  - ", "");
    }
    return lines.join("\r\n");
  }

  // Each character that means something to TeX, as TeX writes it.
  const TEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
  const tex = (text) => text.replace(/[\\{}$&#%_~^]/g, (char) => TEX[char] || `\\${char}`);

  function bib(list) {
    return list.map(({ id, fields }) => {
      const people = (fields.authors || []).map((author) => {
        if (!Array.isArray(author)) return `{${tex(author)}}`;
        const [family, given, ...suffix] = author.map(tex);
        return [family, ...suffix, given].filter(Boolean).join(", ");
      });
      const entry = {
        title: `{${tex(fields.title || "")}}`,
        author: people.join(" and "),
        journal: tex(fields.journal || ""),
        year: (fields.published || "").slice(0, 4),
        volume: tex(fields.volume || ""),
        number: tex(fields.issue || ""),
        pages: tex((fields.pages || "").replace(/-/g, "--")),
        doi: fields.doi || "",
        url: fields.url || "",
        pmid: fields.pmid || "",
      };
      const rows = Object.entries(entry).filter(([, value]) => value).map(([key, value]) => `  ${key} = {${value}},\n`);
      return `@article{${id},\n${rows.join("")}}\n`;
    }).join("\n");
  }

  // The file is opened in a spreadsheet more often than not: a byte-order mark, so that it is read as UTF-8, and
  // an apostrophe before what would be a formula.  The exact values are in the published table.
  const cell = (value) => {
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };

  function csv(list) {
    const columns = {
      study_id: (study) => study.id,
      title: ({ fields }) => fields.title,
      authors: ({ fields }) => (fields.authors || []).map(name).join("; "),
      journal: ({ fields }) => fields.journal,
      published: ({ fields }) => fields.published,
      doi: ({ fields }) => fields.doi,
      pmid: ({ fields }) => fields.pmid,
      trial_ids: ({ fields }) => (fields.trials || []).join("; "),
      url: ({ fields }) => fields.url,
      conditions: ({ fields }) => (fields.condition || []).join("; "),
      design: ({ fields }) => (fields.design || []).join("; "),
      compounds: ({ fields }) => (fields.compound || []).join("; "),
      routes: ({ fields }) => (fields.route || []).join("; "),
      sample_size: ({ fields }) => fields.people,
      status: ({ fields }) => fields.status,
      abstract,
    };
    const rows = list.map((study) => Object.values(columns).map((give) => cell(String(give(study) ?? ""))).join(","));
    return "\ufeff" + [Object.keys(columns).join(","), ...rows, ""].join("\r\n");
  }

  const formats = {
    ris: [ris, "application/x-research-info-systems"],
    bib: [bib, "application/x-bibtex"],
    csv: [csv, "text/csv"],
  };

  for (const button of form.querySelectorAll("button[data-export]")) {
    button.addEventListener("click", () => {
      const [write, type] = formats[button.dataset.export];
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([write(chosen().list)], { type: `${type};charset=utf-8` }));
      link.download = `${form.dataset.name}.${button.dataset.export}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", narrow);
  form.hidden = false;
  narrow();
})();
