// Everything that npm test runs: what needs no browser.
import './clusters/tests/clusters.test.mjs';
import './export/tests/export.test.mjs';
import './prompt/tests/prompt.test.mjs';
import './viewer/tests/viewer.test.mjs';
import './words/tests/words.test.mjs';
