/* Helps beside the document: words selected in it fill the form that adds an item, and all words of a field light up. */
(() => {
  const paper = () => document.querySelector("[data-paper]"), form = () => document.querySelector("[data-add]");
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection(), place = paper(), add = form();
    if (!place || !add || !selection || selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!place.contains(range.commonAncestorContainer)) return;
    const before = document.createRange();
    before.selectNodeContents(place);
    before.setEnd(range.startContainer, range.startOffset);
    add.elements.start.value = Array.from(before.toString()).length; // as the server counts, not in halves of characters
    add.elements.words.value = range.toString();
    add.closest("details").open = true;
  });
  document.addEventListener("input", (event) => { if (event.target.id === "add-words") form().elements.start.value = ""; });

  function light() {
    const id = decodeURIComponent(location.hash.slice(1));
    document.querySelectorAll(".paper mark.on").forEach((mark) => mark.classList.remove("on"));
    if (id.startsWith("s-")) document.querySelectorAll(`.paper mark[data-of~="${CSS.escape(id)}"]`).forEach((mark) => mark.classList.add("on"));
  }
  window.addEventListener("hashchange", light);
  light();

  function count() {
    const place = document.querySelector("[data-chosen]");
    if (place) place.textContent = document.querySelectorAll("input[form=chosen]:checked").length || "";
  }
  document.addEventListener("change", count);
  count();
  // A page may take the place of another without loading anew: look again whenever the body is another one.
  new MutationObserver(() => { light(); count(); }).observe(document.documentElement, { childList: true });
})();
