import eslint from 'typescript-eslint';

/** Lines that cannot be split: ARM paths, SQL and HTML. */
const MAY_BE_WIDE = '/providers/|/replication[A-Z]|CREATE TABLE|PRIMARY KEY|SELECT |INSERT |<style|<table|</';

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
      'max-len': [
        'error',
        { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true, ignorePattern: MAY_BE_WIDE },
      ],
      'max-lines': ['error', { max: 420, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 75, skipBlankLines: true, skipComments: true }],
    },
  },
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
      'local/**/*.ts',
      'scripts/**/*.ts',
      'test/bench/**/*.ts',
      'test/chaos/run.ts',
      'test/durable/run.ts',
      'test/scenarios/siterecovery/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts', 'simulator/test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 560, skipBlankLines: true, skipComments: true }],
    },
  },
);
