import eslint from 'typescript-eslint';

/** The rooms and what each may import: one way, so that a rule learned in one room cannot leak back into another. */
const ROOMS = [
  {
    room: 'shared/domain',
    refuse: [
      '**/functions/**',
      '**/orchestrators/**',
      '**/simulator/**',
      '**/shared/**',
      '**/{auth,azure,http,jobs,messaging,siterecovery,store}/**',
      '**/{clock,config,errors,ids}.ts',
      '@azure/**',
      'durable-functions',
      'node:*',
    ],
  },
  {
    room: 'shared',
    ignore: ['shared/domain/**'],
    refuse: [
      '**/functions/**',
      '**/orchestrators/**',
      '**/simulator/**',
      '@azure/functions',
      'durable-functions',
    ],
  },
  {
    room: 'orchestrators',
    refuse: ['**/functions/**', '**/simulator/**', '@azure/**', 'node:*'],
    only: '../shared/domain/',
  },
  { room: 'functions', refuse: ['**/simulator/**'] },
  { room: 'simulator', refuse: ['**/functions/**', '**/orchestrators/**', '**/shared/**', '**/test/**'] },
];

const roomRule = ({ room, ignore = [], refuse, only }) => ({
  files: [`${room}/**/*.ts`],
  ignores: ignore,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { group: refuse, message: `${room}/ may not import this: see "Rooms" in ARCHITECTURE.md.` },
          ...(only
            ? [
                {
                  regex: '^\\.\\./shared/(?!domain/)',
                  allowTypeImports: true,
                  message: `${room}/ may import only ${only} (and types).`,
                },
              ]
            : []),
        ],
      },
    ],
  },
});

export default eslint.config(
  { ignores: ['dist/', 'node_modules/', '.simulator/'] },
  {
    files: ['**/*.ts'],
    extends: [...eslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  ...ROOMS.map(roomRule),
  {
    // What an orchestrator reads must be the same at every replay.
    files: ['orchestrators/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'crypto',
        'fetch',
        'process',
        'performance',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random' },
        { object: 'Date', property: 'now' },
        { object: 'Task', property: 'retry' },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'AwaitExpression', message: 'An orchestrator yields, it never awaits.' },
        {
          selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
          message: 'Use context.df.currentUtcDateTime.',
        },
        {
          selector: 'MemberExpression[property.name="lock"]',
          message: 'context.df.lock goes away in durable-functions 4.',
        },
        {
          selector: 'CallExpression[callee.property.name=/WithRetry$/]',
          message: 'Retry inside the activity: a retry task in a race gets other ids in Azure.',
        },
      ],
    },
  },
  {
    files: [
      'simulator/**/*.ts',
      'scripts/**/*.ts',
      'test/bench/**/*.ts',
      'test/chaos/run.ts',
      'test/scenarios/siterecovery/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  { files: ['test/**/*.ts'], rules: { 'max-lines-per-function': 'off' } },
);
