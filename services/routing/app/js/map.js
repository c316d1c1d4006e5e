// Crews and open requests as points; north is up, a degree of longitude as wide as it is there.

import { svg } from "./dom.js";
import { t } from "./texts.js";

const WIDTH = 600;
const HEIGHT = 320;
const EDGE = 24;

export function map(crews, requests, choose) {
  const waiting = requests.filter((request) => request.address?.lat !== undefined && request.address?.lat !== null);
  const placed = [...crews.values()].filter((crew) => crew.on_shift && (crew.position ?? crew.base));
  const points = [...waiting.map((request) => request.address), ...placed.map((crew) => crew.position ?? crew.base)];
  const at = projection(points);
  return svg("svg.map", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": t("console.map") },
    waiting.map((request) => mark(request, at(request.address), choose)),
    placed.map((crew) => car(crew, at(crew.position ?? crew.base))),
  );
}

function projection(points) {
  if (points.length === 0) return () => [WIDTH / 2, HEIGHT / 2];
  const lats = points.map((point) => point.lat);
  const wide = Math.cos((lats[0] * Math.PI) / 180);
  const xs = points.map((point) => point.lon * wide);
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...lats), Math.max(...lats)];
  const scale = Math.min((WIDTH - 2 * EDGE) / Math.max(east - west, 0.005), (HEIGHT - 2 * EDGE) / Math.max(north - south, 0.005));
  const [x0, y0] = [WIDTH / 2 - (scale * (west + east)) / 2, HEIGHT / 2 + (scale * (south + north)) / 2];
  return (point) => [x0 + scale * point.lon * wide, y0 - scale * point.lat];
}

const COLOURS = { emergency: "#b3131b", urgent: "#a95b00", planned: "#1d5fa8" };

function mark(request, [x, y], choose) {
  return svg("g", { "data-request": request.request_id, onclick: () => choose(request.request_id) },
    svg("circle", { cx: x, cy: y, r: 7, fill: COLOURS[request.category] ?? "#5a6a78", stroke: "#fff", "stroke-width": 2 }),
    svg("text", { x: x + 9, y: y + 4 }, request.number),
  );
}

function car(crew, [x, y]) {
  const colour = crew.busy_with ? "#5a6a78" : "#1c7038";
  return svg("g", {},
    svg("path", { d: `M ${x} ${y - 8} l 8 14 h -16 z`, fill: colour, stroke: "#fff", "stroke-width": 2 }),
    svg("text", { x: x + 9, y: y + 4 }, crew.name),
  );
}
