// Elements in few words, and numbers as text.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Replaces what is in an element; of children, lists are taken apart and nothings left out. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false
    && child !== ""));
}

export const button = (text, title, onclick, more = {}) =>
  h("button", { type: "button", title, "aria-label": title, onclick, ...more }, text);

let precision = "f64";
export function setPrecision(name) { precision = name; }

/** All digits: the shortest decimal number that is read back as these bits. */
export function exact(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  if (precision === "f32" && Number.isFinite(value) && Math.fround(value) === value) {
    for (let digits = 1; digits < 10; ++digits) {
      const text = value.toPrecision(digits);
      if (Math.fround(Number(text)) === value) return String(Number(text)).replace("-", "−");
    }
  }
  return String(value).replace(/-/g, "−");
}

/** Four significant digits, for places where all do not fit. */
export function short(value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number" || !Number.isFinite(value)) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(Math.max(0, digits - 2))
    : String(Number(value.toPrecision(digits)));
  return text.replace(/-/g, "−");
}

/** 12345 -> 12 345. */
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/** A canvas of `width` x `height` CSS pixels, sharp on screens of any density. */
export function fit(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const w = Math.max(1, Math.round(width * ratio)), t = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== w || canvas.height !== t) { canvas.width = w; canvas.height = t; }
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

const colours = new Map();

/** A colour of the style sheet, light or dark as the page is. */
export function theme(name) {
  const key = `${document.documentElement.dataset.theme} ${name}`;
  if (!colours.has(key)) colours.set(key, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  return colours.get(key);
}
