// The tests drive the app as it is deployed, so it is built once before them.
const { execFileSync } = require('node:child_process');
const { join } = require('node:path');

module.exports = () => {
  execFileSync(process.execPath, [join(__dirname, '..', 'scripts', 'build.ts')], { cwd: join(__dirname, '..'), stdio: 'inherit' });
};
