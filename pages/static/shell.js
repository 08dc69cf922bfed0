// What Streamlit has no setting for: the document's language, the colours a reader chose, and
// Streamlit's own English words in the Chinese view. Runs in the page; loads and sends nothing.
const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt"];
// Words of the data are never touched: they stand in Markdown, tables and text.
const OURS = "[data-testid=stMarkdown], [data-testid=stTable], [data-testid=stText], .js-plotly-plot, textarea";

// Rules from pairs of sentences; {1} and {2} stand for whatever is said in their place.
function rulesOf(pairs) {
  const escaped = (text) => text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  const whole = new Map(), forms = [];
  for (const [from, to] of pairs) {
    if (!from.includes("{")) whole.set(from, to);
    else forms.push([new RegExp("^" + escaped(from).replace(/\{\d\}/g, "(.+?)") + "$"), to]);
  }
  return { whole, forms };
}

function translate(text, rules) {
  const bare = text.trim();
  if (!bare) return null;
  if (rules.whole.has(bare)) return text.replace(bare, () => rules.whole.get(bare));
  for (const [pattern, form] of rules.forms) {
    const found = bare.match(pattern);
    if (found) return form.replace(/\{(\d)\}/g, (_, n) => found[Number(n)]);
  }
  return null;
}

function sweep(root, rules) {
  const elements = root.nodeType === Node.ELEMENT_NODE ? [root, ...root.querySelectorAll("*")] : [];
  for (const element of elements) {
    for (const name of ATTRIBUTES) {
      const said = element.hasAttribute(name) && translate(element.getAttribute(name), rules);
      if (said) element.setAttribute(name, said);
    }
    if (element.closest(OURS)) continue;
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE) continue;
      const said = translate(node.nodeValue, rules);
      if (said) node.nodeValue = said;
    }
  }
}

// A table wider than its place is moved by the arrow keys: Streamlit lets only tables of a set
// size have the focus. Measured once a frame, however much is drawn in it.
let measured = 0;
function reach() {
  cancelAnimationFrame(measured);
  measured = requestAnimationFrame(() => {
    for (const box of document.querySelectorAll("[data-testid=stTable] > div")) {
      if (box.tabIndex < 0 && box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      // Two regions of a page may not share a name.
      const named = box.querySelector("table")?.getAttribute("aria-label");
      if (named && box.getAttribute("role") === "region" && box.getAttribute("aria-label") !== named)
        box.setAttribute("aria-label", named);
    }
  });
}

function wear(theme, paths) {
  // Streamlit keeps a reader's choice per path and reads it when the page loads.
  const wanted = JSON.stringify(theme === "dark" ? "Dark" : "Light");
  try {
    if (sessionStorage.getItem("zhixiao-theme") === wanted) return; // tried, and not obeyed
    sessionStorage.setItem("zhixiao-theme", wanted);
    for (const path of paths) localStorage.setItem(`stActiveTheme-${path}-v2`, wanted);
  } catch { return; } // no storage: the browser's own setting stays
  location.reload();
}

// In a presentation the arrow keys turn the pages and F fills the screen; not while typing.
const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back" };
function turn(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable], [role=slider], [role=radiogroup]")) return;
  const shown = document.querySelector(".st-key-step-next a, .st-key-step-back a");
  if (!shown) return;
  if (event.key === "f" || event.key === "F") {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  } else if (KEYS[event.key]) {
    const link = document.querySelector(`.st-key-step-${KEYS[event.key]} a`);
    if (link) { link.click(); see(link.href, 0); }
  }
}

// A page that is asked for while another one still runs may be lost on the way (a message of the
// page that is left, such as the map's, takes its place): a room would look at an empty wall. Who
// rests for two seconds without the step that was asked for opens it by its address.
let asked = null;
const stepOf = (link) => link && Number(new URL(link.href).searchParams.get("step"));
function stepShown() {
  const next = stepOf(document.querySelector(".st-key-step-next a"));
  const back = stepOf(document.querySelector(".st-key-step-back a"));
  return next ? next - 1 : back ? back + 1 : 0;
}
function see(href, rested) {
  clearTimeout(asked);
  const rests = document.querySelector("[data-testid=stApp]")
    ?.getAttribute("data-test-script-state") === "notRunning";
  if (rests && stepShown() === Number(new URL(href).searchParams.get("step"))) return;
  if (rested >= 4) { location.assign(href); return; }
  asked = setTimeout(() => see(href, rests ? rested + 1 : 0), 500);
}
document.addEventListener("keydown", turn);
// Who goes elsewhere by hand is not called back.
document.addEventListener("click", (event) => { if (event.isTrusted) clearTimeout(asked); }, true);

// What opens below a button stands at the end of the document: Tab leads from the button into it
// and goes round inside, Escape leads back.
const STOPS = "a[href], button, input, select, textarea, [tabindex='0']";
function stay(event) {
  const opener = document.querySelector("[data-testid=stPopoverButton][aria-expanded=true]");
  const opened = document.querySelector("[data-testid=stPopoverBody]");
  if (event.key !== "Tab" || !opener || !opened) return;
  const inside = [...opened.querySelectorAll(STOPS)].filter(
    (each) => each.tabIndex >= 0 && !each.disabled && each.offsetParent);
  const at = inside.indexOf(document.activeElement), step = event.shiftKey ? inside.length - 1 : 1;
  if (!inside.length || (at < 0 && (document.activeElement !== opener || event.shiftKey))) return;
  event.preventDefault();
  inside[at < 0 ? 0 : (at + step) % inside.length].focus();
}
document.addEventListener("keydown", stay, true);

// One watcher at a time: two, of two languages, would translate each other's words for ever.
let observer = null;

export default function (component) {
  const { lang, theme, worn, paths, words, ours } = component.data;
  const toChinese = lang.startsWith("zh");
  document.documentElement.lang = lang;
  const base = location.pathname.replace(/[^/]*$/, "");
  if (theme !== worn) wear(theme, paths.map((path) => base + path));
  else try { sessionStorage.removeItem("zhixiao-theme"); } catch { /* no storage */ }

  const rules = rulesOf([
    ...ours, ...(toChinese ? words : words.map(([english, chinese]) => [chinese, english]))]);
  observer?.disconnect();
  sweep(document.body, rules);
  reach();
  observer = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData" && change.target.parentElement)
        sweep(change.target.parentElement, rules);
      else if (change.type === "attributes") sweep(change.target, rules);
      else change.addedNodes.forEach((node) => sweep(node, rules));
    }
    reach();
  });
  observer.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  });
  const mine = observer;
  return () => mine.disconnect();
}
