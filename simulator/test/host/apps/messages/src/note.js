const { appendFileSync } = require('node:fs');

/** What a function saw, as a line in a file: it outlives a kill. */
module.exports = (entry) => appendFileSync(process.env.RUNS_FILE, `${JSON.stringify(entry)}\n`);
