// The real tus-js-client against a running service: sends a file, is cut off in the middle, and goes on in another client.
//   node tus-client.mjs NODE_MODULES ENDPOINT FILE KIND
// Writes one JSON object: the address, the offsets between which it was cut off and went on, and the last one.
import { createReadStream, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [packages, endpoint, file, kind] = process.argv.slice(2);
const { Upload } = createRequire(join(packages, 'package.json'))('tus-js-client');
const size = statSync(file).size;

/** Many requests, so that the cut falls between the first and the last. */
const chunkSize = 64 * 1024;
const options = {
  chunkSize,
  uploadSize: size,
  retryDelays: [0, 100, 200, 400],
  metadata: { kind, filename: 'blobs.ply', note: 'ünïcode' },
};

/** The first client: ends for good once a third has arrived. */
const cut = await new Promise((resolve, reject) => {
  const upload = new Upload(createReadStream(file), {
    ...options,
    endpoint,
    onError: reject,
    onSuccess: () => reject(new Error('It was to be cut off.')),
    onChunkComplete: (_, accepted) => {
      if (accepted > size / 3) {
        upload.abort().then(() => resolve({ url: upload.url, accepted }), reject);
      }
    },
  });
  upload.start();
});

/** The second knows no more than the address. */
const resumed = await new Promise((resolve, reject) => {
  const accepted = [];
  const upload = new Upload(createReadStream(file), {
    ...options,
    uploadUrl: cut.url,
    onError: reject,
    onChunkComplete: (_, offset) => accepted.push(offset),
    onSuccess: () => resolve(accepted),
  });
  upload.start();
});

/** A third is begun and given up. */
const givenUp = await new Promise((resolve, reject) => {
  const upload = new Upload(createReadStream(file), {
    ...options,
    endpoint,
    onError: reject,
    onChunkComplete: () => upload.abort(true).then(() => resolve(upload.url), reject),
  });
  upload.start();
});

console.log(JSON.stringify({ url: cut.url, cutAt: cut.accepted, wentOnTo: resumed[0], ended: resumed.at(-1), givenUp, chunkSize }));
