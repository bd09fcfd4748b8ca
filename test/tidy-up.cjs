const { rmSync } = require('node:fs');

module.exports = () => {
  const folder = process.env.LIFEBOAT_TEST_FOLDER;
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
};
