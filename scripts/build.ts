// Builds the app into dist/, with the other files that Azure needs. A deployment zips the content
// of dist/.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { buildApp } from './build-app.ts';

await buildApp();
copyFileSync('host.json', 'dist/host.json');
// The package file has no dependencies and scripts: the bundle holds all code, and Azure must not
// build it again.
const { name, version, type } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, string>;
writeFileSync(
  'dist/package.json',
  `${JSON.stringify({ name, version, type, main: 'app/main.mjs' }, undefined, 2)}\n`,
);
