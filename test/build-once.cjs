// The tests drive the app as it is deployed, so it is built once before them. What they write goes to a folder that is removed after them.
const { execFileSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

module.exports = () => {
  // os.tmpdir() of every test and of every process that it starts.
  process.env.TMPDIR = process.env.LIFEBOAT_TEST_FOLDER = mkdtempSync(join(tmpdir(), 'lifeboat-tests-'));
  // Each test starts processes of its own, which would all compile the same files again: for a host that is a half of its start.
  process.env.NODE_COMPILE_CACHE = join(process.env.TMPDIR, 'compiled');
  const run = (...args) =>
    execFileSync(process.execPath, args, { cwd: join(__dirname, '..'), stdio: 'inherit' });
  run(join(__dirname, '..', 'scripts', 'build.ts'));
  // Every answer that a test gets is held to it.
  process.env.LIFEBOAT_OPENAPI = join(process.env.TMPDIR, 'openapi.json');
  run(join(__dirname, '..', 'scripts', 'render-openapi.ts'), process.env.LIFEBOAT_OPENAPI);
};
