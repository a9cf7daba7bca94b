// The geometry of a player's picture, read from the coordinates in its SVG. Asking the browser for
// it would make it lay out the page in the middle of a step.

/* exported cornersOf, curveOf, pointAlong, clip */
function pointsOf(words) {
  const numbers = (words.match(/-?\d+\.?\d*(e-?\d+)?/g) ?? []).map(Number);
  return numbers.flatMap((x, k) => (k % 2 ? [] : [[x, numbers[k + 1]]]));
}

function cornersOf(shape) {
  const points = pointsOf(shape.getAttribute("d") ?? shape.getAttribute("points"));
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return {
    left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys),
  };
}

const between = (p, q, part) => [0, 1].map((axis) => p[axis] + (q[axis] - p[axis]) * part);

/** The points along an arrow, from its tail to its tip. */
function curveOf(arrow) {
  const words = arrow.querySelector("path").getAttribute("d");
  const points = words.includes("C") ? alongBezier(pointsOf(words)) : pointsOf(words);
  const head = arrow.querySelector("polygon");
  if (!head) return points;
  const end = points.at(-1);
  const corners = pointsOf(head.getAttribute("points"));
  const [tip] = corners.sort((p, q) => distance(q, end) - distance(p, end));
  return [...points, tip];
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
