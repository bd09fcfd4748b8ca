// Builds the app, and lays beside it what Azure publishes with it: dist/ is the folder whose
// content is zipped.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { buildApp } from './build-app.ts';

await buildApp();
copyFileSync('host.json', 'dist/host.json');
// Without dependencies and scripts: the bundle holds all code, and nobody is to build it anew.
const { name, version, type } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, string>;
writeFileSync(
  'dist/package.json',
  `${JSON.stringify({ name, version, type, main: 'app/main.mjs' }, undefined, 2)}\n`,
);
