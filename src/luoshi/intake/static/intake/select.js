/* Words selected in the document fill the form that adds an item; without script the numbers are typed. */
(() => {
  const paper = document.querySelector("[data-paper]"), form = document.querySelector("[data-add]");
  if (!paper || !form) return;
  const characters = (text) => Array.from(text).length; // as the server counts, not in halves of characters
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!paper.contains(range.commonAncestorContainer)) return;
    const before = document.createRange();
    before.selectNodeContents(paper);
    before.setEnd(range.startContainer, range.startOffset);
    const start = characters(before.toString());
    form.elements.start.value = start;
    form.elements.end.value = start + characters(range.toString());
    form.closest("details").open = true;
  });
})();
