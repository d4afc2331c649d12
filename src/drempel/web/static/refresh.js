// Shows what changed, without a reload. The pages work without this file; the overview then reloads itself now and then.
(() => {
  "use strict";

  const PAUSE_MS = 3000;
  const TIME_OUT_MS = 10000;
  let pointerDown = false;

  // A note about what was just ordered belongs to that moment, not to the address.
  const address = new URL(location.href);
  if (address.searchParams.has("done")) {
    address.searchParams.delete("done");
    history.replaceState(null, "", address);
  }

  const inUse = (part) => {
    const selection = getSelection();
    return pointerDown || (selection !== null && !selection.isCollapsed && selection.containsNode(part, true));
  };

  // What the keyboard stands on, so that it can stand there again in the new part.
  const placeOf = (element) => {
    const mark = element.getAttribute("href") ?? element.form?.getAttribute("action");
    return mark ?? null;
  };

  const replace = (part, fresh) => {
    const focused = part.contains(document.activeElement) ? placeOf(document.activeElement) : null;
    part.replaceWith(fresh);
    if (focused === null) return;
    for (const candidate of fresh.querySelectorAll("a[href], button")) {
      if (placeOf(candidate) === focused) {
        candidate.focus({ preventScroll: true });
        return;
      }
    }
  };

  const show = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    document.title = page.title;
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (fresh !== null && fresh.outerHTML !== part.outerHTML && !inUse(part)) replace(part, document.importNode(fresh, true));
    }
  };

  const stale = (is) => {
    document.getElementById("stale").hidden = !is;
  };

  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(TIME_OUT_MS) });
      stale(!answer.ok);
      if (answer.ok) show(await answer.text());
    } catch {
      stale(true);
    }
  };

  const loop = async () => {
    if (!document.hidden) await refresh();
    setTimeout(loop, PAUSE_MS);
  };

  // On a phone the pages lie in a row that can be pushed sideways: the one that is shown is not left outside of it.
  const row = document.querySelector(".pages ul");
  const shown = row?.querySelector("[aria-current]");
  if (shown) row.scrollLeft = shown.offsetLeft - (row.clientWidth - shown.offsetWidth) / 2;

  addEventListener("pointerdown", () => { pointerDown = true; });
  addEventListener("pointerup", () => { pointerDown = false; });
  addEventListener("pointercancel", () => { pointerDown = false; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  if (document.querySelector("[data-live]") !== null) setTimeout(loop, PAUSE_MS);
})();
