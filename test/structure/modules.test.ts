// The structure check itself: each of its rules refuses an import that breaks the rule.
import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MODULES } from '../../modules.ts';
import { renderModules } from '../../scripts/render-modules.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = ['shared', 'orchestrators', 'functions', 'infra', 'local', 'simulator'];
const CONFIGURED = ['.dependency-cruiser.js', 'modules.ts', 'package.json', 'tsconfig.json'];
const CRUISER = join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

const FORBIDDEN = [
  ['shared/core/ids.ts', '../store/continuationTokens.ts', 'core-imports-only-what-stands-before-it'],
  ['shared/azure/tags.ts', '../jobs/sweep.ts', 'azure-imports-only-what-stands-before-it'],
  ['shared/store/namedDocuments.ts', './queryPlans.ts', 'no-circle'],
  ['shared/plans/rules/nextNodes.ts', '../../core/clock.ts', 'rules-are-pure'],
  ['shared/plans/rules/graph.ts', 'node:fs', 'rules-are-pure'],
  ['orchestrators/phase.ts', '../shared/store/cosmos.ts', 'orchestrators-run-only-pure-code'],
  ['orchestrators/runPlan.ts', '../functions/main.ts', 'orchestrators-imports-only-orchestrators-shared'],
  [
    'functions/main.ts',
    '../simulator/simulator.ts',
    'functions-imports-only-functions-infra-orchestrators-shared',
  ],
  ['simulator/simulator.ts', '../shared/core/ids.ts', 'the-simulator-stands-alone'],
] as const;

test('each rule of the structure refuses a forbidden import, also of a type', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'structure-'));
  try {
    for (const name of [...FOLDERS, ...CONFIGURED])
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const [file, imported] of FORBIDDEN)
      appendFileSync(join(copy, file), `\nexport * from '${imported}';\n`);
    appendFileSync(join(copy, 'shared/store/queryPlans.ts'), "\nexport * from './namedDocuments.ts';\n");
    appendFileSync(join(copy, 'shared/core/hash.ts'), "\nimport type {} from '../alarms/updateAlarms.ts';\n");
    const args = [CRUISER, '--config', '.dependency-cruiser.js', '--output-type', 'json', ...FOLDERS];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: copy, maxBuffer: 1e9 });
    const { summary } = JSON.parse(stdout) as {
      summary: { violations: { from: string; rule: { name: string } }[] };
    };
    const broken = summary.violations.map(({ from, rule }) => `${from} ${rule.name}`);
    const expected = FORBIDDEN.map(([file, , rule]) => `${file} ${rule}`);
    expect(broken).toEqual(expect.arrayContaining(expected));
    expect(broken).toContain('shared/core/hash.ts core-imports-only-what-stands-before-it');
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

test('modules.ts names the existing modules, and ARCHITECTURE.md shows them', () => {
  const folders = readdirSync(join(ROOT, 'shared'), { withFileTypes: true }).filter((dirent) =>
    dirent.isDirectory(),
  );
  expect(MODULES.map(([name]) => name).sort()).toEqual(folders.map(({ name }) => name).sort());
  const document = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  expect(renderModules(document)).toBe(document);
});
