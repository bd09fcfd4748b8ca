// Which file may import which: one way between modules, no cycles. The order is in modules.ts.
import { FOLDERS, MODULES, PURE_FILES } from './modules.ts';

const names = MODULES.map(([name]) => name);
const anyOf = (list) => `(${list.join('|')})`;

const onlyBefore = names.slice(0, -1).map((name, place) => ({
  name: `${name}-imports-only-what-stands-before-it`,
  comment: 'The modules of shared/ import in one direction: see modules.ts.',
  severity: 'error',
  from: { path: `^shared/${name}/` },
  to: { path: `^shared/${anyOf(names.slice(place + 1))}/` },
}));

const FOLDER_NAMES = [...Object.keys(FOLDERS), 'scripts', 'test'];

const folderRules = Object.entries(FOLDERS).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-${allowed.join('-')}`,
  comment: 'See FOLDERS in modules.ts.',
  severity: 'error',
  from: { path: `^${folder}/`, pathNot: `^${folder}/test/` },
  to: { path: `^${anyOf(FOLDER_NAMES)}/`, pathNot: `^${anyOf(allowed)}/` },
}));

/** Code without clock, network, store and SDK: the same input gives the same output. */
const PURE = `^shared/([^/]+/rules/|${anyOf(PURE_FILES)})`;

export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every-module-has-its-place',
      comment: 'A folder of shared/ that modules.ts does not name.',
      severity: 'error',
      from: { path: '^shared/', pathNot: `^shared/${anyOf(names)}/` },
      to: {},
    },
    ...onlyBefore,
    ...folderRules,
    {
      name: 'the-simulator-stands-alone',
      comment: 'Its tests, too, know nothing of the product.',
      severity: 'error',
      from: { path: '^simulator/' },
      to: { path: '^(shared|functions|orchestrators|infra|local|scripts|test)/' },
    },
    {
      name: 'the-simulator-names-its-packages',
      comment:
        "What its code loads stands in its own package.json; what its tests load, in the root's. The engine " +
        'real needs Azurite, which only a development machine has.',
      severity: 'error',
      from: { path: '^simulator/', pathNot: '^simulator/(test|host/real-durable)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'rules-are-pure',
      comment: 'Pure code runs only pure code, zod and node:crypto. Types may come from anywhere.',
      severity: 'error',
      from: { path: PURE },
      to: { pathNot: [PURE, '^crypto$', 'node_modules/zod/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'orchestrators-run-only-pure-code',
      comment: 'An orchestrator is replayed: it runs only code that gives the same answer each time.',
      severity: 'error',
      from: { path: '^orchestrators/' },
      to: { pathNot: [PURE, '^orchestrators/', '/durable-functions/'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  },
};
