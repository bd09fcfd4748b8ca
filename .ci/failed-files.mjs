// `node .ci/failed-files.mjs RESULTS [AGAIN]` prints the test files that failed, one on each line.
// With AGAIN, the results of a second run of these files, it puts them into RESULTS first.
import { readFileSync, writeFileSync } from 'node:fs';

const [path, pathAgain] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const results = read(path);
if (pathAgain) {
  const again = read(pathAgain);
  const repeated = new Map(again.testResults.map((file) => [file.name, file]));
  results.testResults = results.testResults.map((file) => repeated.get(file.name) ?? file);
  const tests = results.testResults.flatMap((file) => file.assertionResults);
  const count = (status) => tests.filter((test) => test.status === status).length;
  results.numPassedTests = count('passed');
  results.numFailedTests = count('failed');
  results.numFailedTestSuites = results.testResults.filter((file) => file.status === 'failed').length;
  writeFileSync(path, JSON.stringify(results));
}
for (const file of results.testResults) if (file.status === 'failed') console.log(file.name);
