import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { Clusters } from '../Clusters.ts';
import { labelsOf } from '../calls.ts';
import { clusterColor, noCluster } from '../palette.ts';

const clusteringAt = (scale, labels = [0, 1, 1, noCluster]) => ({
  scale, labels: Uint16Array.from(labels), clusters: [{ id: 0, count: 1 }, { id: 1, count: 2 }], unassignedCount: 1,
});

/** Calls that are answered when the test says so. */
function heldCalls() {
  const asked = [];
  const call = (scale) => new Promise((resolve, reject) => asked.push({ scale, resolve: () => resolve(clusteringAt(scale)), reject }));
  return { asked, call };
}

const rest = () => new Promise((resolve) => setTimeout(resolve, 160));

test('colours are those of the pictures that the server draws', () => {
  // The same numbers are in ClusterColorsTests.cs.
  assert.deepEqual(clusterColor(0).map(Math.round), [68, 148, 228]);
  assert.deepEqual(clusterColor(1).map(Math.round), [196, 28, 63]);
  assert.deepEqual(clusterColor(2).map(Math.round), [121, 236, 131]);
  assert.deepEqual(clusterColor(noCluster).map(Math.round), [89, 89, 89]);
});

test('labels are read little-endian', () => {
  assert.deepEqual([...labelsOf(Uint8Array.of(1, 2, 255, 255).buffer)], [0x0201, noCluster]);
});

test('a slider that moves on is asked for once it rests, and only the newest answer is shown', async () => {
  const { asked, call } = heldCalls();
  const scale = signal(0.1);
  const clusters = new Clusters(call, () => scale.value, assert.fail);
  scale.value = 0.2;
  await rest();
  assert.deepEqual(asked.map((one) => one.scale), [0.2]);
  assert.equal(clusters.busy.value, true);
  scale.value = 0.3;
  await rest();
  scale.value = 0.4;
  await rest();
  assert.equal(asked.length, 1, 'one request is under way at a time');
  asked[0].resolve();
  await rest();
  assert.equal(clusters.found.value, null, 'an answer to a scale that nobody wants any more');
  assert.deepEqual(asked.map((one) => one.scale), [0.2, 0.4]);
  asked[1].resolve();
  await rest();
  assert.equal(clusters.found.value.scale, 0.4);
  assert.equal(clusters.busy.value, false);
  scale.value = 0.2;
  assert.equal(clusters.found.value.scale, 0.2, 'a scale that was looked at comes back at once');
  assert.equal(asked.length, 2);
  clusters.dispose();
});

test('nothing is asked for while nobody looks, and a failure is said and tried again', async () => {
  const { asked, call } = heldCalls();
  const scale = signal(null);
  const failures = [];
  const clusters = new Clusters(call, () => scale.value, (error) => failures.push(error));
  await rest();
  assert.equal(asked.length, 0);
  scale.value = 0.5;
  await rest();
  asked[0].reject(new Error('no'));
  await rest();
  assert.equal(failures.length, 1);
  assert.equal(clusters.busy.value, false);
  scale.value = null;
  scale.value = 0.5;
  await rest();
  asked[1].resolve();
  await rest();
  assert.deepEqual([...clusters.members(1)], [0, 1, 1, 0]);
  clusters.lit.value = 1;
  assert.equal(clusters.paint.value.lit, 1);
  clusters.dispose();
});
