/**
 * Functions that run inside a page, as text: a bundler would rewrite them for a Worker. Each gets its arguments as JSON
 * and gives a JSON value. A site may have changed what they call; what they give is therefore data, never trusted.
 */

// A selector that no browser can read finds nothing, and so counts as a form that has changed.
const VISIBLE = `const all = (selector) => {
  try {
    return [...document.querySelectorAll(selector)];
  } catch {
    return [];
  }
};
const visible = (element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
};`;

/** (selectors: (string|null)[], texts: (string|null)[]) → which are shown, and how far the page is. */
export const SEE = `(selectors, texts) => {
  ${VISIBLE}
  const body = document.body ? document.body.innerText : "";
  return {
    selectors: selectors.map((one) => one !== null && all(one).some(visible)),
    texts: texts.map((one) => one !== null && body.includes(one)),
    loading: document.readyState === "loading",
  };
}`;

/** (selector) → whether the first visible element takes text now; it has the focus then, and its text is selected. */
export const FOCUS_FIELD = `(selector) => {
  ${VISIBLE}
  const field = all(selector).find(visible);
  if (!field || field.disabled || field.readOnly) return false;
  field.focus();
  if (typeof field.select === "function") field.select();
  else getSelection().selectAllChildren(field);
  return document.activeElement === field || field.contains(document.activeElement);
}`;

/** (selector, value) → true when it is a list, and has the value now. */
export const CHOOSE = `(selector, value) => {
  ${VISIBLE}
  const list = all(selector).find(visible);
  if (!(list instanceof HTMLSelectElement) || list.disabled) return false;
  list.value = value;
  list.dispatchEvent(new Event("input", { bubbles: true }));
  list.dispatchEvent(new Event("change", { bubbles: true }));
  return list.value === value;
}`;

/** (selector) → the middle of the first visible element that can be clicked, in view. */
export const CLICK_POINT = `(selector) => {
  ${VISIBLE}
  const target = all(selector).find(visible);
  if (!target || target.disabled) return null;
  target.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const box = target.getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}`;

/** (maxChars) → what the origin keeps; null when it is more. */
export const READ_STORAGE = `(maxChars) => {
  let left = maxChars;
  const read = (storage) => Object.keys(storage).map((name) => {
    const value = storage.getItem(name) ?? "";
    left -= name.length + value.length;
    return left < 0 ? [name, ""] : [name, value];
  });
  const local = read(localStorage);
  const session = read(sessionStorage);
  return left < 0 ? null : { local, session };
}`;

/** (local, session) */
export const WRITE_STORAGE = `(local, session) => {
  for (const [name, value] of local) localStorage.setItem(name, value);
  for (const [name, value] of session) sessionStorage.setItem(name, value);
  return true;
}`;

/** (wanted: SessionValue[]) → text or null for each; cookies are not read here. */
export const READ_VALUES = `(wanted) => wanted.map((one) => {
  ${VISIBLE}
  if (one.from === "localStorage") return localStorage.getItem(one.name);
  if (one.from === "sessionStorage") return sessionStorage.getItem(one.name);
  if (one.from !== "element") return null;
  const [element] = all(one.selector);
  if (!element) return null;
  const text = one.attribute ? element.getAttribute(one.attribute) : element.textContent;
  return text === null ? null : text.trim();
})`;

// What MASK and SHOWS_NONE look at: texts, shadow roots, and whether a secret is in any of them.
const TELLS = `const bare = (text) => text.replaceAll(/[\\s\\u00a0().-]/g, "").toLowerCase();
  const wanted = secrets.map(bare).filter((one) => one !== "");
  const tells = (text) => {
    if (!text) return false;
    const plain = bare(text);
    return wanted.some((one) => plain.includes(one));
  };
  const roots = [];
  const collect = (root) => {
    roots.push(root);
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) collect(element.shadowRoot);
    }
  };
  collect(document);
  const clean = () => roots.every((root) => {
    const html = root.documentElement ? root.documentElement.outerHTML : root.innerHTML;
    if (tells(html) || tells(root.textContent ?? "")) return false;
    return [...root.querySelectorAll("input,textarea,select")].every((field) => !tells(field.value));
  });`;

/**
 * (secrets: string[]) → whether the document shows none of them any more. Every field is emptied and covered, every
 * text and attribute with a secret replaced. Texts are compared without blanks and hyphens, in small letters.
 */
export const MASK = `async (secrets) => {
  const MASKED = "•••";
  ${TELLS}
  const FIELDS = "input,textarea,select,option,output,[contenteditable]";
  const HIDDEN = ["CANVAS", "VIDEO", "EMBED", "OBJECT"];
  for (const root of roots) {
    const style = document.createElement("style");
    style.textContent = "input,textarea,select,[contenteditable]{color:transparent!important;background:#888!important;" +
      "text-shadow:none!important;-webkit-text-fill-color:transparent!important}::placeholder{color:transparent!important}" +
      "canvas,video,embed,object{visibility:hidden!important}";
    (root.head ?? root.documentElement ?? root).append(style);
    for (const field of root.querySelectorAll(FIELDS)) {
      if (field.tagName === "INPUT" || field.tagName === "TEXTAREA") {
        field.value = "";
        field.removeAttribute("value");
        if (field.tagName === "TEXTAREA") field.textContent = "";
      } else field.textContent = MASKED;
    }
    for (const element of root.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (tells(value)) element.setAttribute(name, MASKED);
      }
      // What draws by itself, or behind a wall, cannot be read: it is not shown.
      const walled = element.tagName.includes("-") && !element.shadowRoot;
      if (HIDDEN.includes(element.tagName) || walled) element.style.setProperty("visibility", "hidden", "important");
      for (const node of element.childNodes) {
        if (tells(node.nodeValue)) node.nodeValue = MASKED;
      }
      // Told in several pieces, as the digits of a code often are.
      const lower = [...element.children].some((child) => tells(child.textContent));
      if (!lower && tells(element.textContent)) element.textContent = MASKED;
    }
  }
  document.title = tells(document.title) ? MASKED : document.title;
  const frame = () => new Promise((resolve) => {
    requestAnimationFrame(resolve);
    setTimeout(resolve, 100);
  });
  await frame();
  await frame();
  return clean();
}`;

/** (secrets: string[]) → whether the document shows none of them. */
export const SHOWS_NONE = `(secrets) => {
  ${TELLS}
  return clean();
}`;

/** (url, init, maxBytes, timeoutMs) → the answer; its body waits in the page, to be fetched in pieces. */
export const FETCH = `async (url, init, maxBytes, timeoutMs) => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    const { bodyBase64, ...rest } = init;
    const body = bodyBase64 === null ? undefined : Uint8Array.from(atob(bodyBase64), (char) => char.charCodeAt(0));
    const answer = await fetch(url, { ...rest, body, credentials: "include", cache: "no-store", signal: stop.signal });
    const pieces = [];
    let size = 0;
    if (answer.body) {
      for await (const piece of answer.body) {
        size += piece.length;
        // Leaving the loop ends the answer; an abort would be told as one.
        if (size > maxBytes) return { kind: "too_large" };
        pieces.push(piece);
      }
    }
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    globalThis.batonBody = bytes;
    return { kind: "answered", status: answer.status, headers: [...answer.headers], size };
  } catch {
    return { kind: stop.signal.aborted ? "timeout" : "failed" };
  } finally {
    clearTimeout(timer);
  }
}`;

/** (from, to) → a piece of the body that waits, as base64. */
export const READ_PIECE = `(from, to) => {
  const piece = globalThis.batonBody.subarray(from, to);
  let text = "";
  for (let at = 0; at < piece.length; at += 8192) text += String.fromCharCode(...piece.subarray(at, at + 8192));
  return btoa(text);
}`;

/** Before any script of the page: its sockets go to these origins (`wss://…`), and no others. */
export const KEEP_SOCKETS = `(origins) => {
  window.WebSocket = new Proxy(window.WebSocket, {
    construct(native, args, self) {
      const url = new URL(args[0], location.href);
      if (!origins.includes(url.origin.replace(/^http/, "ws"))) {
        throw new DOMException("not an origin of this portal", "SecurityError");
      }
      return Reflect.construct(native, args, self);
    },
  });
}`;
