// Knowledge of a single scenario stays in the folder of its driver.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const PRODUCT = ['shared', 'functions', 'orchestrators', 'infra'];
const SCENARIOS = [
  { folder: 'shared/scenarios/azureToAzure/', words: /A2A|\ba2a|[Aa]zure[ -]?[Tt]o[ -]?[Aa]zure/ },
  { folder: 'shared/scenarios/hyperVToAzure/', words: /HyperVReplica|hyper-?v[ -]?to[ -]?azure/i },
  { folder: 'shared/scenarios/vmwareToAzure/', words: /InMage|vmware[ -]?to[ -]?azure/i },
];

/** The list of drivers, and the names by which documents call them. This list may only shrink. */
const LISTS = ['shared/scenarios/drivers.ts', 'shared/core/scenario.ts'];

interface Source {
  readonly path: string;
  readonly text: string;
}
const sourcesOf = (folder: string): readonly Source[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|json|bicep)$/.test(path))
    .map((path) => join(folder, path).replaceAll('\\', '/'))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

const strays = (sources: readonly Source[]): readonly string[] =>
  SCENARIOS.flatMap(({ folder, words }) =>
    sources
      .filter(({ path }) => !path.startsWith(folder) && !LISTS.includes(path))
      .flatMap(({ path, text }) => {
        const line = text.split('\n').findIndex((candidate) => words.test(candidate));
        return line < 0 ? [] : [`${path}:${line + 1}`];
      }),
  );

test('the code names a scenario only in its own folder and in the list of drivers [OP-9]', () => {
  const sources = PRODUCT.flatMap(sourcesOf);
  expect(sources.length).toBeGreaterThan(300);
  expect(strays(sources)).toEqual([]);
  for (const list of LISTS) expect(sources.map(({ path }) => path)).toContain(list);
});

test.each([
  "if (details.instanceType === 'A2A')",
  'const a2a = details;',
  'details as A2AReplicationDetails',
  "scenario: 'azureToAzure'",
  'import { hyperVToAzure } from',
  "type === 'HyperVReplicaAzure'",
  "type === 'InMageRcm'",
  "scenario: 'vmwareToAzure'",
])('the check finds the name in %s outside of its folder', (text) => {
  expect(strays([{ path: 'shared/jobs/any.ts', text: `\n${text}\n` }])).toEqual(['shared/jobs/any.ts:2']);
});
