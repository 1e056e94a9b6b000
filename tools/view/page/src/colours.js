// Colours: diverging around 0 (blue, neutral, orange), sequential (viridis-like), and Okabe-Ito for lines. The two maps
// are straight ways through OKLCH with even steps of lightness, so that equal steps look equal, to colour-blind eyes too.
import { short } from "./dom.js";

function srgb(lightness, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180), b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s]
    .map((x) => Math.round(255 * Math.min(1, Math.max(0, x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055))));
}

const mix = (from, to, t) => from + (to - from) * t;

function table(at) {
  const colours = new Uint32Array(257); // 0 is in the middle
  for (let i = 0; i <= 256; ++i) {
    const [r, g, b] = at(i / 256);
    colours[i] = 0xff000000 | (b << 16) | (g << 8) | r;
  }
  return colours;
}

const tables = {};
export let dark = false;

export function setDark(value) {
  dark = value;
  const neutral = dark ? 0.26 : 0.975, end = dark ? 0.83 : 0.52;
  tables.diverging = table((t) => {
    const side = Math.abs(2 * t - 1);
    return srgb(mix(neutral, end, side), 0.155 * side ** 0.6, t < 0.5 ? 252 : dark ? 62 : 50);
  });
  tables.ink = new Uint32Array(257).fill(dark ? 0xffd8d4d0 : 0xff382f28, 1); // of events: there was one, or none
  // Viridis' hues; on a light page from light to dark, so that nothing looks like nothing.
  tables.sequential = dark ? table((t) => srgb(mix(0.27, 0.9, t), 0.07 + 0.1 * Math.sin(Math.PI * Math.min(1, t * 0.72)),
    mix(300, 108, t)))
    : table((t) => srgb(mix(0.975, 0.3, t), 0.135 * Math.sin(Math.PI * Math.min(0.78, t * 0.8)) ** 0.9, mix(120, 300, t)));
}

/** The scale of values between `low` and `high`: around 0 if any is negative. */
export function scaleOf(low, high) {
  if (!(low <= high)) return { kind: "sequential", low: 0, high: 1 };
  if (low >= 0) return { kind: "sequential", low: 0, high: high > 0 ? high : 1 };
  const most = Math.max(-low, high);
  return { kind: "diverging", low: -most, high: most };
}

/** The pixel (ABGR) of a value; NaN (not recorded) is transparent. */
export function pixel(value, scale) {
  if (value !== value) return 0;
  const t = (value - scale.low) / (scale.high - scale.low);
  return tables[scale.kind][t <= 0 ? 0 : t >= 1 ? 256 : (t * 256 + 0.5) | 0];
}

/** An image with a pixel for each value: at its place, if there are places, else row by row. */
export function picture(columns, rows, values, scale, places = null, canvas = new OffscreenCanvas(columns, rows)) {
  const words = new Uint32Array(columns * rows), colours = tables[scale.kind], { low } = scale, span = scale.high - low;
  for (let i = 0; i < values.length; ++i) {
    const t = (values[i] - low) / span;
    words[places ? places[i] : i] = t !== t ? 0 : colours[t <= 0 ? 0 : t >= 1 ? 256 : (t * 256 + 0.5) | 0];
  }
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(words.buffer), columns, rows), 0, 0);
  return canvas;
}

/** Matrices of the same shape as one of at most `tall` rows and `wide` columns: of all values that fall together, the one
 * farthest from 0. `turned`: column by column. */
export function farthest(matrices, rows, columns, tall, wide, turned = false) {
  const r = Math.max(1, Math.min(rows, Math.round(tall))), c = Math.max(1, Math.min(columns, Math.round(wide)));
  if (r === rows && c === columns && !turned && matrices.length === 1) return [r, c, matrices[0]];
  const data = new Float64Array(r * c).fill(NaN), places = Uint32Array.from({ length: columns },
    (_, column) => Math.floor((column * c) / columns) * (turned ? r : 1));
  for (const values of matrices) {
    for (let row = 0, i = 0; row < rows; ++row) {
      const start = Math.floor((row * r) / rows) * (turned ? 1 : c);
      for (let column = 0; column < columns; ++column, ++i) {
        const to = start + places[column], value = values[i];
        if (data[to] !== data[to] || Math.abs(value) > Math.abs(data[to])) data[to] = value;
      }
    }
  }
  return [r, c, data];
}

export function css(value, scale) {
  const p = pixel(value, scale);
  return p === 0 ? "transparent" : `rgb(${p & 255} ${(p >> 8) & 255} ${(p >> 16) & 255})`;
}

/** Black or white, whichever is legible on the colour of `value`. */
export function ink(value, scale) {
  const p = pixel(value, scale);
  return 0.3 * (p & 255) + 0.59 * ((p >> 8) & 255) + 0.11 * ((p >> 16) & 255) > 140 ? "#111" : "#fff";
}

const okabeIto = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const onDark = ["#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442"];
export const line = (index) => (dark ? onDark : okabeIto)[index % 6];

/** A small bar with the ends of the scale, drawn into `context`. */
export function drawBar(context, x, y, width, height, scale, colour) {
  for (let i = 0; i < height; ++i) {
    context.fillStyle = css(scale.high + ((scale.low - scale.high) * i) / Math.max(1, height - 1), scale);
    context.fillRect(x, y + i, width, 1);
  }
  context.fillStyle = colour;
  context.font = "10px system-ui, sans-serif";
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(short(scale.high, 2), x + width + 4, y - 1);
  context.textBaseline = "bottom";
  if (height >= 22) context.fillText(short(scale.low, 2), x + width + 4, y + height + 1);
}
