// Installs the page's packages and builds it into wwwroot, each only where something changed. Called by Page.targets.
//   node build/build.mjs STAMP
// One at a time: several projects that need the service may be built in parallel, by one or by several MSBuild processes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = process.argv[2];
const packages = join(page, 'node_modules');
const packagesStamp = join(packages, '.installed');
const built = join(page, '..', 'wwwroot', 'index.html');
const lock = `${stamp}.lock`;

const pollMs = 200;

function fail(message) {
  // The form that MSBuild shows as an error.
  console.error(`Saga.Api/Page : error PAGE0001: ${message}`);
  process.exit(1);
}

function run(what, command, args) {
  const result = spawnSync(command, args, { cwd: page, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.error) {
    fail(`${what} did not start (${result.error.message}). npm comes with Node.js: https://nodejs.org`);
  }

  if (result.status !== 0) {
    console.error(`${result.stdout}${result.stderr}`);
    fail(`${what} failed; the lines above say why.`);
  }
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(relative(page, file).replaceAll('\\', '/')).update('\0').update(readFileSync(file)).update('\0');
  }

  return hash.digest('hex');
}

function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.name !== 'node_modules')
    .flatMap(entry => entry.isDirectory() ? sourcesIn(join(folder, entry.name)) : [join(folder, entry.name)])
    .sort();
}

const isCurrent = (file, hash) => existsSync(file) && readFileSync(file, 'utf8') === hash;

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || major === 21 || (major === 20 && minor < 19) || (major === 22 && minor < 12)) {
    fail(`The page is built with Node.js 20.19 or later, or 22.12 or later; this is ${process.versions.node}. Get one from https://nodejs.org`);
  }
}

/** Whether the process that wrote the lock has ended without taking it away, as one that is killed does. */
function isAbandoned() {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // Empty for the moment between its making and its writing.
    if (owner > 0) {
      process.kill(owner, 0);
    }

    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function takeLock() {
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') {
        throw error;
      }
    }

    if (isAbandoned()) {
      rmSync(lock, { force: true });
    } else {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
    }
  }
}

checkNode();
takeLock();
process.on('exit', () => rmSync(lock, { force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(1));
}

const lockFileHash = hashOf([join(page, 'package.json'), join(page, 'package-lock.json'), join(page, '.npmrc')]);
if (!isCurrent(packagesStamp, lockFileHash)) {
  console.log('Installing the packages of the page');
  run('npm ci', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  writeFileSync(packagesStamp, lockFileHash);
}

const sourceHash = hashOf(sourcesIn(page));
if (!existsSync(built) || !isCurrent(stamp, sourceHash)) {
  console.log('Building the page');
  run('The type check of the page', process.execPath, [join(packages, 'typescript', 'bin', 'tsc'), '--noEmit']);
  run('vite build', process.execPath, [join(packages, 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn']);
}

// Also where only times changed: MSBuild compares those.
writeFileSync(stamp, sourceHash);
