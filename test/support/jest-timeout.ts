// The time-out of tests and hooks, scaled like the waits of the tests.
import { DEFAULT_TIMEOUT_MS } from './test-settings.ts';

jest.setTimeout(DEFAULT_TIMEOUT_MS);
