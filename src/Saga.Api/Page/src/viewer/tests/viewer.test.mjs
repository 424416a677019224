import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ballAround, columnsFrom } from '../columns.ts';
import { Orbit, upOf } from '../Orbit.ts';
import { poseOf, project, unproject, worldToCameraOf } from '../pinhole.ts';
import { columnNames } from '../columns.ts';
import { readPly } from '../ply.ts';
import { surfaceDepth } from '../surface.ts';
import { cross, dot, length } from '../vectors.ts';
import { nearestDots } from '../pointPicture.ts';
import { Tally } from '../Tally.ts';
import { isLit } from '../Viewer.ts';

// The one thing that the camera asks of a browser while it is only turned.
globalThis.cancelAnimationFrame = () => undefined;

// A turned camera away from the origin: an identity would hide a forgotten transposition.
const pose = { eye: [1, -2, 3], right: [0.6, 0, -0.8], down: [0, 1, 0], forward: [0.8, 0, 0.6] };
const camera = { width: 640, height: 360, fx: 300, fy: 310, cx: 315, cy: 182, worldToCamera: worldToCameraOf(pose) };

/** Gaussians at places, equally large in all directions. */
function columnsAt(places, { logScale = -3, logit = 6 } = {}) {
  const read = (name) => Float32Array.from(places, (place) => ({
    x: place[0], y: place[1], z: place[2], opacity: logit, scale_0: logScale, scale_1: logScale, scale_2: logScale, rot_0: 1,
  })[name] ?? 0);
  return columnsFrom(places.length, read);
}

test('a projected point comes back through its depth', () => {
  const point = [3, -1.5, 5];
  const { x, y, depth } = project(camera, point);
  unproject(camera, x, y, depth).forEach((value, i) => assert.ok(Math.abs(value - point[i]) < 1e-9));
});

test('a pose survives being written as a matrix', () => {
  const read = poseOf(camera.worldToCamera);
  for (const axis of ['eye', 'right', 'down', 'forward']) {
    read[axis].forEach((value, i) => assert.ok(Math.abs(value - pose[axis][i]) < 1e-9, axis));
  }
});

test('a click meets the nearest surface and says background where there is none', () => {
  const near = unproject(camera, 200, 100, 2);
  const far = unproject(camera, 200, 100, 4);
  assert.ok(Math.abs(surfaceDepth(columnsAt([far, near]), camera, 200, 100) - 2) < 1e-4);
  assert.equal(surfaceDepth(columnsAt([far, near]), camera, 500, 300), null);
  assert.equal(surfaceDepth(columnsAt([near], { logit: -2 }), camera, 200, 100), null, 'too faint to be a surface');
});

test('Gaussians behind the camera and ones that are not numbers are not met', () => {
  const behind = unproject(camera, 200, 100, -2);
  assert.equal(surfaceDepth(columnsAt([behind, [NaN, 0, 0]]), camera, 200, 100), null);
});

test('turning keeps the axes square and the focus in the middle', () => {
  const orbit = new Orbit([0, -1, 0], () => undefined);
  orbit.resize(640, 360);
  const focus = orbit.focus;
  for (let i = 0; i < 500; i++) {
    orbit.orbit(0.13, 0.07 * Math.sin(i));
  }
  const { right, down, forward } = orbit.current;
  assert.ok(Math.abs(length(right) - 1) < 1e-9 && Math.abs(dot(right, forward)) < 1e-9);
  cross(forward, right).forEach((value, i) => assert.ok(Math.abs(value - down[i]) < 1e-9));
  const { x, y } = project(orbit.camera, focus);
  assert.ok(Math.abs(x - 320) < 1e-6 && Math.abs(y - 180) < 1e-6, `${x}, ${y}`);
});

test('the camera never tips over the top', () => {
  const orbit = new Orbit([0, -1, 0], () => undefined);
  for (let i = 0; i < 100; i++) {
    orbit.orbit(0, 0.3);
  }
  assert.ok(Math.abs(dot(orbit.current.forward, [0, -1, 0])) < 1);
  assert.ok(dot(orbit.current.down, [0, 1, 0]) > 0);
});

test('up is where the photographers held it', () => {
  assert.deepEqual(upOf([]), [0, -1, 0]);
  upOf([camera]).forEach((value, i) => assert.ok(Math.abs(value - [0, -1, 0][i]) < 1e-9));
});

test('a ball leaves the few farthest out, and is none around nothing', () => {
  const places = Array.from({ length: 200 }, (_, i) => [i / 200, 0, 0]);
  const ball = ballAround(columnsAt([...places, [1e6, 0, 0]]), () => true);
  assert.ok(ball.radius < 1 && Math.abs(ball.center[0] - 0.5) < 0.05);
  assert.equal(ballAround(columnsAt(places), () => false), null);
});

function ply(names, rows, { count = rows.length, format = 'binary_little_endian' } = {}) {
  const head = `ply\nformat ${format} 1.0\nelement vertex ${count}\n${names.map((name) => `property float ${name}\n`).join('')}end_header\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(Float32Array.from(rows.flat()).buffer)]);
}
const bufferOf = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);

test('a ply is read in whatever order its properties are', () => {
  const names = ['f_rest_0', ...columnNames].reverse();
  const rows = [0, 1].map((row) => names.map((_, i) => 100 * row + i));
  const columns = readPly(bufferOf(ply(names, rows)));
  assert.equal(columns.count, 2);
  assert.deepEqual([...columns.z], [names.indexOf('z'), 100 + names.indexOf('z')]);
});

test('a ply that is none, lacks a property or is cut off says so', () => {
  assert.throws(() => readPly(bufferOf(Buffer.from('PK..'))), /not a \.ply/);
  assert.throws(() => readPly(bufferOf(ply(columnNames.slice(0, -1), [columnNames.slice(1).map(() => 0)]))), /no f_dc_2/);
  assert.throws(() => readPly(bufferOf(ply(columnNames, [columnNames.map(() => 0)], { count: 2 }))), /shorter/);
  assert.throws(() => readPly(bufferOf(ply(columnNames, [], { format: 'ascii' }))), /binary_little_endian/);
});

test('the tally counts what is lit at every threshold', () => {
  let seed = 5;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  const scores = Uint8Array.from({ length: 500 }, () => Math.floor(256 * random()));
  const base = Uint8Array.from({ length: 500 }, () => (random() < 0.4 ? 1 : 0));
  for (const [s, b] of [[scores, base], [scores, null], [null, base], [null, null]]) {
    const tally = new Tally(s, b, 500);
    for (const combine of ['new', 'add', 'subtract', 'intersect']) {
      for (const threshold of [0, 1, 128, 255]) {
        const lighting = { scores: s, base: b, combine, threshold };
        const expected = Array.from({ length: 500 }, (_, i) => isLit(lighting, i)).filter(Boolean).length;
        assert.equal(tally.lit(lighting), expected, `${combine} at ${threshold}`);
        assert.ok(tally.isOf(lighting));
      }
    }
  }
  assert.equal(new Tally(scores, base, 500).isOf({ scores: base, base }), false);
});

test('a quick picture shows the nearest dot of those that are to be shown', () => {
  const row = (...values) => Float32Array.from(values);
  const zeros = row(0, 0, 0);
  const columns = {
    count: 3, x: row(0, 0, 5), y: zeros, z: row(2, 1, 1), opacityLogits: row(3, 3, 3), logScales: [row(-4, -4, -4), row(-4, -4, -4), row(-4, -4, -4)],
    rotations: [row(1, 1, 1), zeros, zeros, zeros], dc: [zeros, zeros, zeros],
  };
  const camera = { width: 20, height: 10, fx: 10, fy: 10, cx: 10, cy: 5, worldToCamera: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
  const middle = 5 * 20 + 10;
  assert.equal(nearestDots(columns, camera, 20, 10)[middle], 1);
  assert.equal(nearestDots(columns, camera, 20, 10, (i) => i !== 1)[middle], 0);
  assert.equal(nearestDots(columns, camera, 20, 10, () => false).every((i) => i === -1), true);
  assert.equal(nearestDots(columns, camera, 20, 10).includes(2), false, 'it lies outside the picture');
});

test('what is lit follows the way to combine', () => {
  const scores = Uint8Array.of(200, 200, 100, 100);
  const base = Uint8Array.of(1, 0, 1, 0);
  const lit = (combine, given = scores) => [0, 1, 2, 3].map((i) => isLit({ scores: given, threshold: 192, base, combine }, i));
  assert.deepEqual(lit('new'), [true, true, false, false]);
  assert.deepEqual(lit('add'), [true, true, true, false]);
  assert.deepEqual(lit('subtract'), [false, false, true, false]);
  assert.deepEqual(lit('intersect'), [true, false, false, false]);
  assert.deepEqual(lit('subtract', null), [true, false, true, false], 'without a prompt, what was selected before');
});
