// Builds the app once before the tests, because the tests drive the deployed form of the app. The
// tests write to a folder that tidy-up.cjs removes afterwards.
const { execFileSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = () => {
  // Every test and every process that a test starts gets this os.tmpdir().
  process.env.TMPDIR = process.env.LIFEBOAT_TEST_FOLDER = mkdtempSync(join(tmpdir(), 'lifeboat-tests-'));
  // Each test starts processes of its own, and all of them would compile the same files again.
  // Compiling is half of the start of a host.
  process.env.NODE_COMPILE_CACHE = join(process.env.TMPDIR, 'compiled');
  const run = (...args) =>
    execFileSync(process.execPath, args, { cwd: join(__dirname, '..'), stdio: 'inherit' });
  run(join(__dirname, '..', 'scripts', 'build.ts'));
  // The tests check every answer against this document.
  process.env.LIFEBOAT_OPENAPI = join(process.env.TMPDIR, 'openapi.json');
  run(join(__dirname, '..', 'scripts', 'render-openapi.ts'), process.env.LIFEBOAT_OPENAPI);
};
