// A box to sign in with a finger: lines of points, each from 0 to 1 of its width and height.

import { h } from "./dom.js";

const MOST_POINTS = 1900; // the service takes 2,000
const CLOSEST = 0.006;

/** {element, show, clear}: what is drawn is kept as JSON in a hidden field `name`, so that a form keeps it. */
export function pad(name) {
  const kept = h("input", { type: "hidden", name });
  const canvas = h("canvas.pad", { width: 900, height: 300, "data-pad": name, role: "img" });
  const strokes = () => JSON.parse(kept.value || "[]");
  const show = () => draw(canvas, strokes());
  const keep = (lines) => {
    kept.value = JSON.stringify(lines);
    kept.dispatchEvent(new Event("input", { bubbles: true }));
    show();
  };
  follow(canvas, strokes, keep);
  return { element: h("div", {}, canvas, kept), show, clear: () => keep([]) };
}

function follow(canvas, strokes, keep) {
  let line = null;
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    line = [point(canvas, event)];
  };
  canvas.onpointermove = (event) => {
    if (!line) return;
    const next = point(canvas, event);
    if (Math.hypot(next[0] - line.at(-1)[0], next[1] - line.at(-1)[1]) < CLOSEST) return;
    line.push(next);
    draw(canvas, [...strokes(), line]);
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (line && strokes().flat().length + line.length <= MOST_POINTS) keep([...strokes(), line]);
    line = null;
  };
}

function point(canvas, { clientX, clientY }) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [(clientX - left) / width, (clientY - top) / height].map((part) => Math.round(Math.min(1, Math.max(0, part)) * 1e4) / 1e4);
}

function draw(canvas, lines) {
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  Object.assign(pen, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(canvas).color });
  for (const line of lines) {
    pen.beginPath();
    for (const [x, y] of line.length > 1 ? line : [line[0], line[0]]) pen.lineTo(x * canvas.width, y * canvas.height);
    pen.stroke();
  }
}
