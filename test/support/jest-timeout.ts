// Jest's own time-out, scaled like the waits of the tests.
import { TIMEOUT_FACTOR } from './test-settings.ts';

const SECONDS = 120;
if (TIMEOUT_FACTOR !== 1) jest.setTimeout(SECONDS * TIMEOUT_FACTOR * 1000);
