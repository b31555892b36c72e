// Search, filters and export.  Without this script the page is complete; it only narrows what is shown.
(() => {
  const { formats, studies: data } = JSON.parse(document.getElementById("studies").textContent);
  const form = document.getElementById("tools");
  const words = document.getElementById("words");
  const shown = document.getElementById("shown");
  const facets = [...form.querySelectorAll("select[data-facet]")];

  const studies = [...document.querySelectorAll("article[data-study]")].map((element) => {
    const id = element.dataset.study;
    const box = document.createElement("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", `Select: ${element.querySelector("h3, h4").textContent}`);
    box.addEventListener("change", count);
    const label = document.createElement("label");
    label.className = "choose";
    label.append(box, "select");
    const choice = document.createElement("span"); // with its separator, as print leaves it out
    choice.className = "choice";
    const imprint = element.querySelector(".imprint");
    choice.append(imprint.textContent && "\u00a0· ", label);
    imprint.append(choice);
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

  // A piece is strings, and copies of what the pieces before it hold: a place and a length, in code points.
  function unpack(pieces) {
    let before = [];
    return pieces.map((parts) => {
      const text = parts.map((part) => (Array.isArray(part) ? before.slice(part[0], part[0] + part[1]).join("") : part));
      before = before.concat([...text.join("")]);
      return text.join("");
    });
  }

  // What `harvester export` would write of the same studies, in its order.
  function write(name) {
    const { head, between, tail } = formats[name];
    const place = Object.keys(formats).indexOf(name);
    const wanted = new Set(chosen().list.map((study) => study.id));
    const ids = Object.keys(data).filter((id) => wanted.has(id));
    return head + ids.map((id) => unpack(data[id].pieces)[place]).join(between) + tail;
  }

  for (const button of form.querySelectorAll("button[data-export]")) {
    button.addEventListener("click", () => {
      const name = button.dataset.export;
      const { suffix, type } = formats[name];
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([write(name)], { type: `${type};charset=utf-8` }));
      link.download = `${form.dataset.name}.${suffix}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", narrow);
  form.hidden = false;
  narrow();
})();
