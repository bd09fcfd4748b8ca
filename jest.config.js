/** Tests run as they are written: TypeScript through esbuild, on the Node that the app runs on. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test', '<rootDir>/simulator/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.(ts|m?js)$': '<rootDir>/scripts/jest-esbuild.cjs' },
  // jose is published as ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  globalSetup: '<rootDir>/test/build-once.cjs',
  globalTeardown: '<rootDir>/test/tidy-up.cjs',
  testSequencer: '<rootDir>/scripts/jest-longest-first.cjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/jest-timeout.ts'],
  // As many as cores: with a third on two of them each test took twice as long, and the whole no less.
  maxWorkers: 2,
};
