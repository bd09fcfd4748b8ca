/** Tests run as they are written: TypeScript through esbuild, on the Node that the app runs on. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.(ts|m?js)$': '<rootDir>/scripts/jest-esbuild.cjs' },
  // jose is published as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  globalSetup: '<rootDir>/test/build-once.cjs',
  globalTeardown: '<rootDir>/test/tidy-up.cjs',
  testSequencer: '<rootDir>/scripts/jest-longest-first.cjs',
  testTimeout: 120_000,
  // Of two cores: whoever waits for a clock or a killed app leaves room for another.
  maxWorkers: 3,
};
