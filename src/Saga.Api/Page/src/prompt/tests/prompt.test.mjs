import { effect } from '@preact/signals';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageError } from '../../api/errors.ts';
import { History } from '../History.ts';
import { Latest } from '../Latest.ts';
import { countOf, fromBits, toBits } from '../members.ts';
import { Segments } from '../Segments.ts';
import { cosineOf, Session } from '../Session.ts';
import { groupsOf, similarityTo } from '../similarity.ts';
import { editSelection } from '../surfaceEdits.ts';
import { readTiming } from '../timing.ts';

const camera = (name) => ({ width: 64, height: 36, fx: 30, fy: 30, cx: 32, cy: 18, worldToCamera: [name] });
const point = (key, positive, from = camera(1)) => ({ key, positive, camera: from, x: key, y: key, position: [0, 0, 0] });
const noTiming = { total: 1, stages: {}, network: 0 };
const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

/** What the fake service finds where no scale is given. */
const foundScale = 0.48;

/** Answers like the service: the best positive point's score, none where a negative point's is as high. */
function fakeCalls(scoresOfPoint) {
  const asked = [];
  return {
    asked,
    async similarity({ points, scale, camera: from }) {
      asked.push({ points, scale, from });
      const best = (positive, i) => Math.max(-1, ...points.filter((one) => one.positive === positive).map((one) => scoresOfPoint(one.x, scale ?? foundScale)[i]));
      return {
        scores: Uint8Array.from([0, 1, 2, 3], (i) => (best(true, i) > best(false, i) ? best(true, i) : 0)),
        scale: scale ?? foundScale,
        timing: noTiming,
      };
    },
    candidates: async () => [
      { scale: 0.2, scaleFrom: 0, scaleTo: 0.39, selectedCount: 1, stability: 0.4 },
      { scale: 0.7, scaleFrom: 0.42, scaleTo: 1, selectedCount: 2, stability: 0.6 },
    ],
    segment: async () => Uint8Array.of(1, 0, 0, 0),
  };
}

test('bits are least significant first and come back', () => {
  const members = Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 1);
  assert.deepEqual([...toBits(members)], [5, 2]);
  assert.deepEqual(fromBits(toBits(members), 10), members);
  assert.equal(countOf(members), 3);
});

test('a Server-Timing header is read, and what is left is the way', () => {
  const timing = readTiming('feature;dur=1.5, match;dur=3, total;dur=5;desc="all", odd', 9);
  assert.deepEqual(timing, { total: 9, stages: { feature: 1.5, match: 3 }, network: 4 });
  assert.deepEqual(readTiming(null, 9), { total: 9, stages: {}, network: 9 });
});

test('only the newest request is made of those that wait, and one at a time', async () => {
  const done = [];
  let running = 0;
  const latest = new Latest(async (value) => {
    assert.equal(++running, 1);
    await tick();
    done.push(value);
    running--;
  });
  latest.ask(1);
  latest.ask(2);
  latest.ask(3);
  await latest.ask(4);
  assert.deepEqual(done, [1, 4]);
});

test('after a failure the next request is made all the same', async () => {
  const latest = new Latest(async (value) => { if (value === 1) { throw new Error('no'); } });
  await assert.rejects(latest.ask(1));
  await latest.ask(2);
});

test('history goes back and forth, merges a slider and forgets what was undone', async () => {
  const history = new History((error) => { throw error; });
  let value = 0;
  const set = (to, mergeKey) => {
    const before = value;
    return history.run({ label: `to ${to}`, mergeKey, apply: () => { value = to; }, revert: () => { value = before; } });
  };
  await set(1);
  await set(2, 'slider');
  await set(3, 'slider');
  await history.undo();
  assert.equal(value, 1, 'the whole way of the slider is one step');
  await history.redo();
  assert.equal(value, 3);
  await history.undo();
  await history.undo();
  assert.equal(value, 0);
  assert.equal(history.undoLabel.value, null);
  await set(9);
  assert.equal(history.redoLabel.value, null);
});

test('a command that fails is not remembered, and one that cannot be undone stays', async () => {
  const errors = [];
  const history = new History((error) => errors.push(error.message));
  await history.run({ label: 'a', apply: () => { throw new Error('refused'); }, revert() {} });
  assert.equal(history.undoLabel.value, null);
  await history.run({ label: 'b', apply() {}, revert: () => Promise.reject(new Error('gone')) });
  await history.undo();
  assert.equal(history.undoLabel.value, 'b');
  assert.deepEqual(errors, ['refused', 'gone']);
});

test('points of several cameras select what one camera with all of them would', async () => {
  const scores = { 1: [200, 150, 90, 20], 2: [10, 220, 90, 20], 3: [210, 10, 10, 30] };
  const [a, b] = [camera('a'), camera('b')];
  const one = await similarityTo(fakeCalls((x) => scores[x]), [point(1, true), point(2, true), point(3, false)], 0.5);
  const calls = fakeCalls((x) => scores[x]);
  const several = await similarityTo(calls, [point(1, true, a), point(2, true, b), point(3, false, b)], 0.5);
  assert.deepEqual(several.scores, one.scores);
  assert.equal(calls.asked.length, 3);
  assert.equal(groupsOf([point(1, true, a), point(2, true, b), point(3, false, a)]).length, 2);
});

test('a session asks when points or scale change, not for the threshold, and undo needs no request', async () => {
  const calls = fakeCalls((_, scale) => [200, 200 * scale, 0, 0]);
  const history = new History((error) => { throw error; });
  const session = new Session(calls, history, 4, (error) => { throw error; });
  session.addPoint(camera(1), 1, 1, true, [0, 0, 0]);
  await tick();
  assert.equal(session.selectedCount.value, 1);
  session.change('threshold', { threshold: 90 }, 'threshold');
  await tick();
  assert.equal(session.selectedCount.value, 2);
  assert.equal(calls.asked.length, 1);
  session.change('scale', { scale: 0.1 }, 'scale');
  await tick();
  assert.equal(session.selectedCount.value, 1);
  await history.undo();
  assert.equal(session.selectedCount.value, 2);
  assert.equal(calls.asked.length, 2, 'the answer from before is still known');
  await history.undo();
  await history.undo();
  assert.equal(session.selectedCount.value, 0);
  session.dispose();
});

test('the service finds the scale of a first point, further points keep it, and a chosen one counts until the next object', async () => {
  const calls = fakeCalls(() => [255, 0, 0, 0]);
  const history = new History((error) => { throw error; });
  const session = new Session(calls, history, 4, (error) => { throw error; });
  session.addPoint(camera(1), 1, 1, true, [0, 0, 0]);
  await tick();
  assert.equal(calls.asked[0].scale, undefined);
  assert.equal(session.scale.value, foundScale);
  session.addPoint(camera(1), 2, 2, true, [0, 0, 0]);
  await tick();
  assert.equal(calls.asked[1].scale, foundScale);
  session.stepScale(1);
  await tick();
  assert.equal(session.scale.value, 0.7);
  assert.equal(calls.asked[2].scale, 0.7);
  session.stepScale(1);
  assert.equal(session.scale.value, 0.7, 'there is nothing coarser');
  session.stepScale(-1);
  assert.equal(session.scale.value, 0.2);
  await history.undo();
  await history.undo();
  await tick();
  assert.equal(session.scale.value, foundScale);
  session.clear();
  session.addPoint(camera(2), 1, 1, true, [0, 0, 0]);
  await tick();
  assert.equal(calls.asked.at(-1).scale, undefined);
  session.dispose();
});

test('a move of the scale changes what is lit once, when the answer is there', async () => {
  const session = new Session(fakeCalls((_, scale) => [255 * scale, 0, 0, 0]), new History((error) => { throw error; }), 4, (error) => { throw error; });
  session.addPoint(camera(1), 1, 1, true, [0, 0, 0]);
  await tick();
  let changes = -1;
  const end = effect(() => { session.lighting.value; changes++; });
  session.change('scale', { scale: 0.9 }, 'scale');
  assert.equal(changes, 0);
  await tick();
  assert.equal(changes, 1);
  end();
  session.dispose();
});

test('selections join as chosen, invert, and keep only what is connected', async () => {
  const scores = { 1: [255, 255, 0, 0], 2: [0, 255, 255, 0] };
  const history = new History((error) => { throw error; });
  const session = new Session(fakeCalls((x) => scores[x]), history, 4, (error) => { throw error; });
  const click = async (x) => { session.addPoint(camera(1), x, x, true, [0, 0, 0]); await tick(); };
  await click(1);
  session.combineNext('subtract');
  assert.deepEqual([...session.selected()], [1, 1, 0, 0]);
  await click(2);
  assert.deepEqual([...session.selected()], [1, 0, 0, 0]);
  session.invert();
  assert.deepEqual([...session.selected()], [0, 1, 1, 1]);
  session.combineNext('new');
  assert.equal(session.selectedCount.value, 0);
  await click(1);
  session.change('connected only', { connected: true });
  await tick();
  assert.deepEqual([...session.selected()], [1, 0, 0, 0]);
  session.dispose();
});

test('a threshold byte is the middle between the bytes that the server rounds to', () => {
  assert.equal(Math.round(255 * (cosineOf(192) + 1e-9)), 192);
  assert.equal(Math.round(255 * (cosineOf(192) - 1e-9)), 191);
});

test('segments are kept, changed and deleted on the server, and undone there too', async () => {
  const kept = new Map();
  let lastId = 0;
  const calls = {
    selections: async () => [...kept.values()].reverse(),
    members: async (id) => kept.get(id).members,
    keep: async (name, members, look) => {
      const one = { id: `id${++lastId}`, name, members, selectedCount: countOf(members), ...look };
      kept.set(one.id, one);
      return one;
    },
    change: async (id, change) => { Object.assign(kept.get(id), change); },
    forget: async (id) => { kept.delete(id); },
  };
  const names = () => [...kept.values()].map((one) => one.name);
  const history = new History((error) => { throw error; });
  const segments = new Segments(calls, history);
  await segments.keep(Uint8Array.of(1, 0, 0, 0));
  await segments.keep(Uint8Array.of(0, 1, 0, 0));
  const [first, second] = segments.list.value;
  await segments.change(first.key, { name: 'cup', hidden: true });
  assert.deepEqual(names(), ['cup', 'Segment 2']);
  await segments.delete(first.key);
  await history.undo();
  assert.deepEqual(segments.list.value.map((one) => one.name), ['cup', 'Segment 2'], 'back in its place');
  await history.undo();
  assert.deepEqual(names().sort(), ['Segment 1', 'Segment 2'], 'undone through the new id');
  await segments.combine([first.key, second.key]);
  assert.deepEqual([...segments.list.value[2].members], [1, 1, 0, 0]);
  await segments.load();
  assert.equal(segments.list.value.length, 3);
});

/** Answers like the service: versions, If-Match, an edit that inverts. */
function fakeServer() {
  const kept = new Map();
  let lastId = 0;
  const changed = (one, members) => { Object.assign(one, { members, selectedCount: countOf(members), version: one.version + 1 }); return one; };
  const revise = (id, version, members) => {
    if (version !== kept.get(id).version) {
      throw new PageError('selection-changed', 412, 'Its ETag is another.');
    }
    return { ...changed(kept.get(id), members(kept.get(id).members)) };
  };
  return {
    kept,
    changed,
    asked: { members: 0 },
    selections: async () => [...kept.values()].reverse().map((one) => ({ ...one })),
    async members(id) { this.asked.members++; return kept.get(id).members; },
    keep: async (name, members, look) => {
      const one = { id: `id${++lastId}`, name, members, selectedCount: countOf(members), version: 1, ...look };
      kept.set(one.id, one);
      return { ...one };
    },
    change: async (id, change) => { const one = Object.assign(kept.get(id), change); one.version++; return { ...one }; },
    forget: async (id) => { kept.delete(id); },
    edit: async (id, { op }, version) => { assert.equal(op, 'test'); return revise(id, version, (members) => members.map((bit) => 1 - bit)); },
    replace: async (id, members, version) => revise(id, version, () => members),
  };
}

const testEdit = { label: 'Test', title: 'Test', done: 'testing', edit: { op: 'test' } };

test('a segment is edited on the server, undone and redone there, also after its deletion was undone', async () => {
  const server = fakeServer();
  const history = new History((error) => { throw error; });
  const segments = new Segments(server, history);
  await segments.keep(Uint8Array.of(1, 0, 0, 0));
  const { key } = segments.list.value[0];
  const members = () => [[...segments.list.value[0].members], [...[...server.kept.values()][0].members], segments.list.value[0].count];
  await segments.change(key, { name: 'cup' });
  await segments.edit(key, testEdit);
  assert.equal(history.undoLabel.value, 'testing cup');
  assert.deepEqual(members(), [[0, 1, 1, 1], [0, 1, 1, 1], 3]);
  await segments.delete(key);
  await history.undo();
  await history.undo();
  assert.deepEqual(members(), [[1, 0, 0, 0], [1, 0, 0, 0], 1]);
  await history.redo();
  assert.deepEqual(members(), [[0, 1, 1, 1], [0, 1, 1, 1], 3]);
  await segments.load();
  assert.equal(server.asked.members, 0, 'what this page did itself is known');
});

test('an edit of what somebody else changed is refused, and the change is shown', async () => {
  const server = fakeServer();
  const errors = [];
  const history = new History((error) => { errors.push(error.message); });
  const segments = new Segments(server, history);
  await segments.keep(Uint8Array.of(1, 0, 0, 0));
  const label = history.undoLabel.value;
  server.changed(server.kept.get('id1'), Uint8Array.of(0, 0, 0, 1));

  await segments.edit(segments.list.value[0].key, testEdit);

  assert.deepEqual(errors, ['Somebody else changed Segment 1 meanwhile. It is shown as it is now; try again.']);
  assert.deepEqual([...segments.list.value[0].members], [0, 0, 0, 1]);
  assert.equal(history.undoLabel.value, label, 'nothing was done');
  await segments.edit(segments.list.value[0].key, testEdit);
  assert.deepEqual([...server.kept.get('id1').members], [1, 1, 1, 0]);
});

test('what is lit is edited in one step; what was clicked meanwhile counts more', async () => {
  let answer;
  const calls = { ...fakeCalls(() => [200, 200, 0, 0]), edited: (members, edit) => new Promise((resolve) => { answer = () => resolve(members.map((bit) => 1 - bit)); }) };
  const history = new History((error) => { throw error; });
  const session = new Session(calls, history, 4, (error) => { throw error; });
  session.change('start', { base: Uint8Array.of(1, 0, 0, 0) });
  const workspace = { history, session, calls };

  let editing = editSelection(workspace, testEdit);
  await tick();
  answer();
  await editing;
  assert.deepEqual([...session.selected()], [0, 1, 1, 1]);
  await history.undo();
  assert.deepEqual([...session.selected()], [1, 0, 0, 0]);

  editing = editSelection(workspace, testEdit);
  await tick();
  session.clear();
  answer();
  await editing;
  assert.equal(countOf(session.selected()), 0);
  session.dispose();
});
