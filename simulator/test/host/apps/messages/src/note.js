const { appendFileSync } = require('node:fs');

/** Writes the data that a function received as a line to a file. The file outlives a kill. */
module.exports = (entry) => appendFileSync(process.env.RUNS_FILE, `${JSON.stringify(entry)}\n`);
