// The geometry of a player's picture, read from the coordinates in its SVG. Asking the browser for
// it would make it lay out the page in the middle of a step.

/* exported cornersOf, curveOf, pointAlong, clip */
const numbersOf = (words) => (words.match(/-?\d+\.?\d*(e-?\d+)?/g) ?? []).map(Number);

function cornersOf(shape) {
  const all = numbersOf(shape.getAttribute("d") ?? shape.getAttribute("points"));
  const [xs, ys] = [0, 1].map((axis) => all.filter((_, k) => k % 2 === axis));
  return {
    left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys),
  };
}

const mix = (a, b, part) => a + (b - a) * part;
const between = (p, q, part) => [mix(p[0], q[0], part), mix(p[1], q[1], part)];

/** The points along an arrow, from its tail to its tip. */
function curveOf(arrow) {
  const words = arrow.querySelector("path").getAttribute("d");
  const flat = numbersOf(words);
  const given = flat.flatMap((x, k) => (k % 2 ? [] : [[x, flat[k + 1]]]));
  const points = words.includes("C") ? alongBezier(given) : given;
  const head = arrow.querySelector("polygon");
  if (!head) return points;
  const corners = numbersOf(head.getAttribute("points"));
  const end = points.at(-1);
  const far = [0, 1, 2].map((k) => [corners[2 * k], corners[2 * k + 1]])
    .sort((p, q) => distance(q, end) - distance(p, end));
  return [...points, far[0]];
}

const distance = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]);

function alongBezier(given) {
  const PIECES = 16;
  const points = [given[0]];
  for (let k = 0; k + 3 < given.length; k += 3) {
    for (let piece = 1; piece <= PIECES; piece++) {
      let left = given.slice(k, k + 4);
      const step = (q, j) => between(left[j], q, piece / PIECES); // of de Casteljau's algorithm
      while (left.length > 1) left = left.slice(1).map(step);
      points.push(left[0]);
    }
  }
  return points;
}

/** The point at a fraction of the length of a path. */
function pointAlong(points, part) {
  const lengths = points.slice(1).map((q, k) => distance(points[k], q));
  let rest = part * lengths.reduce((sum, length) => sum + length, 0);
  for (const [k, length] of lengths.entries()) {
    if (rest <= length && length) return between(points[k], points[k + 1], rest / length);
    rest -= length;
  }
  return points.at(-1);
}

const isInside = ([x, y], { left, right, top, bottom }) =>
  x >= left && x <= right && y >= top && y <= bottom;

/** The path up to its entry into a rectangle; the whole path if it has none. */
function clip(points, corners) {
  const first = points.findIndex((point) => isInside(point, corners));
  if (first < 1) return points;
  let [outside, inside] = [points[first - 1], points[first]];
  for (let k = 0; k < 12; k++) {
    const middle = between(outside, inside, 0.5);
    if (isInside(middle, corners)) inside = middle;
    else outside = middle;
  }
  return [...points.slice(0, first), outside];
}
