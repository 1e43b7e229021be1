// Languages, and the first drawing.

function renderLanguage() {
  if (document.documentElement.lang === state.lang && document.title === text("title")) return;
  document.documentElement.lang = state.lang;
  document.title = text("title");
  document.querySelectorAll("[data-text]").forEach((place) => { place.textContent = text(place.dataset.text); });
  const other = otherLanguage();
  byId("language").textContent = content.texts[other].own_name;
  byId("language").lang = other;
}

function otherLanguage() {
  return Object.keys(content.texts).find((language) => language !== state.lang);
}

byId("language").addEventListener("click", () => update({ lang: otherLanguage() }));
addEventListener("hashchange", () => { readAddress(); render(); });
renderers.unshift(renderLanguage);
readAddress();
render();
