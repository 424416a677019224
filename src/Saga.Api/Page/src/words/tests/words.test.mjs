import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageError } from '../../api/errors.ts';
import { Words } from '../Words.ts';

const found = { selectedCount: 2, indices: [1, 3], matches: [{ score: 0.9, maskCount: 4, view: 0, scale: 0.5, chosen: true }] };

function wordsOf(calls) {
  const log = { taken: [], failed: [] };
  const words = new Words(
    { preparing: async () => undefined, ...calls }, 5, (members) => log.taken.push([...members]), (error) => log.failed.push(error));
  return { words, log };
}

test('what is found becomes the selection', async () => {
  const asked = [];
  const { words, log } = wordsOf({ find: async (text) => { asked.push(text); return found; } });
  words.text.value = '  red truck ';
  await words.find();
  assert.deepEqual(asked, ['red truck']);
  assert.deepEqual(log.taken, [[0, 1, 0, 1, 0]]);
  assert.equal(words.answer.value.text, 'red truck');
});

test('no words ask nothing, and nothing found leaves the selection', async () => {
  const { words, log } = wordsOf({ find: async () => ({ selectedCount: 0, indices: [], matches: [] }) });
  await words.find();
  assert.equal(words.answer.value, null);
  words.text.value = 'blue';
  await words.find();
  assert.deepEqual(log.taken, []);
  assert.equal(words.answer.value.found.matches.length, 0);
});

test('what is lacking is explained; every other refusal is a failure', async () => {
  for (const [code, canPrepare] of [['vocabulary-missing', true], ['model-missing', false], ['busy', undefined]]) {
    const { words, log } = wordsOf({ find: async () => { throw new PageError(code, 409, 'why'); } });
    words.text.value = 'blue';
    await words.find();
    assert.equal(words.lack.value?.canPrepare, canPrepare);
    assert.equal(log.failed.length, canPrepare === undefined ? 1 : 0);
    assert.equal(words.busy.value, false);
  }
});
