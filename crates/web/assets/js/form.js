// A draft is kept as it is written: ten seconds after the last key, and when the page is left.
const PAUSE = 10000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-saved]");
  const version = form.querySelector("input[name=_version]");
  const typed = (from = form) => {
    const fields = new FormData(from);
    fields.delete("_version");
    return new URLSearchParams(fields).toString();
  };
  // As the server wrote it: what was typed before this script came is not saved yet.
  const written = form.cloneNode(true);
  written.reset();
  let timer = 0;
  let sending = false;
  let saved = typed(written);

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  };

  async function save() {
    clearTimeout(timer);
    const now = typed();
    if (sending || now === saved) return;
    sending = true;
    try {
      const body = new URLSearchParams(`${now}&_version=${version.value}`);
      const answer = await fetch(form.getAttribute("action"), {
        method: "POST",
        body,
        headers: { accept: "application/json" },
        redirect: "error",
        // Browsers let a page that is left send 64 kB.
        keepalive: now.length < 60000,
      });
      const told = await answer.json();
      status.textContent = told.message;
      if (answer.ok) {
        version.value = told.version;
        saved = now;
      }
    } catch {
      status.textContent = "L’enregistrement automatique n’a pas pu se faire. Votre saisie reste dans la page : enregistrez avec le bouton.";
    }
    sending = false;
    if (saved === now && typed() !== now) later();
  }

  if (typed() !== saved) later();
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
}
