import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formats, formatsFor, nameOf, pathOf, scenePathOf, settle } from '../files.ts';

const choice = (id, part = 'selected', more = {}) => ({ format: formats.find((one) => one.id === id), part, version: 4, labels: 'column', ...more });

test('each file has a path and a name', () => {
  assert.equal(pathOf(choice('ply')), 'export?format=ply&part=selected');
  assert.equal(pathOf(choice('spz', 'rest', { version: 2 })), 'export?format=spz&version=2&part=rest');
  assert.equal(scenePathOf(choice('ply', 'all'), ['a', 'b']), 'gaussians?format=ply&labels=column&selections=a%2Cb');
  assert.equal(scenePathOf(choice('spz', 'all', { labels: 'none' }), []), 'gaussians?format=spz&version=4');
  assert.equal(pathOf(choice('masks')), 'masks.zip');
  assert.equal(nameOf('My room / 2', choice('compressed.ply', 'rest')), 'My-room-2-rest.compressed.ply');
  assert.equal(nameOf('', choice('ply', 'all')), 'scene-labelled.ply');
  assert.equal(nameOf('a', choice('spz', 'all', { labels: 'sidecar' })), 'a-labelled.zip');
  assert.equal(nameOf('a', choice('coco')), 'a-object.coco.json');
});

test('only what can be had is offered', () => {
  assert.equal(formatsFor('selected', true).length, formats.length);
  assert.deepEqual(formatsFor('all', true).map(({ id }) => id), ['ply', 'compressed.ply', 'spz', 'splat']);
  assert.ok(formatsFor('selected', false).every(({ needsViews }) => !needsViews));
  const all = { hasSelection: true, hasViews: true, hasSegments: true };
  assert.equal(settle(choice('coco', 'rest'), all).format.id, 'ply');
  assert.equal(settle(choice('splat', 'all'), all).labels, 'sidecar');
  assert.equal(settle(choice('ply', 'all'), all).labels, 'column');
  assert.equal(settle(choice('ply', 'all'), { ...all, hasSegments: false }).labels, 'none');
  assert.equal(settle(choice('spz', 'all', { version: 9 }), all).version, 4);
  assert.equal(settle(choice('coco'), { ...all, hasSelection: false }).part, 'all');
  assert.equal(settle(choice('masks'), { ...all, hasViews: false }).format.id, 'ply');
});
